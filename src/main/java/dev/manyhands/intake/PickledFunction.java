package dev.manyhands.intake;

import dev.manyhands.intake.FunctionReader.PythonRequest;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Refusal;
import dev.manyhands.support.Base64Text;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Python function that comes as a pickle, and modules that come with a function. The
 * service checks only that they are text of the right form: a pickle can run any code, so that only
 * workers open it.
 */
final class PickledFunction {
  private static final String DEFAULT_LABEL = "pickle";
  private static final int MOST_MODULES = 1_000;

  /**
   * Limit for the characters of a path. Checked before the pattern, whose recursion may be as deep
   * as the text is long.
   */
  private static final int LONGEST_PATH = 200;

  private static final Pattern PATH =
      Pattern.compile("(?:[\\p{L}_][\\p{L}\\p{N}_]*/)*[\\p{L}_][\\p{L}\\p{N}_]*\\.py");

  private PickledFunction() {}

  /**
   * @param at JSON pointer of the function in the body
   * @throws Refusal if a field is invalid
   */
  static Python read(PythonRequest request, String at) {
    absent(request.code(), at + "/code");
    absent(request.entry(), at + "/entry");
    String pickle = request.pickle();
    if (pickle == null || !Base64Text.is(pickle)) {
      throw Refusal.malformed(at + "/pickle", "must be the Base64 of a pickle, without line feeds");
    }
    String label = JobOptions.text(request.label(), at + "/label");
    label = JobOptions.withoutHalves(label, at + "/label");
    return new Python(
        "", label.isBlank() ? DEFAULT_LABEL : label, null, pickle, modules(request, at));
  }

  /** Returns the modules that come with a function; empty if there are none. */
  static Map<String, String> modules(PythonRequest request, String at) {
    Map<String, String> modules = request.modules();
    if (modules == null) {
      return Map.of();
    }
    if (modules.size() > MOST_MODULES) {
      throw Refusal.invalid(
          at + "/modules",
          "may be at most %d; register a function with a zip for more".formatted(MOST_MODULES));
    }
    modules.forEach((path, text) -> {
      String pointer = at + "/modules/" + path.replace("~", "~0").replace("/", "~1");
      if (path.length() > LONGEST_PATH || !PATH.matcher(path).matches()) {
        throw Refusal.invalid(
            pointer, "must be the path of a module, such as shop/__init__.py or price.py");
      }
      if (text == null) {
        throw Refusal.malformed(pointer, "must be the text of a module");
      }
      JobOptions.withoutHalves(text, pointer);
    });
    return modules;
  }

  private static void absent(@Nullable String value, String pointer) {
    if (value != null) {
      throw Refusal.invalid(pointer, "does not go with a 'pickle'; send one of them");
    }
  }
}
