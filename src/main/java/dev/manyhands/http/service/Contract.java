package dev.manyhands.http.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The contract of the API, an OpenAPI document: the file {@code openapi.yaml} on the class path.
 * Only the address of the service is added when the document is served.
 *
 * <p>The file is read on the first request for the document, so that it does not delay a start.
 * Safe for use by any thread.
 */
final class Contract {
  private static final String FILE = "/openapi.yaml";

  /** The text of the file that is replaced by the address of the service. */
  private static final String SERVER = "\n  - url: /\n";

  private @Nullable Map<String, Object> members;

  /**
   * Returns the document as maps, lists and values.
   *
   * @param server the URL of the service
   */
  Map<String, Object> servedBy(String server) {
    var document = new LinkedHashMap<>(members());
    document.put("servers", List.of(Map.of("url", server, "description", "This service")));
    return document;
  }

  /**
   * Returns the document as the file has it, with its comments.
   *
   * @param server a URL as a JSON string, which is YAML as well
   */
  static String textServedBy(String server) {
    return text().replace(SERVER, "\n  - url: " + server + "\n");
  }

  private synchronized Map<String, Object> members() {
    if (members == null) {
      var options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      members = new Yaml(new SafeConstructor(options)).load(text());
    }
    return members;
  }

  private static String text() {
    try (InputStream file = Contract.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not on the class path");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
