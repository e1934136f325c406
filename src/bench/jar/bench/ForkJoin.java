package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The peer of Java functions: a {@link ForkJoinPool} in a program that has the numbers in memory
 * and keeps the results there.
 *
 * <p>Reads lines from stdin. {@code items} and numbers, separated by blanks, set the items. The
 * name of a function runs it over the items. The answer has the nanoseconds of this run and the
 * results, separated by blanks.
 */
public final class ForkJoin {
  private ForkJoin() {}

  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var pool = new ForkJoinPool(Integer.parseInt(args[0]))) {
      long[] items = {};
      for (String line; (line = in.readLine()) != null; ) {
        if (line.startsWith("items ")) {
          items = Arrays.stream(line.substring(6).split(" ")).mapToLong(Long::parseLong).toArray();
        } else {
          answer(pool, line, items);
        }
      }
    }
  }

  private static void answer(ForkJoinPool pool, String function, long[] items) {
    long start = System.nanoTime();
    Object[] results =
        switch (function) {
          case "gcd" ->
              map(pool, items.length / 2, i -> Functions.gcd(items[2 * i], items[2 * i + 1]));
          case "check_prime" -> map(pool, items.length, i -> Functions.checkPrime(items[i]));
          case "identity" -> map(pool, items.length, i -> items[i]);
          case "sum" -> new Object[] {sum(pool, items)};
          default -> throw new IllegalArgumentException(function);
        };
    long nanos = System.nanoTime() - start;
    System.out.println(
        nanos + " " + Arrays.stream(results).map(String::valueOf).collect(Collectors.joining(" ")));
  }

  private static Object[] map(ForkJoinPool pool, int count, Function<Integer, Object> function) {
    return pool.submit(() -> IntStream.range(0, count).parallel().boxed().map(function).toArray())
        .join();
  }

  private static long sum(ForkJoinPool pool, long[] items) {
    return pool.submit(() -> Arrays.stream(items).parallel().sum()).join();
  }
}
