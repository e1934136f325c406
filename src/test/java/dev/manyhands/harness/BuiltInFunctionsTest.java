package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The built-in functions of Java and Python have equal results, for good items and for bad ones.
 */
class BuiltInFunctionsTest {
  private static final String SEEDED = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":1}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gcd | Gcd | [[12,18],[7,13],[1,1],[100000,75000],[0,3],"x",[1]] | [6,1,1,25000,null,null,null]
          check_prime | CheckPrime | [-7,0,1,2,3,4,25,49,97,1000003,2147483647,"x",1.5] | \
          [false,false,false,true,true,false,false,false,true,true,true,null,null]
          check_prime_range | CheckPrimeRange | [[15,2,4],[15,4,9],[49,5,8],[13,2,99],[2,2,9],[15,1,4],"x",7] | \
          [3,null,7,null,null,null,null,null]
          sum_of_squares | SumOfSquares | [0,1,2,10,100000,-1,null] | \
          [0,0,1,285,333328333350000,null,null]
          cpu_heavy | CpuHeavy | [0,1,1000,"x"] | [42,1250496027,1363713826,null]
          io_heavy | IoHeavy | [0,0.001,{"sleep":0.001},{"write":100000},{"write":0},-1,"x",{}] | \
          [0,0.001,0.001,100000,0,null,null,null]
          dot | Dot | [0,1,20,1000,[[1,2],[3,4.5]],[[],[]],[[1],[1,2]],"x"] | \
          [0.0,0.0,264.0,14955.0,12.0,0.0,null,null]
          """)
  void bothLanguagesAgree(String name, String className, String items, String results)
      throws Exception {
    try (var java = Workers.java("dev.manyhands.harness.builtin." + className)) {
      java.send(SEEDED);
      assertThat(java.run(1, 0, items).values()).isEqualTo(results);
    }
    try (var python = Workers.PYTHON.start()) {
      python.send(Workers.loadPython(source(name), name));
      var loaded = python.next();
      assumeFalse(
          loaded.toString().contains("No module named 'numpy'"),
          "SKIPPED, AND dot.py IS NOT TESTED: this python3 has no numpy");
      assertThat(loaded.op()).isEqualTo("loaded");
      python.send(SEEDED);
      var answer = python.run(1, 0, items);
      assertThat(answer.values()).isEqualTo(results);
      assertThat(answer.errors())
          .allSatisfy(error -> assertThat(error.path("type").asString()).isEqualTo("ValueError"));
    }
  }

  @Test
  void bothEstimateTheSamePi() throws Exception {
    try (var java = Workers.java("dev.manyhands.harness.builtin.EstimatePi");
        var python = Workers.python(source("estimate_pi"), "estimate_pi")) {
      for (var worker : new WorkerProcess[] {java, python}) {
        worker.send(SEEDED);
        String inside = worker.run(1, 0, "[100000]").values().replaceAll("\\D", "");
        assertThat(4 * Double.parseDouble(inside) / 100_000).isBetween(3.12, 3.16);
        assertThat(worker.run(2, 0, "[100000]").values()).isEqualTo("[" + inside + "]");
      }
    }
  }

  private static String source(String name) throws Exception {
    return Files.readString(Path.of("src/main/functions", name + ".py"));
  }
}
