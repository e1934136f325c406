package dev.manyhands.model;

import dev.manyhands.support.TextBytes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a function: everything that a worker needs to load it. Immutable. Users
 * identify a definition by {@link Function#digest}.
 */
public sealed interface FunctionDefinition {

  FunctionRuntime runtime();

  /**
   * Returns the file that holds the function's code; null when the definition is complete without
   * one.
   */
  @Nullable Bundle bundle();

  /** Returns the bytes of memory that the text of the definition takes. */
  long textBytes();

  /**
   * Returns the small part of the definition, which a list of functions shows. Code, a pickle and
   * modules are empty. Other texts are empty if they have more than {@link #LONGEST_OUTLINE_TEXT}
   * characters.
   */
  FunctionDefinition outline();

  /** Limit for the characters of an entry, a class, a jar's name or a command in an outline. */
  int LONGEST_OUTLINE_TEXT = 1_000;

  private static String shortOrEmpty(String text) {
    return text.length() <= LONGEST_OUTLINE_TEXT ? text : "";
  }

  /**
   * Whether the function is a command that reads a line for each item, and writes a line for each
   * result.
   */
  default boolean speaksLines() {
    return false;
  }

  /**
   * Whether the worker is known to name the item that it runs. Programs of this service name the
   * item. A user's program that speaks frames may not.
   */
  default boolean namesItems() {
    return true;
  }

  /** Whether only the order of answers shows which item each answer belongs to. */
  default boolean answersByOrder() {
    return false;
  }

  /** Whether each answer is a line with the index of its item in the job. */
  default boolean answersByIndex() {
    return false;
  }

  /**
   * Python source, or a pickle of the function.
   *
   * @param code the module's text; empty with {@code bundle} or {@code pickle}
   * @param entry the name of the function in the code; with {@code bundle}, {@code
   *     module:function}; with {@code pickle}, a label for people
   * @param bundle a module, or packages with their data
   * @param pickle the function as Base64 of a pickle, which only a worker opens; null with code
   * @param modules texts of modules that the function may import, by path such as {@code
   *     shop/price.py}; empty with {@code bundle}
   */
  record Python(
      String code,
      String entry,
      @Nullable Bundle bundle,
      @Nullable String pickle,
      Map<String, String> modules)
      implements FunctionDefinition {
    public Python {
      // Sorted, so that the order in a request is no part of the function.
      modules = modules == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(modules));
    }

    public Python(String code, String entry, @Nullable Bundle bundle) {
      this(code, entry, bundle, null, Map.of());
    }

    public Python(String code, String entry) {
      this(code, entry, null);
    }

    /** Returns a copy with a name for the function in the code. */
    public Python withEntry(String newEntry) {
      return new Python(code, newEntry, bundle, pickle, modules);
    }

    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.PYTHON;
    }

    @Override
    public long textBytes() {
      long bytes = TextBytes.of(code) + TextBytes.of(entry) + TextBytes.of(pickle);
      for (Map.Entry<String, String> module : modules.entrySet()) {
        bytes += TextBytes.of(module.getKey()) + TextBytes.of(module.getValue());
      }
      return bytes;
    }

    @Override
    public Python outline() {
      return new Python("", shortOrEmpty(entry), bundle, pickle == null ? null : "", Map.of());
    }
  }

  /**
   * A Java class that implements the sdk's {@code ItemFunction}.
   *
   * @param className binary name of the class
   * @param jar file name of the jar with the class, in the service's jar directory; null for a
   *     class of the worker's own
   * @param jarDigest hex SHA-256 of the jar's bytes as they were when the function was accepted;
   *     null if {@code jar} is null
   * @param bundle the jar, if it was uploaded; {@code jar} is null then
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

    @Override
    public JavaClass outline() {
      return new JavaClass(
          shortOrEmpty(className), jar == null ? null : shortOrEmpty(jar), jarDigest, bundle);
    }
  }

  /**
   * Any executable.
   *
   * @param argv program and arguments, started without a shell
   * @param protocol how the command communicates with the service
   * @param indexed whether each line has the index of its item; true only with {@code LINES}
   * @param bundle the file with the program; the program is then a path in the bundle
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
    public boolean namesItems() {
      return speaksLines();
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

    @Override
    public Command outline() {
      long characters = argv.stream().mapToLong(word -> word.length() + 1L).sum();
      return new Command(
          characters <= LONGEST_OUTLINE_TEXT ? argv : List.of(), protocol, indexed, bundle);
    }
  }

  /** How a command communicates with the service. */
  enum Protocol {
    /** One JSON item on each line of stdin, one JSON result on each line of stdout. */
    LINES,
    /** One unquoted string on each line of stdin and of stdout. */
    TEXT,
    /** The frames of docs/reference/worker-protocol.md. */
    FRAMES
  }
}
