package dev.manyhands.worker;

import java.io.IOException;

/** How the service talks with one worker. One thread sends, one other receives. */
interface WorkerChannel {

  /** Sends; may block while the worker does not read. */
  void send(Order order) throws IOException;

  /** Passes on what the worker says, until it ends. */
  void receive() throws IOException;

  /**
   * Explains to the user why the worker may never have answered; empty if it has, or may still be
   * at work. May be called by any thread.
   */
  default String unanswered(boolean hasPrinted) {
    return "";
  }
}
