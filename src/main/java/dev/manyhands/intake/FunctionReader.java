package dev.manyhands.intake;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns the definition of a function in a request into a {@link FunctionDefinition}. */
public final class FunctionReader {
  /**
   * Limit for the characters of an entry. Checked before the pattern, because the depth of the
   * pattern's recursion grows with the length of the text.
   */
  private static final int LONGEST_BUNDLE_ENTRY = 500;

  /** {@code function}, or {@code package.module:function}. */
  private static final Pattern BUNDLE_ENTRY =
      Pattern.compile("(?:[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*:)?[\\p{L}_][\\p{L}\\p{N}_]*");

  private static final String COMMAND_FORM =
      "an array of the program and its arguments, such as [\"jq\", \".\"]";

  private final StrictJson json;

  public FunctionReader(StrictJson json) {
    this.json = json;
  }

  /** Parts of the body of a Python function. */
  record PythonRequest(
      @Nullable String runtime,
      @Nullable String code,
      @Nullable String entry,
      @Nullable String pickle,
      @Nullable String label,
      @Nullable Map<String, String> modules) {}

  private record JavaRequest(
      @Nullable String runtime,
      @JsonProperty("class") @Nullable String className,
      @Nullable String jar) {}

  private record CommandRequest(
      @Nullable String runtime,
      @Nullable List<String> command,
      @Nullable String protocol,
      @Nullable Boolean indexed) {}

  /**
   * @param at JSON pointer of the definition in the body
   * @throws Refusal if the node is no definition
   */
  public FunctionDefinition read(JsonNode node, String at) {
    byte[] text = text(node);
    return switch (runtime(node, at)) {
      case PYTHON -> python(json.read(text, PythonRequest.class, at), at);
      case JAVA -> java(json.read(text, JavaRequest.class, at), at);
      case COMMAND -> command(commandRequest(node, at), at);
    };
  }

  /**
   * Reads the definition of a function whose code is in a file of its own. Unlike {@link #read},
   * fields that the file may provide are optional, and fields that the file replaces are refused.
   */
  public FunctionDefinition readBeside(JsonNode node, String at) {
    byte[] text = text(node);
    return switch (runtime(node, at)) {
      case PYTHON -> pythonBeside(json.read(text, PythonRequest.class, at), at);
      case JAVA -> javaBeside(json.read(text, JavaRequest.class, at), at);
      case COMMAND -> commandBeside(commandRequest(node, at), at);
    };
  }

  private CommandRequest commandRequest(JsonNode node, String at) {
    JsonNode command = node.get("command");
    if (command != null && !command.isNull() && !command.isArray()) {
      throw Refusal.malformed(at + "/command", "must be " + COMMAND_FORM);
    }
    return json.read(text(node), CommandRequest.class, at);
  }

  private static FunctionRuntime runtime(JsonNode node, String at) {
    if (!node.isObject()) {
      throw Refusal.malformed(at, "must be an object with a 'runtime'");
    }
    JsonNode name = node.get("runtime");
    if (name == null || !name.isString()) {
      throw Refusal.malformed(at + "/runtime", "is required: python, java or command");
    }
    return FunctionRuntime.of(name.stringValue())
        .orElseThrow(() -> Refusal.invalid(at + "/runtime", "must be python, java or command"));
  }

  private static byte[] text(JsonNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static FunctionDefinition python(PythonRequest request, String at) {
    if (request.pickle() != null) {
      return PickledFunction.read(request, at);
    }
    if (request.label() != null) {
      throw Refusal.invalid(at + "/label", "goes with a 'pickle' only; name the job instead");
    }
    String code = required(request.code(), at + "/code", "the source of a module");
    String entry = request.entry() == null ? "" : request.entry();
    if (request.entry() != null && !isIdentifier(entry)) {
      throw Refusal.invalid(at + "/entry", "must be the name of a function in the code");
    }
    return new Python(code, entry, null, null, PickledFunction.modules(request, at));
  }

  private static FunctionDefinition pythonBeside(PythonRequest request, String at) {
    absent(request.code(), at + "/code");
    absent(request.pickle(), at + "/pickle");
    absent(request.label(), at + "/label");
    absent(request.modules(), at + "/modules");
    String entry = request.entry() == null ? "" : request.entry();
    if (entry.length() > LONGEST_BUNDLE_ENTRY) {
      throw Refusal.invalid(
          at + "/entry", "must have at most " + LONGEST_BUNDLE_ENTRY + " characters");
    }
    if (request.entry() != null && !isBundleEntry(entry)) {
      throw Refusal.invalid(
          at + "/entry", "must be module:function, such as my_package.my_module:run");
    }
    return new Python("", entry);
  }

  static boolean isBundleEntry(String text) {
    return text.length() <= LONGEST_BUNDLE_ENTRY && BUNDLE_ENTRY.matcher(text).matches();
  }

  static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && text.codePoints().allMatch(Character::isUnicodeIdentifierPart)
        && !Character.isDigit(text.codePointAt(0));
  }

  private static FunctionDefinition java(JavaRequest request, String at) {
    String className = required(request.className(), at + "/class", "the binary name of a class");
    if (className.startsWith("dev.manyhands.") && request.jar() == null) {
      throw Refusal.invalid(at + "/class", "call a built-in function by its name");
    }
    return new JavaClass(
        className,
        required(
            request.jar(), at + "/jar", "the file name of a jar in the service's jar directory"),
        null);
  }

  private static FunctionDefinition javaBeside(JavaRequest request, String at) {
    absent(request.jar(), at + "/jar");
    return new JavaClass(
        required(request.className(), at + "/class", "the binary name of a class"), null, null);
  }

  private static FunctionDefinition command(CommandRequest request, String at) {
    List<String> argv = request.command();
    if (argv == null || argv.isEmpty()) {
      throw Refusal.malformed(at + "/command", "is required: " + COMMAND_FORM);
    }
    return commandBeside(request, at);
  }

  private static FunctionDefinition commandBeside(CommandRequest request, String at) {
    List<String> argv = request.command() == null ? List.of() : request.command();
    for (int i = 0; i < argv.size(); i++) {
      if (argv.get(i) == null || argv.get(i).indexOf('\0') >= 0 || argv.getFirst().isEmpty()) {
        throw Refusal.invalid(at + "/command/" + i, "must be a string without NUL");
      }
    }
    var protocol =
        switch (request.protocol()) {
          case "lines" -> Protocol.LINES;
          case "text" -> Protocol.TEXT;
          case "frames" -> Protocol.FRAMES;
          case null -> Protocol.LINES;
          default -> throw Refusal.invalid(at + "/protocol", "must be lines, text or frames");
        };
    boolean indexed = Boolean.TRUE.equals(request.indexed());
    if (indexed && protocol != Protocol.LINES) {
      throw Refusal.invalid(
          at + "/indexed", "goes with the protocol lines only, where each line is a JSON value");
    }
    return new Command(argv, protocol, indexed, null);
  }

  private static void absent(@Nullable Object value, String pointer) {
    if (value != null) {
      throw Refusal.invalid(pointer, "does not go with an uploaded file; send one of them");
    }
  }

  private static String required(@Nullable String value, String pointer, String what) {
    if (value == null || value.isBlank()) {
      throw Refusal.malformed(pointer, "is required: " + what);
    }
    if (value.indexOf('\0') >= 0) {
      throw Refusal.invalid(pointer, "must not contain the character NUL");
    }
    return value;
  }
}
