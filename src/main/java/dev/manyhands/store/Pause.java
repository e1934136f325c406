package dev.manyhands.store;

import java.time.Duration;

/** The wait of the writer before it tries an unreachable database again. */
@FunctionalInterface
interface Pause {

  Pause SLEEP = Thread::sleep;

  void pause(Duration duration) throws InterruptedException;
}
