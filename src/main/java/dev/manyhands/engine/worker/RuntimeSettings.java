package dev.manyhands.engine.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the programs that run functions.
 *
 * @param environment the variables that every worker gets in addition to the few standard ones
 * @param python the interpreter: a path or a name on the PATH
 * @param javaOptions the options of the JVM that runs Java functions
 * @param jarDirectory the directory of the jars with Java functions
 * @param installation the directory of the running service's own files; null if the service is one
 *     jar
 */
public record RuntimeSettings(
    Map<String, String> environment,
    String python,
    List<String> javaOptions,
    Path jarDirectory,
    @Nullable Path installation) {

  public RuntimeSettings {
    environment = Map.copyOf(environment);
    javaOptions = List.copyOf(javaOptions);
  }
}
