package dev.manyhands.api;

import dev.manyhands.job.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
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
 * The parts of a form, one after the other, as they come in. Not those of {@code getPart}, which
 * first puts all of a request on disk, whatever its length. That ties this class to the web server,
 * whose reader of forms it is. Used by one thread.
 */
final class FormParts {
  private final FileItemIterator each;

  private FormParts(FileItemIterator each) {
    this.each = each;
  }

  /** Takes what it wants of a form. */
  @FunctionalInterface
  interface Reader<T> {
    T read(FormParts parts) throws IOException;
  }

  /**
   * @throws Refusal if it is no form, or one that is cut off
   * @throws IOException if the client breaks off
   */
  static <T> T read(HttpServletRequest request, Reader<T> reader) throws IOException {
    try {
      var each = new FileUpload().getItemIterator(new ServletRequestContext(request));
      return reader.read(new FormParts(each));
    } catch (InvalidFileNameException e) {
      throw Refusal.malformed("file", "has a name that no file can have");
    } catch (FileUploadException | MalformedStreamException e) {
      throw Refusal.malformed("", "the form cannot be read, or is cut off: " + e.getMessage());
    }
  }

  /** The next part, which begins where the one before ends; null after the last. */
  @Nullable FileItemStream next() throws IOException {
    return each.hasNext() ? each.next() : null;
  }

  /** All of a part that is a job or function. */
  static byte[] spec(FileItemStream part, BodyMemory.Hold hold, Supplier<Refusal> tooLarge)
      throws IOException {
    try (var content = part.openStream()) {
      return hold.readSpec(content, tooLarge);
    }
  }

  static void refuseSecond(String name, @Nullable Object first) {
    if (first != null) {
      throw Refusal.malformed(name, "must be there once");
    }
  }

  static Refusal unknown(@Nullable String name, String known) {
    return Refusal.malformed(String.valueOf(name), "there is no such part; there are: " + known);
  }
}
