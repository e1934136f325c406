package dev.manyhands.store;

import dev.manyhands.model.JobId;

/**
 * A job was deleted while it was read. The part that was read before is right; nothing is known of
 * the rest. A reader must not treat missing items as items that never ran.
 */
public final class JobGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JobGoneException(JobId job) {
    super("there is no job " + job + " any more: it was deleted while it was read");
  }
}
