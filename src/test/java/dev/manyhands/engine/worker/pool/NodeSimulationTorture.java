package dev.manyhands.engine.worker.pool;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link NodeSimulationTest}, with as many histories as minutes allow, and others each time: the
 * first seed is printed.
 */
class NodeSimulationTorture {
  private static final long FIRST = Long.getLong("simulation.first", System.nanoTime() >>> 8);

  @TempDir private Path directory;

  @Test
  void noneOfManyHistoriesBreaksAPromise() {
    int runs = Integer.getInteger("simulation.runs", 50_000);
    System.out.printf(
        "NodeSimulationTorture: -Dsimulation.first=%d -Dsimulation.runs=%d%n", FIRST, runs);
    for (long seed = FIRST; seed < FIRST + runs; seed++) {
      NodeSimulation.run(seed, directory);
    }
  }
}
