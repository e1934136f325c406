package dev.manyhands.worker;

import com.sun.management.OperatingSystemMXBean;
import dev.manyhands.job.JobSpec;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What workers may use of the machine; 0 for no limit.
 *
 * @param memoryBytes that a worker may hold whose job does not say how much it needs
 * @param memoryBudgetBytes that workers which run something may hold together
 * @param openFiles of each process
 * @param processes of the user that the workers run as; the system does not apply it to root
 * @param fileBytes the longest file that they may write
 * @param cpuTime processor time that an item may use, with all that it starts
 * @param scratchBytes that may lie in a worker's own directory
 */
public record WorkerLimits(
    long memoryBytes,
    long memoryBudgetBytes,
    int openFiles,
    int processes,
    long fileBytes,
    Duration cpuTime,
    long scratchBytes) {
  public static final WorkerLimits NONE = new WorkerLimits(0, 0, 0, 0, 0, Duration.ZERO, 0);

  /** Whether any of them is for the operating system to keep. */
  boolean needTheSystem() {
    return memoryBytes > 0
        || memoryBudgetBytes > 0
        || openFiles > 0
        || processes > 0
        || fileBytes > 0;
  }

  /** What this machine has, in bytes. */
  public static long machineMemoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /** Processor time that an item of this job may use; null for no limit. */
  public @Nullable Duration cpuTimeOf(JobSpec spec) {
    Duration asked = spec.timeouts().cpu();
    if (!cpuTime.isPositive()) {
      return asked;
    }
    // A job may have been accepted when more was allowed.
    return asked == null || asked.compareTo(cpuTime) > 0 ? cpuTime : asked;
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
