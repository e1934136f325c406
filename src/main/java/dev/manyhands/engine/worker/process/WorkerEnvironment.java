package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The variables of all workers. A worker inherits nothing, because the service's own environment
 * contains its secrets.
 *
 * @param added the variables that the settings add; they replace the standard ones
 */
record WorkerEnvironment(Map<String, String> added) {

  /**
   * Replaces an environment.
   *
   * @param home the working directory
   */
  void set(Map<String, String> environment, Path home) {
    environment.clear();
    environment.put("PATH", Executables.path());
    environment.put("LANG", "C.UTF-8");
    environment.put("HOME", home.toString());
    environment.put("TMPDIR", home.toString());
    // The order of a Python set of strings must be equal in all workers, so that equal inputs have
    // equal results.
    environment.put("PYTHONHASHSEED", "0");
    // The pool already uses every processor. Threads inside numeric libraries would only compete
    // for them.
    for (String library : List.of("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")) {
      environment.put(library + "_NUM_THREADS", "1");
    }
    environment.putAll(added);
  }
}
