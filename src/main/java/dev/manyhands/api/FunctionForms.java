package dev.manyhands.api;

import dev.manyhands.function.Bundles;
import dev.manyhands.function.Upload;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.FileUploadException;
import org.apache.tomcat.util.http.fileupload.MultipartStream.MalformedStreamException;
import org.apache.tomcat.util.http.fileupload.servlet.ServletRequestContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a function that comes as a form: a part {@code definition}, which is JSON, and a part
 * {@code file}, in any order. The parts are read as they come and not by {@code getPart}, which
 * first puts all of a request on disk, whatever its length. That ties this class to the web server,
 * whose reader of forms it is.
 */
final class FunctionForms {
  private static final String DEFINITION = "definition";
  private static final String FILE = "file";

  /** Boundaries and headers of the parts. */
  private static final long FRAME_BYTES = 64 << 10;

  private final Bundles bundles;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;

  FunctionForms(Bundles bundles, FunctionReader definitions, StrictJson json, ApiLimits limits) {
    this.bundles = bundles;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
  }

  /** What came in; the file goes when this is closed. */
  record Form(FunctionDefinition definition, Upload file) implements AutoCloseable {
    @Override
    public void close() {
      file.close();
    }
  }

  /**
   * @throws Refusal if it is no such form, or too large
   * @throws IOException if the client breaks off
   */
  Form read(HttpServletRequest request) throws IOException {
    long most = bundles.limits().maxBytes() + limits.maxSpecBytes() + FRAME_BYTES;
    if (request.getContentLengthLong() > most) {
      throw bundles.tooLarge(); // before it is sent, where the client waits to be told to go on
    }
    var parts = new Parts();
    boolean whole = false;
    try {
      FileItemIterator each = new FileUpload().getItemIterator(new ServletRequestContext(request));
      while (each.hasNext()) {
        parts.take(each.next());
      }
      Form form = parts.form();
      whole = true;
      return form;
    } catch (FileUploadException | MalformedStreamException e) {
      throw Refusal.malformed("", "the form cannot be read, or is cut off: " + e.getMessage());
    } finally {
      if (!whole) {
        parts.discard();
      }
    }
  }

  /** Those that are there so far. */
  private final class Parts {
    private @Nullable FunctionDefinition definition;
    private @Nullable Upload file;

    void take(FileItemStream part) throws IOException {
      switch (part.getFieldName()) {
        case DEFINITION -> {
          refuseSecond(DEFINITION, definition);
          definition = definition(part);
        }
        case FILE -> {
          refuseSecond(FILE, file);
          String name = part.getName();
          if (name == null) {
            throw Refusal.malformed(
                FILE, "must be a file with a name; with curl: -F file=@my_function.py");
          }
          try (var content = part.openStream()) {
            file = bundles.receive(content, name);
          }
        }
        case null, default ->
            throw Refusal.malformed(
                String.valueOf(part.getFieldName()),
                "there is no such part; there are: definition, file");
      }
    }

    private static void refuseSecond(String name, @Nullable Object first) {
      if (first != null) {
        throw Refusal.malformed(name, "must be there once");
      }
    }

    private FunctionDefinition definition(FileItemStream part) throws IOException {
      byte[] text;
      try (var content = part.openStream()) {
        text = content.readNBytes(limits.maxSpecBytes() + 1);
        if (text.length > limits.maxSpecBytes()) {
          throw Refusal.tooLarge(
              DEFINITION, "a definition may have at most " + limits.maxSpecBytes() + " bytes");
        }
      }
      return definitions.readBeside(json.read(text, JsonNode.class, DEFINITION), DEFINITION);
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
