package dev.manyhands.store.writer;

import dev.manyhands.store.DatabaseInUseException;
import dev.manyhands.store.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until an earlier service is gone, and then admits the one that starts. The server may take
 * half a minute to notice that a host was lost.
 */
public final class Admission {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  /**
   * How many attempts to reach the database may fail in all. The start fails with the last of them.
   */
  private static final int MOST_TRIES = 11;

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(2);

  private final WriterSession session;
  private final Pause pause;
  private int triesLeft = MOST_TRIES;

  public Admission(WriterSession session, Pause pause) {
    this.session = session;
    this.pause = pause;
  }

  /**
   * Takes the right to write. Blocks while another service has it.
   *
   * @throws DatabaseInUseException when the patience is over
   * @throws StoreException when the database cannot be reached
   */
  public void await(Duration patience) {
    long start = System.nanoTime();
    boolean isTold = false;
    try {
      String holder = lookForHolder();
      while (holder != null) {
        if (System.nanoTime() - start >= patience.toNanos()) {
          throw new DatabaseInUseException(holder, patience.toSeconds());
        }
        if (!isTold) {
          isTold = true;
          log.warn(
              "the database is used by another service, {}; waiting up to {} s for its end",
              holder,
              patience.toSeconds());
        }
        pause.pause(BETWEEN_LOOKS);
        holder = lookForHolder();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new StoreException("the start was interrupted", stopped);
    }
  }

  private @Nullable String lookForHolder() throws InterruptedException {
    while (true) {
      try {
        return session.tryTake();
      } catch (SQLException failure) {
        triesLeft--;
        if (triesLeft <= 0) {
          throw StoreException.notPrepared(failure);
        }
        log.debug("the database cannot be reached yet", failure);
        pause.pause(BETWEEN_TRIES);
      }
    }
  }
}
