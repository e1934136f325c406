package dev.manyhands.model.json;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost to check and cut one item out of an array, by kind of item. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class InputSplittingBenchmark {
  private static final int ITEMS = 100_000;

  @Param({"int", "pair", "string", "object"})
  String kind;

  private byte[] array;

  @Setup
  public void setup() {
    var text = new StringBuilder("[");
    for (int i = 0; i < ITEMS; i++) {
      text.append(i == 0 ? "" : ",")
          .append(
              switch (kind) {
                case "int" -> Integer.toString(100_000_000 + i);
                case "pair" -> "[" + (1_963_309 + i) + "," + (2_265_973 + i) + "]";
                case "string" -> "\"" + "x".repeat(100) + "\"";
                default -> "{\"id\":" + i + ",\"name\":\"item " + i + "\",\"tags\":[\"a\",\"b\"]}";
              });
    }
    array = text.append(']').toString().getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public Object joinFromArray() {
    return JoinedValues.fromArray(array, 0, ITEMS, JsonLimits.DEFAULT);
  }

  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public long splitStream() {
    var scanner = new JsonScanner(new ByteArrayInputStream(array), JsonLimits.DEFAULT);
    scanner.expect('[');
    long sum = 0;
    do {
      sum += scanner.value();
    } while (scanner.take(','));
    scanner.expect(']');
    return sum;
  }
}
