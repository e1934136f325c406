package dev.manyhands.outside;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The pauses of a thread that does harm at random, until another thread ends them. */
final class Pauses {
  private final RandomGenerator random;
  private final CountDownLatch end = new CountDownLatch(1);

  Pauses(RandomGenerator random) {
    this.random = random;
  }

  /** Ends the present pause and all later ones. Safe for use by any thread. */
  void end() {
    end.countDown();
  }

  /**
   * Waits for a random number of milliseconds between these two.
   *
   * @return whether it is time to end
   */
  boolean pause(int least, int most) {
    try {
      return end.await(random.nextInt(least, most), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
