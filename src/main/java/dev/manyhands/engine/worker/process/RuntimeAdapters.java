package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.RuntimeSettings;
import dev.manyhands.engine.worker.protocol.CommandAdapter;
import dev.manyhands.engine.worker.protocol.JavaAdapter;
import dev.manyhands.engine.worker.protocol.PythonAdapter;
import dev.manyhands.engine.worker.protocol.RuntimeAdapter;
import dev.manyhands.function.BundleCache;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionRuntime;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The adapter of each runtime. Immutable. */
final class RuntimeAdapters {
  private final Map<FunctionRuntime, RuntimeAdapter> adapters =
      new EnumMap<>(FunctionRuntime.class);

  /**
   * @param archive the class archive of Java workers, once there is one
   */
  RuntimeAdapters(
      RuntimeSettings settings,
      Harnesses harnesses,
      Supplier<Optional<Path>> archive,
      BundleCache bundles) {
    for (RuntimeAdapter adapter :
        List.of(
            new PythonAdapter(settings.python(), harnesses.pythonStart(), bundles::directoryOf),
            new JavaAdapter(
                harnesses.java(),
                settings.javaOptions(),
                archive,
                settings.jarDirectory(),
                bundles::directoryOf),
            new CommandAdapter(bundles::directoryOf))) {
      adapters.put(adapter.runtime(), adapter);
    }
  }

  RuntimeAdapter of(FunctionDefinition definition) {
    var adapter = adapters.get(definition.runtime());
    if (adapter == null) {
      throw new IllegalStateException("no adapter for " + definition.runtime());
    }
    return adapter;
  }
}
