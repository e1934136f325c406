package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs any executable; the command is the function. */
public final class CommandAdapter implements RuntimeAdapter {
  private final Function<Bundle, Path> bundles;

  public CommandAdapter(Function<Bundle, Path> bundles) {
    this.bundles = bundles;
  }

  @Override
  public FunctionRuntime runtime() {
    return FunctionRuntime.COMMAND;
  }

  @Override
  public List<String> command(FunctionDefinition definition, long memoryBytes) {
    var command = (Command) definition;
    var bundle = command.bundle();
    if (bundle == null) {
      return command.argv();
    }
    var inPlace = new ArrayList<>(command.argv());
    inPlace.set(0, bundles.apply(bundle).resolve(command.argv().getFirst()).toString());
    return inPlace;
  }

  @Override
  public Map<String, Object> loadMembers(FunctionDefinition definition) {
    return Map.of();
  }

  @Override
  public String mend() {
    return "give the path of a file that the service may execute, or a name on its PATH";
  }
}
