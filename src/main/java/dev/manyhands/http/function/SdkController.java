package dev.manyhands.http.function;

import dev.manyhands.support.Sha256;
import dev.manyhands.support.StoredZip;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * The jar that a Java function is compiled against: the classes of the SDK, out of the jar that
 * workers run. The bytes depend on those classes alone.
 */
@RestController
class SdkController {
  static final String TYPE = "application/java-archive";
  private static final String WORKER_JAR = "/manyhands/java/manyhands-worker.jar";
  private static final String SDK = "dev/manyhands/sdk/";
  private static final String MANIFEST = "META-INF/MANIFEST.MF";

  @GetMapping(path = "/api/v1/sdk.jar", produces = TYPE)
  ResponseEntity<byte[]> jar(
      @RequestHeader(name = "If-None-Match", required = false) @Nullable String ifNoneMatch)
      throws IOException {
    byte[] jar = jar();
    String tag = "\"" + HexFormat.of().formatHex(Sha256.digest().digest(jar), 0, 16) + "\"";
    if (ifNoneMatch != null && ifNoneMatch.contains(tag)) {
      return ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(tag).build();
    }
    return ResponseEntity.ok()
        .eTag(tag)
        .header("Content-Type", TYPE)
        .header("Content-Disposition", "attachment; filename=\"manyhands-sdk.jar\"")
        .body(jar);
  }

  private static byte[] jar() throws IOException {
    try (InputStream worker = SdkController.class.getResourceAsStream(WORKER_JAR)) {
      if (worker == null) {
        throw new FileNotFoundException("the service was built without " + WORKER_JAR);
      }
      return sdkOf(worker);
    }
  }

  private static byte[] sdkOf(InputStream worker) throws IOException {
    var files = new LinkedHashMap<String, byte[]>();
    files.put(MANIFEST, "Manifest-Version: 1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    var classes = new TreeMap<String, byte[]>();
    var in = new ZipInputStream(worker);
    for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
      if (entry.getName().startsWith(SDK) && entry.getName().endsWith(".class")) {
        classes.put(entry.getName(), in.readAllBytes());
      }
    }
    files.putAll(classes);
    return StoredZip.of(files);
  }
}
