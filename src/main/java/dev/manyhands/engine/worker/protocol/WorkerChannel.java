package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.WorkerMessage;
import java.io.IOException;

/** The communication of the service with one worker. One thread sends, one other receives. */
public interface WorkerChannel {

  /** Sends; may block while the worker does not read. */
  void send(WorkerMessage order) throws IOException;

  /** Passes on the worker's messages, until the worker ends. */
  void receive() throws IOException;

  /**
   * Ends the waits of items of these chunks for shared objects. May be called by any thread;
   * returns at once.
   */
  default void stopWaits(long throughChunk) {}

  /** Gives back what the worker held of shared objects. Called once its process has ended. */
  default void ended() {}

  /**
   * Explains to the user why the worker may never have answered. Empty if it has answered, or may
   * still be at work. May be called by any thread.
   */
  default String unanswered(boolean hasPrinted) {
    return "";
  }
}
