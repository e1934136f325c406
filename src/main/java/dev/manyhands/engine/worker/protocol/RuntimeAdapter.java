package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionRuntime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The differences between the runtimes: how their workers are started, and how they learn which
 * function to load.
 */
public interface RuntimeAdapter {

  FunctionRuntime runtime();

  /**
   * Returns the program and the arguments of a worker for this function.
   *
   * @param memoryBytes the memory that the worker may hold; 0 for no limit
   */
  List<String> command(FunctionDefinition definition, long memoryBytes);

  /** Returns the members of the {@code load} frame that only this runtime has. */
  Map<String, Object> loadMembers(FunctionDefinition definition);

  /**
   * Returns why this very function cannot be loaded now, in words for its user; null if no problem
   * is known. May read files.
   */
  default @Nullable String problem(FunctionDefinition definition) {
    return null;
  }

  /** Returns advice for a user whose system does not have the program. */
  String mend();
}
