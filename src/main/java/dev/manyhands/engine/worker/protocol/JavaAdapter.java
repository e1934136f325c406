package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.function.JarDirectory;
import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs Java functions in a small JVM of the JDK that runs the service. */
public final class JavaAdapter implements RuntimeAdapter {
  /**
   * Share of a worker's memory that is for the heap. The rest is for the JVM itself, its threads
   * and its code.
   */
  private static final int HEAP_PERCENT = 60;

  private final Path harness;
  private final List<String> options;
  private final Supplier<Optional<Path>> archive;
  private final Path jarDirectory;
  private final Function<Bundle, Path> bundles;

  /**
   * @param harness the jar of the worker
   * @param options the options of the JVM
   * @param archive gives the class archive of the harness, once there is one
   */
  public JavaAdapter(
      Path harness,
      List<String> options,
      Supplier<Optional<Path>> archive,
      Path jarDirectory,
      Function<Bundle, Path> bundles) {
    this.archive = archive;
    this.bundles = bundles;
    this.harness = harness;
    this.options = options;
    this.jarDirectory = jarDirectory;
  }

  @Override
  public FunctionRuntime runtime() {
    return FunctionRuntime.JAVA;
  }

  @Override
  public List<String> command(FunctionDefinition definition, long memoryBytes) {
    var command = new ArrayList<String>();
    command.add(Executables.java().toString());
    if (memoryBytes > 0) {
      // A full heap is an error of the item. Memory that the system refuses ends the JVM.
      command.add("-Xmx" + memoryBytes * HEAP_PERCENT / 100);
    }
    // Warnings of the JVM go to the log of the job. On stdout they would be taken for frames.
    command.addAll(List.of("-Xlog:disable", "-Xlog:all=warning:stderr"));
    // A JVM that cannot use the archive starts without it. Later options win.
    archive.get().ifPresent(file -> command.add("-XX:SharedArchiveFile=" + file));
    command.addAll(options);
    command.add("-cp");
    command.add(harness.toString());
    command.add("dev.manyhands.harness.WorkerMain");
    return command;
  }

  @Override
  public Map<String, Object> loadMembers(FunctionDefinition definition) {
    var java = (JavaClass) definition;
    Path jar = jar(java);
    return jar == null
        ? Map.of("class", java.className())
        : Map.of("class", java.className(), "jar", jar.toAbsolutePath().toString());
  }

  /** Returns the jar of a function; null for a class of the worker's own. */
  private @Nullable Path jar(JavaClass java) {
    var bundle = java.bundle();
    if (bundle != null) {
      return bundles.apply(bundle).resolve(bundle.fileName());
    }
    return java.jar() == null ? null : jarDirectory.resolve(java.jar());
  }

  /**
   * Returns a problem if the jar is missing or has changed: the job was accepted with the earlier
   * jar.
   */
  @Override
  public @Nullable String problem(FunctionDefinition definition) {
    var java = (JavaClass) definition;
    if (java.jar() == null) {
      return null;
    }
    try {
      return JarDirectory.digest(jarDirectory.resolve(java.jar())).equals(java.jarDigest())
          ? null
          : "the jar '" + java.jar() + "' has changed since the job was accepted; submit it again";
    } catch (IOException e) {
      return "the jar '" + java.jar() + "' is no longer there, or cannot be read";
    }
  }

  @Override
  public String mend() {
    return "run the service with a whole JDK or JRE, its own java is used for workers";
  }
}
