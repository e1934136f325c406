package dev.manyhands.store.writer;

import java.time.Duration;

/** The wait of the writer before it tries an unreachable database again. */
@FunctionalInterface
public interface Pause {

  Pause SLEEP = Thread::sleep;

  void pause(Duration duration) throws InterruptedException;
}
