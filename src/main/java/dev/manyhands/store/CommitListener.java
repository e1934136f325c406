package dev.manyhands.store;

import java.time.Duration;

/** Receives every commit, on the writer's thread, and must be quick. */
@FunctionalInterface
public interface CommitListener {

  CommitListener NONE = (rows, took) -> {};

  /**
   * A group of writes is on disk.
   *
   * @param rows how many writes shared the commit
   * @param took from the beginning of the group to the end of the commit; includes the time to open
   *     a connection
   */
  void committed(int rows, Duration took);
}
