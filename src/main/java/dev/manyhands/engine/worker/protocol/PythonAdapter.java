package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.FunctionRuntime;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs Python functions in the interpreter that is configured. */
public final class PythonAdapter implements RuntimeAdapter {
  private final String interpreter;
  private final Path harness;
  private final Function<Bundle, Path> bundles;

  public PythonAdapter(String interpreter, Path harness, Function<Bundle, Path> bundles) {
    this.interpreter = interpreter;
    this.harness = harness;
    this.bundles = bundles;
  }

  @Override
  public FunctionRuntime runtime() {
    return FunctionRuntime.PYTHON;
  }

  @Override
  public List<String> command(FunctionDefinition definition, long memoryBytes) {
    // Excludes the user's site-packages (-s). The isolated mode (-I) would also ignore
    // PYTHONHASHSEED. The environment is clean anyway, and start.py removes its own directory from
    // the path.
    return List.of(interpreter, "-s", harness.toString());
  }

  @Override
  public Map<String, Object> loadMembers(FunctionDefinition definition) {
    var python = (Python) definition;
    Bundle bundle = python.bundle();
    if (bundle != null) {
      return Map.of("path", bundles.apply(bundle).toString(), "entry", python.entry());
    }
    var members = new LinkedHashMap<String, Object>();
    if (python.pickle() == null) {
      members.put("code", python.code());
      members.put("entry", python.entry());
    } else {
      members.put("pickle", python.pickle());
    }
    if (!python.modules().isEmpty()) {
      members.put("modules", python.modules());
    }
    return members;
  }

  @Override
  public String mend() {
    return "install Python 3.9 or later, or set manyhands.python.interpreter";
  }
}
