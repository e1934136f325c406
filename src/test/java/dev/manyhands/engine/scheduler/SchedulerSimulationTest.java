package dev.manyhands.engine.scheduler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Plays 2,000 histories, and compares the actions of the core with recorded ones: a change of the
 * code that should not change a decision changes none.
 *
 * <p>{@code -Dsimulation.seed=N} plays one history and writes its actions to {@code
 * target/actions/N.txt}. The files of two checkouts show the first difference. {@code
 * -Dactions=write} records all actions again, after a change of the rules.
 */
class SchedulerSimulationTest {
  private static final Path RECORDED = Path.of("src", "test", "resources", "actions.txt");
  private static final int RUNS = 2_000;

  @Test
  void noHistoryOfFaultsBreaksAPromiseOrIsDecidedOtherwise() throws IOException {
    Long only = Long.getLong("simulation.seed");
    if (only != null) {
      write(only);
      return;
    }
    var digests = new ArrayList<String>();
    for (long seed = 0; seed < RUNS; seed++) {
      digests.add(digest(seed));
    }
    if ("write".equals(System.getProperty("actions"))) {
      Files.write(RECORDED, digests);
    }
    var recorded = Files.readAllLines(RECORDED);
    assertThat(recorded).hasSize(RUNS);
    assertThat(
            IntStream.range(0, RUNS).filter(i -> !recorded.get(i).equals(digests.get(i))).boxed())
        .as("seeds of histories that are decided otherwise than recorded")
        .isEmpty();
  }

  /** These come from more random numbers, so that the recorded histories stay. */
  @Test
  void noHistoryWithRecycledWorkersAndCancelledItemsBreaksAPromise() {
    for (long seed = 0; seed < RUNS; seed++) {
      Simulation.run(seed);
    }
  }

  private static void write(long seed) throws IOException {
    var file = Path.of("target", "actions", seed + ".txt");
    Files.createDirectories(file.getParent());
    try (var text = Files.newBufferedWriter(file)) {
      Simulation.run(
          seed,
          action -> {
            try {
              text.append(ActionText.of(action)).append('\n');
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** The first 16 digits of the SHA-256 of all actions of a history. */
  private static String digest(long seed) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      Simulation.run(seed, action -> digest.update((ActionText.of(action) + '\n').getBytes(UTF_8)));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
