package dev.manyhands.function;

import dev.manyhands.model.Refusal;
import java.util.List;
import java.util.regex.Pattern;

/** Searches the source of a Python module without running it. */
final class PythonSource {
  private static final Pattern TOP_LEVEL_DEF =
      Pattern.compile("^(?:async +)?def +(\\w+)", Pattern.MULTILINE);

  /** Matches code by which a module may define names that are not written in it. */
  private static final Pattern DYNAMIC =
      Pattern.compile("import +\\*|__getattr__|globals|setattr|exec|vars");

  private PythonSource() {}

  /**
   * Returns the name of the only function at the top level.
   *
   * @param pointer the place where the client could have given the name
   * @throws Refusal if there is none, or more than one
   */
  static String onlyFunctionIn(String code, String pointer) {
    List<String> names =
        TOP_LEVEL_DEF.matcher(code).results().map(match -> match.group(1)).distinct().toList();
    if (names.size() == 1) {
      return names.getFirst();
    }
    throw Refusal.invalid(
        pointer,
        names.isEmpty()
            ? "the code defines no function at its top level; name the callable in 'entry'"
            : "the code defines several functions; name one of them in 'entry': " + names);
  }

  /** Whether the module may define this name. False only if nothing in the module can. */
  static boolean mayDefine(String code, String name) {
    return Pattern.compile(
                "(?<!\\w)" + Pattern.quote(name) + "(?!\\w)", Pattern.UNICODE_CHARACTER_CLASS)
            .matcher(code)
            .find()
        || DYNAMIC.matcher(code).find();
  }
}
