package dev.manyhands.job;

import java.util.Map;

/**
 * How large the chunks of a job were, and why.
 *
 * @param least items of the smallest; 0 before there was one
 * @param most items of the largest
 * @param chunks how many had their size for which reason
 */
public record ChunkSizes(long least, long most, Map<Why, Long> chunks) {
  public static final ChunkSizes NONE = new ChunkSizes(0, 0, Map.of());

  public ChunkSizes {
    chunks = Map.copyOf(chunks);
  }

  /** What decided the size of a chunk. */
  public enum Why {
    /** The user chose the size, or the number of chunks. */
    ASKED_FOR,
    /** Nothing was measured yet. */
    FIRST,
    /** Sizes rise step by step, as one odd item must not mislead them. */
    GROWING,
    /** The chunk should take the time that a chunk should take. */
    TARGET_TIME,
    /** Results of a larger one would take much memory. */
    RESULT_BYTES,
    /** Near the end chunks shrink, so that all workers finish together. */
    TAIL,
    /** Less would not be worth a message. */
    WORTHWHILE,
    /** No more items lay together. */
    ALL_THERE_WAS,
    /** An item that is tried again, or that may have killed its worker, runs alone. */
    ALONE,
    /** An earlier service made the chunk; the reason is not stored. Each report counts as one. */
    BEFORE_RESTART
  }
}
