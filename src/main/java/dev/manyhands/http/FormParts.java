package dev.manyhands.http;

import dev.manyhands.intake.BodyMemory;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.FileUploadException;
import org.apache.tomcat.util.http.fileupload.InvalidFileNameException;
import org.apache.tomcat.util.http.fileupload.MultipartStream.MalformedStreamException;
import org.apache.tomcat.util.http.fileupload.servlet.ServletRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parts of a form one after the other, as they arrive. The method {@code getPart} is not
 * used, because it first stores the whole request on disk, whatever its length. This class
 * therefore depends on the web server, which provides the reader of forms. Used by one thread.
 */
public final class FormParts {
  private final FileItemIterator each;
  private final FormEnd end;

  private FormParts(FileItemIterator each, FormEnd end) {
    this.each = each;
    this.end = end;
  }

  /** Reads the parts that it needs from a form. */
  @FunctionalInterface
  public interface Reader<T> {
    public T read(FormParts parts) throws IOException;
  }

  /**
   * @throws Refusal if the request is no form, if its last boundary is missing, or if the name of a
   *     file is impossible
   * @throws IOException if the connection is lost
   */
  public static <T> T read(HttpServletRequest request, Reader<T> reader) throws IOException {
    try {
      var form = new Form(request);
      return reader.read(new FormParts(form.parts(), form.end));
    } catch (InvalidFileNameException e) {
      throw Refusal.malformed("file", "has a name that no file can have");
    } catch (FileUploadException | MalformedStreamException e) {
      throw Refusal.malformed("", "the form cannot be read, or is cut off: " + e.getMessage());
    }
  }

  /**
   * Returns the next part, after the rest of the part before was skipped; null after the last part.
   *
   * @throws MalformedStreamException if the form is cut off
   */
  public @Nullable FileItemStream next() throws IOException {
    if (each.hasNext()) {
      return each.next();
    }
    // The web server's reader mistakes a cut within the last boundary for the end of the form.
    if (!end.isSeen()) {
      throw new MalformedStreamException("its last boundary is missing");
    }
    return null;
  }

  /**
   * Adapts the request to the web server's reader, which reads the bytes through {@link FormEnd}.
   */
  private static final class Form extends FileUpload {
    final FormEnd end;
    private final HttpServletRequest request;

    Form(HttpServletRequest request) throws IOException {
      this.request = request;
      byte[] boundary = getBoundary(request.getContentType());
      // A form without a boundary is refused by the reader.
      this.end = new FormEnd(request.getInputStream(), boundary == null ? new byte[0] : boundary);
    }

    FileItemIterator parts() throws IOException, FileUploadException {
      return getItemIterator(
          new ServletRequestContext(request) {
            @Override
            public InputStream getInputStream() {
              return end;
            }
          });
    }
  }

  /**
   * Reads a whole part that is a job or function.
   *
   * @param hold waits until there is memory for the part
   * @param tooLarge the refusal if the part is longer than allowed
   */
  public static byte[] spec(FileItemStream part, BodyMemory.Hold hold, Supplier<Refusal> tooLarge)
      throws IOException {
    try (var content = part.openStream()) {
      return hold.readSpec(content, tooLarge);
    }
  }

  public static void refuseSecond(String name, @Nullable Object first) {
    if (first != null) {
      throw Refusal.malformed(name, "must be there once");
    }
  }

  public static Refusal unknown(@Nullable String name, String known) {
    return Refusal.malformed(String.valueOf(name), "there is no such part; there are: " + known);
  }
}
