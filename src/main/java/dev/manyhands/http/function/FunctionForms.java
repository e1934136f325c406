package dev.manyhands.http.function;

import dev.manyhands.function.Bundles;
import dev.manyhands.function.Upload;
import dev.manyhands.http.FormParts;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.FunctionReader;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a function that is sent as a form: a part {@code definition}, which is JSON, and a part
 * {@code file}, in any order. Each part is read as it arrives.
 */
public final class FunctionForms {
  private static final String DEFINITION = "definition";
  private static final String FILE = "file";

  /** Room for the boundaries and the headers of the parts. */
  private static final long FRAME_BYTES = 64 << 10;

  private final Bundles bundles;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;
  private final BodyMemory memory;

  public FunctionForms(
      Bundles bundles,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      BodyMemory memory) {
    this.memory = memory;
    this.bundles = bundles;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
  }

  /** The parts that came in. Closing the form removes the file. */
  record Form(FunctionDefinition definition, Upload file) implements AutoCloseable {
    @Override
    public void close() {
      file.close();
    }
  }

  /**
   * @throws Refusal if the request is no such form, or too large
   * @throws IOException if the client breaks off
   */
  Form read(HttpServletRequest request) throws IOException {
    long most = bundles.limits().maxBytes() + limits.maxSpecBytes() + FRAME_BYTES;
    if (request.getContentLengthLong() > most) {
      throw bundles.tooLarge(); // before the file is sent, if the client waits (100-continue)
    }
    return FormParts.read(request, this::read);
  }

  private Form read(FormParts form) throws IOException {
    var parts = new Parts();
    boolean whole = false;
    try {
      for (var part = form.next(); part != null; part = form.next()) {
        parts.take(part);
      }
      Form read = parts.form();
      whole = true;
      return read;
    } finally {
      if (!whole) {
        parts.discard();
      }
    }
  }

  /** Collects the parts that have arrived. */
  private final class Parts {
    private @Nullable FunctionDefinition definition;
    private @Nullable Upload file;

    void take(FileItemStream part) throws IOException {
      switch (part.getFieldName()) {
        case DEFINITION -> {
          FormParts.refuseSecond(DEFINITION, definition);
          definition = definition(part);
        }
        case FILE -> {
          FormParts.refuseSecond(FILE, file);
          String name = part.getName();
          if (name == null) {
            throw Refusal.malformed(
                FILE, "must be a file with a name; with curl: -F file=@my_function.py");
          }
          try (var content = part.openStream()) {
            file = bundles.receive(content, name);
          }
        }
        case null, default -> throw FormParts.unknown(part.getFieldName(), "definition, file");
      }
    }

    private FunctionDefinition definition(FileItemStream part) throws IOException {
      // The hold is closed before the file arrives, which may take long.
      try (var hold = memory.hold()) {
        byte[] text = FormParts.spec(part, hold, this::tooLarge);
        return definitions.readBeside(json.read(text, JsonNode.class, DEFINITION), DEFINITION);
      }
    }

    private Refusal tooLarge() {
      return Refusal.tooLarge(
          DEFINITION, "a definition may have at most " + limits.maxSpecBytes() + " bytes");
    }

    Form form() {
      if (definition == null) {
        throw Refusal.malformed(
            DEFINITION,
            "is a required part of the form; with curl: -F 'definition={\"runtime\": \"python\"}'");
      }
      if (file == null) {
        throw Refusal.malformed(
            FILE, "is a required part of the form; with curl: -F file=@my_function.py");
      }
      return new Form(definition, file);
    }

    void discard() {
      if (file != null) {
        file.close();
      }
    }
  }
}
