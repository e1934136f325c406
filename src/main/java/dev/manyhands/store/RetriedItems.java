package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.ParentItems;
import java.util.Optional;

/**
 * Which items of its parent a retry tries again. Safe for use by any thread. Reads block the
 * calling thread, and throw {@link JobGoneException} when the retry was deleted.
 */
public interface RetriedItems {
  /**
   * Returns the origins of the items in one segment of a retry, the segment with this item. Empty
   * if the job is no retry, or is one of an earlier version.
   */
  Optional<ParentItems> at(JobId retry, long index);

  /**
   * Returns the origins of the items in one segment of a retry. The segment is the first with an
   * item whose index in the parent is {@code parent} or higher; empty if there is none.
   */
  Optional<ParentItems> from(JobId retry, long parent);
}
