package dev.manyhands.function;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Functions that are always available, so that a first try needs nothing but Java. */
public final class BuiltIns {
  private static final String PACKAGE = "dev.manyhands.harness.builtin.";
  private final Map<String, Function> functions = new TreeMap<>();

  public BuiltIns() {
    add("gcd", "Gcd");
    add("check_prime", "CheckPrime");
    add("check_prime_range", "CheckPrimeRange");
    add("estimate_pi", "EstimatePi");
    add("sum_of_squares", "SumOfSquares");
    add("cpu_heavy", "CpuHeavy");
    add("io_heavy", "IoHeavy");
    add("dot", "Dot");
  }

  private void add(String name, String className) {
    var definition = new JavaClass(PACKAGE + className, null, null);
    functions.put(name, new Function(name, FunctionDigest.of(definition), definition));
  }

  public Optional<Function> find(String name) {
    return Optional.ofNullable(functions.get(name));
  }

  /** Returns the functions, sorted by name. */
  public Collection<Function> all() {
    return functions.values();
  }
}
