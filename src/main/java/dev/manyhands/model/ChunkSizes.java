package dev.manyhands.model;

import java.util.Map;

/**
 * The sizes of the chunks of a job, and the reasons for them.
 *
 * @param least items of the smallest chunk; 0 before the first chunk
 * @param most items of the largest chunk
 * @param chunks number of chunks by the reason for their size
 */
public record ChunkSizes(long least, long most, Map<Why, Long> chunks) {
  public static final ChunkSizes NONE = new ChunkSizes(0, 0, Map.of());

  public ChunkSizes {
    chunks = Map.copyOf(chunks);
  }

  /** The reason for the size of a chunk. */
  public enum Why {
    /** The user chose the size, or the number of chunks. */
    ASKED_FOR,
    /** Nothing was measured yet. */
    FIRST,
    /** Sizes rise step by step, so that one unusual item does not mislead them. */
    GROWING,
    /** The chunk should take the target time of a chunk. */
    TARGET_TIME,
    /** Results of a larger chunk would take much memory. */
    RESULT_BYTES,
    /** Near the end chunks shrink, so that all workers finish together. */
    TAIL,
    /** A smaller chunk would not be worth a message. */
    WORTHWHILE,
    /** The worker may run no more items: {@link Recycle}. */
    RECYCLE,
    /** No more consecutive items were available. */
    ALL_THERE_WAS,
    /**
     * The items are tried again, or may have killed their worker or the service. They share no
     * chunk with other items.
     */
    ALONE,
    /** An earlier service made the chunk; the reason is not stored. Each report counts as one. */
    BEFORE_RESTART
  }
}
