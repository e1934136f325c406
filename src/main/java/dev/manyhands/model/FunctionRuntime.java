package dev.manyhands.model;

import dev.manyhands.support.Word;
import java.util.Arrays;
import java.util.Optional;

/** The kind of worker that runs a function. */
public enum FunctionRuntime {
  PYTHON,
  JAVA,
  COMMAND;

  /** Returns the name that users write: {@code python}, {@code java}, {@code command}. */
  public String label() {
    return Word.of(this);
  }

  public static Optional<FunctionRuntime> of(String label) {
    return Arrays.stream(values()).filter(runtime -> runtime.label().equals(label)).findFirst();
  }
}
