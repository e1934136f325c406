package dev.manyhands.store;

import java.time.Duration;

/** How the writer waits before it tries a database again that was away. */
@FunctionalInterface
interface Pause {

  Pause SLEEP = Thread::sleep;

  void pause(Duration duration) throws InterruptedException;
}
