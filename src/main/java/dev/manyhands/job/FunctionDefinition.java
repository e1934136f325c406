package dev.manyhands.job;

import dev.manyhands.support.TextBytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function is made of: all that a worker needs to load it. Immutable, and identified by its
 * digest.
 */
public sealed interface FunctionDefinition {

  FunctionRuntime runtime();

  /** The file that holds the function's code; null when the definition says it all. */
  @Nullable Bundle bundle();

  /** The bytes of memory that its text takes. */
  long textBytes();

  /** Whether it is a command that reads a line for each item, and writes a line for each result. */
  default boolean speaksLines() {
    return false;
  }

  /** Whether nothing but their order says which answer is of which item. */
  default boolean answersByOrder() {
    return false;
  }

  /** Whether each answer is a line with the index that its item has in its job. */
  default boolean answersByIndex() {
    return false;
  }

  /**
   * Python source.
   *
   * @param code the module's text; empty with {@code bundle}
   * @param entry the name of the function in it; with {@code bundle}, {@code module:function}
   * @param bundle a module, or packages with their data
   */
  record Python(String code, String entry, @Nullable Bundle bundle) implements FunctionDefinition {
    public Python(String code, String entry) {
      this(code, entry, null);
    }

    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.PYTHON;
    }

    @Override
    public long textBytes() {
      return TextBytes.of(code) + TextBytes.of(entry);
    }
  }

  /**
   * A Java class that implements the sdk's {@code ItemFunction}.
   *
   * @param className its binary name
   * @param jar the file name of the jar that holds it, in the service's jar directory; null for a
   *     class of the worker's own
   * @param jarDigest hex SHA-256 of the jar's bytes as they were when the function was accepted;
   *     null with {@code jar}
   * @param bundle the jar, when it was uploaded; {@code jar} is null then
   */
  record JavaClass(
      String className, @Nullable String jar, @Nullable String jarDigest, @Nullable Bundle bundle)
      implements FunctionDefinition {
    public JavaClass(String className, @Nullable String jar, @Nullable String jarDigest) {
      this(className, jar, jarDigest, null);
    }

    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.JAVA;
    }

    @Override
    public long textBytes() {
      return TextBytes.of(className) + TextBytes.of(jar);
    }
  }

  /**
   * Any executable.
   *
   * @param argv program and arguments, started without a shell
   * @param protocol how it talks
   * @param indexed whether each line names its item; only with {@code LINES}
   * @param bundle what the program is in: then it is a path in there
   */
  record Command(List<String> argv, Protocol protocol, boolean indexed, @Nullable Bundle bundle)
      implements FunctionDefinition {
    public Command {
      argv = List.copyOf(argv);
    }

    public Command(List<String> argv, Protocol protocol) {
      this(argv, protocol, false, null);
    }

    @Override
    public boolean speaksLines() {
      return protocol != Protocol.FRAMES;
    }

    @Override
    public boolean answersByOrder() {
      return speaksLines() && !indexed;
    }

    @Override
    public boolean answersByIndex() {
      return speaksLines() && indexed;
    }

    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.COMMAND;
    }

    @Override
    public long textBytes() {
      return argv.stream().mapToLong(TextBytes::of).sum();
    }
  }

  /** How a command talks to the service. */
  enum Protocol {
    /** One JSON item a line on stdin, one JSON result a line on stdout. */
    LINES,
    /** One string a line on stdin, as it is, and one a line on stdout. */
    TEXT,
    /** The frames of docs/worker-protocol.md. */
    FRAMES
  }
}
