package dev.manyhands.worker;

import com.sun.management.OperatingSystemMXBean;
import dev.manyhands.job.JobSpec;
import java.lang.management.ManagementFactory;

/**
 * What workers may use of the machine; 0 for no limit.
 *
 * @param memoryBytes that a worker may hold whose job does not say how much it needs
 * @param memoryBudgetBytes that workers which run something may hold together
 * @param openFiles of each process
 * @param processes of the user that the workers run as; the system does not apply it to root
 * @param fileBytes the longest file that they may write
 */
public record WorkerLimits(
    long memoryBytes, long memoryBudgetBytes, int openFiles, int processes, long fileBytes) {
  public static final WorkerLimits NONE = new WorkerLimits(0, 0, 0, 0, 0);

  /** What this machine has, in bytes. */
  public static long machineMemoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /** Bytes that a worker of this job may hold on so many slots; 0 for no limit. */
  public long memoryOf(JobSpec spec, int slots) {
    if (spec.memory() != null) {
      return spec.memory();
    }
    // Whoever does not say how much gets what leaves room for all.
    return memoryBytes > 0 ? memoryBytes : memoryBudgetBytes / slots;
  }
}
