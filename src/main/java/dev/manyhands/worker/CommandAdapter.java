package dev.manyhands.worker;

import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.FunctionDefinition.Command;
import dev.manyhands.job.FunctionRuntime;
import java.util.List;
import java.util.Map;

/** Runs any executable; the command is the function. */
final class CommandAdapter implements RuntimeAdapter {

  @Override
  public FunctionRuntime runtime() {
    return FunctionRuntime.COMMAND;
  }

  @Override
  public List<String> command(FunctionDefinition definition) {
    return ((Command) definition).argv();
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
