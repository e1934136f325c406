package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guard of the benchmarks reports what became worse, and nothing else, by its exit code. */
class BenchGuardTest {
  @TempDir Path directory;

  @BeforeEach
  void python() {
    Requirements.python();
  }

  @Test
  void aFigureThatGotWorseByMoreThanItsToleranceFails() throws Exception {
    var judged = judge(figure("ratio", 1.00, false, 0.10), figure("ratio", 1.11, false, 0.10));
    assertThat(judged.exit).isEqualTo(1);
    assertThat(judged.text).contains("WORSE  gcd ratio: 1 -> 1.11 (+11 %, 10 % allowed)");
  }

  @Test
  void whatMayBeWithinItsTolerancePasses() throws Exception {
    var judged = judge(figure("ratio", 1.00, false, 0.10), figure("ratio", 1.09, false, 0.10));
    assertThat(judged.exit).isZero();
    assertThat(judged.text).contains("0 of 1 figures worse than they may be");
  }

  @Test
  void aFigureThatShouldBeHighFailsWhenItFell() throws Exception {
    var judged = judge(figure("rate", 5.0, true, 0.15), figure("rate", 4.0, true, 0.15));
    assertThat(judged.exit).isEqualTo(1);
    assertThat(judge(figure("rate", 5.0, true, 0.15), figure("rate", 9.0, true, 0.15)).exit)
        .isZero();
  }

  @Test
  void theToleranceOfTheBaselineCounts() throws Exception {
    assertThat(judge(figure("p99", 1, false, 0.10), figure("p99", 1.5, false, 9.0)).exit)
        .isEqualTo(1);
  }

  @Test
  void aRowThatOnlyOneFileHasIsToldAndPasses() throws Exception {
    var judged = judge(figure("ratio", 1, false, 0.10), figure("other", 7, false, 0.10));
    assertThat(judged.exit).isZero();
    assertThat(judged.text).contains("gcd ratio").contains("gcd other").contains("0 of 0 figures");
  }

  @Test
  void theSmallFormIsNotComparedWithTheWhole() throws Exception {
    String whole = figure("ratio", 1, false, 0.10);
    var judged = judge(whole, whole.replace("\"quick\": false", "\"quick\": true"));
    assertThat(judged.exit).isEqualTo(2);
    assertThat(judged.text).contains("one of them is of --quick").doesNotContain("figures worse");
  }

  private record Judged(int exit, String text) {}

  private Judged judge(String before, String after) throws Exception {
    Path baseline = Files.writeString(directory.resolve("before.json"), before);
    Path current = Files.writeString(directory.resolve("after.json"), after);
    var process =
        new ProcessBuilder("python3", "src/bench/guard.py", baseline.toString(), current.toString())
            .redirectErrorStream(true)
            .start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Judged(process.waitFor(), text);
  }

  private static String figure(String name, double value, boolean atLeast, double tolerance) {
    return """
    {"quick": false, "rows": [{"key": "gcd", "figures": [
      {"name": "%s", "value": %s, "at_least": %s, "tolerance": %s, "unit": ""}]}]}
    """
        .formatted(name, value, atLeast, tolerance);
  }
}
