package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobSpec;
import java.util.function.ToLongFunction;

/**
 * Limits the memory that all busy workers may hold together. With its first chunk, a slot takes the
 * memory that a worker of the job may hold. With its last chunk, the slot gives this memory back.
 * Owned by the scheduler thread.
 */
final class MemoryBudget {
  private final long most;
  private final ToLongFunction<JobSpec> memoryOf;
  private long taken;

  /**
   * @param most the bytes that all busy workers may hold together; 0 for no limit
   * @param memoryOf returns the bytes that one worker of a job may hold
   */
  MemoryBudget(long most, ToLongFunction<JobSpec> memoryOf) {
    this.most = most;
    this.memoryOf = memoryOf;
  }

  /**
   * Returns whether there is room for one more worker of this job. There always is room if no other
   * worker is busy.
   */
  boolean hasRoomFor(JobRun run) {
    return most == 0 || taken == 0 || taken + memoryOf.applyAsLong(run.spec()) <= most;
  }

  void take(JobRun run) {
    taken += memoryOf.applyAsLong(run.spec());
  }

  void giveBack(JobRun run) {
    taken -= memoryOf.applyAsLong(run.spec());
  }

  /** Recounts the memory of these slots, after a fault that may have left the sum wrong. */
  void recount(Slots slots) {
    taken = 0;
    for (SlotState slot : slots) {
      if (slot.running != null) {
        take(slot.running.run);
      }
    }
  }
}
