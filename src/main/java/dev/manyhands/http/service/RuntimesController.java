package dev.manyhands.http.service;

import dev.manyhands.engine.worker.PythonState;
import dev.manyhands.engine.worker.sandbox.Executables;
import dev.manyhands.model.FunctionRuntime;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The programs that run functions, and what functions can import there, over HTTP. */
@RestController
class RuntimesController {
  private static final String PLATFORM =
      String.join(
          " ",
          System.getProperty("os.name"),
          System.getProperty("os.version"),
          System.getProperty("os.arch"));

  private final Supplier<PythonState> python;
  private final Build build;

  RuntimesController(Supplier<PythonState> python, Build build) {
    this.python = python;
    this.build = build;
  }

  record RuntimeList(List<RuntimeView> runtimes) {}

  /**
   * A runtime. Members that a runtime does not have are null.
   *
   * @param error why functions of this runtime fail; null if they run
   * @param executable the origin of the program that runs functions, for example {@code
   *     virtualenv}; not its path
   * @param sdkVersion of the classes that Java functions are compiled against
   */
  record RuntimeView(
      String runtime,
      boolean available,
      @Nullable String error,
      @Nullable String version,
      @Nullable String implementation,
      @Nullable String vendor,
      @Nullable String executable,
      String platform,
      @Nullable String sdkVersion,
      List<PackageView> packages,
      int packagesLeftOut) {}

  record PackageView(String name, @Nullable String distribution, @Nullable String version) {}

  @GetMapping("/api/v1/runtimes")
  RuntimeList runtimes() {
    return new RuntimeList(Arrays.stream(FunctionRuntime.values()).map(this::view).toList());
  }

  private RuntimeView view(FunctionRuntime runtime) {
    return switch (runtime) {
      case PYTHON -> python(runtime.label());
      case JAVA -> java(runtime.label());
      case COMMAND ->
          new RuntimeView(
              runtime.label(), true, null, null, null, null, null, PLATFORM, null, List.of(), 0);
    };
  }

  private RuntimeView python(String label) {
    return switch (python.get()) {
      case PythonState.Broken broken ->
          new RuntimeView(
              label,
              false,
              "the interpreter of manyhands.python.interpreter " + broken.fault(),
              null,
              null,
              null,
              null,
              PLATFORM,
              null,
              List.of(),
              0);
      case PythonState.Found found ->
          new RuntimeView(
              label,
              !found.isTooOld(),
              found.isTooOld() ? "functions need Python 3.9 or later" : null,
              found.version(),
              found.implementation(),
              null,
              found.environment(),
              found.platform(),
              null,
              found.packages().stream()
                  .map(
                      known -> new PackageView(known.name(), known.distribution(), known.version()))
                  .toList(),
              found.packagesLeftOut());
    };
  }

  /** Describes Java. The JVM of the service also runs the functions. */
  private RuntimeView java(String label) {
    boolean isThere = Files.isExecutable(Executables.java());
    return new RuntimeView(
        label,
        isThere,
        isThere ? null : "the JRE of the service has no program bin/java",
        Runtime.version().toString(),
        System.getProperty("java.vm.name"),
        System.getProperty("java.vendor"),
        "service",
        PLATFORM,
        build.version(),
        List.of(),
        0);
  }
}
