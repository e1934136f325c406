package dev.manyhands.engine.worker.pool;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSimulationTest {
  @TempDir private Path directory;

  @Test
  void noHistoryOfHostileWorkersBreaksAPromise() {
    // A failure names its seed; `-Dsimulation.seed=N` plays that one again.
    Long only = Long.getLong("simulation.seed");
    if (only != null) {
      NodeSimulation.run(only, directory);
      return;
    }
    int runs = Integer.getInteger("simulation.runs", 2_000);
    for (long seed = 0; seed < runs; seed++) {
      NodeSimulation.run(seed, directory);
    }
  }
}
