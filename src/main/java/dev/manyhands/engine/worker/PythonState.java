package dev.manyhands.engine.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configured Python interpreter, as it described itself. */
public sealed interface PythonState {

  /**
   * An interpreter that runs. It may still be too old for workers.
   *
   * @param version such as {@code 3.12.4}
   * @param implementation such as {@code CPython}
   * @param environment {@code system}, {@code virtualenv} or {@code conda}
   * @param platform the system that the interpreter was built for and runs on, in its own words
   * @param packages the packages that functions can import besides the standard library, sorted by
   *     name
   * @param packagesLeftOut the number of packages beyond the limit
   */
  record Found(
      String version,
      String implementation,
      String environment,
      String platform,
      List<Library> packages,
      int packagesLeftOut)
      implements PythonState {

    public Found {
      packages = List.copyOf(packages);
    }

    /** Returns whether this version is too old for the worker's code. */
    public boolean isTooOld() {
      String[] parts = version.split("\\.", -1);
      int major = Integer.parseInt(parts[0]);
      return major < 3 || (major == 3 && Integer.parseInt(parts[1]) < 9);
    }

    /** Returns a package; null if functions cannot import it. */
    public @Nullable Library find(String name) {
      return packages.stream().filter(found -> found.name().equals(name)).findFirst().orElse(null);
    }
  }

  /**
   * A package or module that functions can import.
   *
   * @param name the name to import
   * @param distribution the name to install; null if it is not known
   * @param version the version of the distribution; null if it is not known
   */
  record Library(String name, @Nullable String distribution, @Nullable String version) {}

  /**
   * An interpreter that cannot be used.
   *
   * @param fault the predicate of a sentence about the interpreter, such as {@code does not run as
   *     Python}
   */
  record Broken(String fault) implements PythonState {}
}
