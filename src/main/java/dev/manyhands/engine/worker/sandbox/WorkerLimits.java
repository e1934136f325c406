package dev.manyhands.engine.worker.sandbox;

import com.sun.management.OperatingSystemMXBean;
import dev.manyhands.model.JobSpec;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The resources of the machine that workers may use; 0 for no limit.
 *
 * @param memoryBytes the memory that a worker may hold if its job does not specify the memory
 * @param memoryBudgetBytes the memory that all busy workers may hold together
 * @param openFiles the most open files of each process
 * @param processes the most processes of the user that the workers run as; the system does not
 *     apply this limit to root
 * @param fileBytes the longest file that they may write
 * @param cpuTime the processor time that an item may use, including all processes that it starts
 * @param scratchBytes the bytes that a worker's own directory may hold
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

  /** Returns whether the operating system must enforce any of the limits. */
  boolean needTheSystem() {
    return memoryBytes > 0
        || memoryBudgetBytes > 0
        || openFiles > 0
        || processes > 0
        || fileBytes > 0;
  }

  /** Returns the memory of this machine in bytes. */
  public static long machineMemoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /** Returns the processor time that an item of this job may use; null for no limit. */
  public @Nullable Duration cpuTimeOf(JobSpec spec) {
    Duration asked = spec.timeouts().cpu();
    if (!cpuTime.isPositive()) {
      return asked;
    }
    // A job may have been accepted under a higher limit.
    return asked == null || asked.compareTo(cpuTime) > 0 ? cpuTime : asked;
  }

  /**
   * Returns the bytes that a worker of this job may hold if there are {@code slots} slots; 0 for no
   * limit.
   */
  public long memoryOf(JobSpec spec, int slots) {
    if (spec.memory() != null) {
      return spec.memory();
    }
    // A job that sets no memory gets the default. Without a default, it gets an equal share of the
    // budget, so that every slot can be used.
    return memoryBytes > 0 ? memoryBytes : memoryBudgetBytes / slots;
  }
}
