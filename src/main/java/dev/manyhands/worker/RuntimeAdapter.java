package dev.manyhands.worker;

import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.FunctionRuntime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What differs from one runtime to the next: how its workers are started and told what to load. */
interface RuntimeAdapter {

  FunctionRuntime runtime();

  /**
   * Program and arguments of a worker for this function.
   *
   * @param memoryBytes that the worker may hold; 0 for no limit
   */
  List<String> command(FunctionDefinition definition, long memoryBytes);

  /** What the {@code load} frame says besides what it always says. */
  Map<String, Object> loadMembers(FunctionDefinition definition);

  /**
   * Why this very function cannot be loaded now, in words for its user; null if nothing is known
   * against it. May read files.
   */
  default @Nullable String problem(FunctionDefinition definition) {
    return null;
  }

  /** What to do when the program does not exist. */
  String mend();
}
