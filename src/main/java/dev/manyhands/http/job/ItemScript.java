package dev.manyhands.http.job;

import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedObject;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * One item as a Python file that runs it alone: a fixed text, with the values of the item as
 * literals. Texts of users are in string literals only, and are never code of the file.
 */
final class ItemScript {
  private static final String FILE = "/item_script.py";

  /** The line of the file that is followed by the values. */
  private static final String PLACE = "# The values of the item.\n";

  private static final char DELETE = 127;
  private static final int FIRST_OF_EIGHT_DIGITS = 0x10000;

  private final Job job;
  private final Python function;

  private ItemScript(Job job, Python function) {
    this.job = job;
    this.function = function;
  }

  /**
   * Returns whether the items of a job have scripts: its function is Python, as code or a pickle,
   * and not in a file.
   */
  static boolean exists(Job job) {
    return job.spec().function().definition() instanceof Python python && python.bundle() == null;
  }

  /**
   * Returns the script for the items of a job.
   *
   * @throws Refusal if the items of the job have no scripts
   */
  static ItemScript of(Job job) {
    if (!(job.spec().function().definition() instanceof Python python)) {
      throw Refusal.conflict(
          "there are scripts for Python functions only, and the function of job %s is a %s function"
              .formatted(job.id(), job.spec().function().definition().runtime().label()));
    }
    if (python.bundle() != null) {
      throw Refusal.conflict(
          "there are scripts for functions with inline code only, and the code of job %s is in an"
                  .formatted(job.id())
              + " uploaded file; import your own copy of that file, and call its function with the"
              + " item, which is at .../items/{index}");
    }
    return new ItemScript(job, python);
  }

  /**
   * Writes the script of one item.
   *
   * @param input the item as JSON
   */
  void write(long index, String input, Writer out) throws IOException {
    String text = text();
    int place = text.indexOf(PLACE) + PLACE.length();
    out.write(text, 0, place);
    JobSpec spec = job.spec();
    out.write("JOB = ");
    literal(job.id().toString(), out);
    out.write("\nINDEX = " + index + "\nENTRY = ");
    literal(function.entry(), out);
    out.write("\nCALL = ");
    literal(Word.of(spec.call()), out);
    out.write("\nSEED = " + (spec.seed() == null ? "None" : spec.seed().toString()));
    out.write("\nTHREADS = " + spec.threads() + "\nCOMMON = ");
    literal(spec.common() == null ? "{}" : spec.common(), out);
    out.write("\nINITIALIZER = ");
    Initializer initializer = spec.initializer();
    literal(initializer == null ? "" : initializer.entry(), out);
    out.write("\nINITIALIZER_ARGS = ");
    literal(initializer == null ? "[]" : initializer.args(), out);
    out.write("\nINPUT = ");
    literal(input, out);
    out.write("\nVALUES = ");
    literal(Word.of(spec.values()), out);
    out.write("\nSHARED = ");
    literal(shared(), out);
    out.write("\nMODULES = {");
    for (var module : function.modules().entrySet()) {
      out.write("\n    ");
      literal(module.getKey(), out);
      out.write(": ");
      literal(module.getValue(), out);
      out.write(",");
    }
    out.write("\n}\nPICKLE = ");
    if (function.pickle() == null) {
      out.write("None");
    } else {
      literal(function.pickle(), out);
    }
    out.write("\nCODE = (");
    lines(function.code(), out);
    out.write("\n)\n");
    out.write(text, place, text.length() - place);
  }

  /** Returns the declared objects as JSON. Their names need no escapes. */
  private String shared() {
    return job.spec().shared().entrySet().stream()
        .map(declared -> {
          SharedObject object = declared.getValue();
          return "\"%s\":{\"kind\":\"%s\",\"initial\":%s%s}"
              .formatted(
                  declared.getKey(),
                  Word.of(object.kind()),
                  object.initial(),
                  object.size() == null ? "" : ",\"size\":" + object.size());
        })
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String text() {
    try (InputStream file = ItemScript.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not on the class path");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(FILE + " cannot be read", e);
    }
  }

  /** Writes a literal for each line, so that people can read the code. */
  private static void lines(String code, Writer out) throws IOException {
    int from = 0;
    do {
      int feed = code.indexOf('\n', from);
      int end = feed < 0 ? code.length() : feed + 1;
      out.write("\n    ");
      literal(code.substring(from, end), out);
      from = end;
    } while (from < code.length());
  }

  /**
   * Writes a Python string literal. Letters, digits and printable ASCII are written as they are,
   * except quotes and backslashes. All other characters are escaped.
   */
  static void literal(String text, Writer out) throws IOException {
    out.write('"');
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '"' -> out.write("\\\"");
        case '\\' -> out.write("\\\\");
        case '\n' -> out.write("\\n");
        default -> {
          boolean isPlain = c < DELETE ? c >= ' ' : c > DELETE && Character.isLetterOrDigit(c);
          if (isPlain) {
            out.write(Character.toChars(c));
          } else {
            boolean isShort = c < FIRST_OF_EIGHT_DIGITS;
            out.write(isShort ? "\\u" : "\\U");
            out.write(HexFormat.of().toHexDigits((long) c, isShort ? 4 : 8));
          }
        }
      }
    }
    out.write('"');
  }
}
