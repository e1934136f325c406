package dev.manyhands.http.console;

import dev.manyhands.http.console.ConsoleFiles.ConsoleFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * The console at {@code /}. Its files are open to all, because they hold no data: the page asks for
 * a token, and sends it with its calls to the API.
 */
@RestController
class ConsoleController {
  /**
   * Scripts and styles come from here alone, text never becomes markup, and no other page may frame
   * this one. Trusted Types are enforced, and only the template library may make markup, of its own
   * constant templates.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          + "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html";

  private final ConsoleFiles files = new ConsoleFiles();

  @GetMapping("/")
  ResponseEntity<byte[]> page(
      @RequestHeader(name = "If-None-Match", required = false) @Nullable String ifNoneMatch,
      @RequestHeader(name = "Accept-Encoding", required = false) @Nullable String encodings) {
    String tag = "W/\"" + files.version() + "\"";
    if (ifNoneMatch != null && ifNoneMatch.contains(files.version())) {
      return guarded(ResponseEntity.status(HttpStatus.NOT_MODIFIED)).eTag(tag).build();
    }
    return send(
        guarded(ResponseEntity.ok()).eTag(tag).cacheControl(CacheControl.noCache()),
        "text/html;charset=utf-8",
        files.page(),
        encodings);
  }

  /**
   * Answers 404 for files of another version: the page that asks is older or newer than they are.
   */
  @GetMapping("/console/{version}/{*name}")
  ResponseEntity<byte[]> file(
      @PathVariable String version,
      @PathVariable String name,
      @RequestHeader(name = "Accept-Encoding", required = false) @Nullable String encodings) {
    ConsoleFile file =
        Optional.of(name.substring(1))
            .filter(_ -> version.equals(files.version()))
            .flatMap(files::find)
            .orElseThrow(() -> new ErrorResponseException(HttpStatus.NOT_FOUND));
    CacheControl forGood = CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();
    return send(
        guarded(ResponseEntity.ok()).cacheControl(forGood), file.type(), file.bytes(), encodings);
  }

  private static <B extends ResponseEntity.HeadersBuilder<?>> B guarded(B answer) {
    answer
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin");
    return answer;
  }

  private static ResponseEntity<byte[]> send(
      ResponseEntity.BodyBuilder answer, String type, byte[] bytes, @Nullable String encodings) {
    answer.header(HttpHeaders.CONTENT_TYPE, type).header(HttpHeaders.VARY, "Accept-Encoding");
    if (encodings == null || !encodings.toLowerCase(Locale.ROOT).contains("gzip")) {
      return answer.body(bytes);
    }
    return answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(compressed(bytes));
  }

  /** Compresses at each request: browsers keep the files, so that requests are few. */
  private static byte[] compressed(byte[] bytes) {
    var out = new ByteArrayOutputStream(bytes.length / 3);
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be written to", e);
    }
    return out.toByteArray();
  }
}
