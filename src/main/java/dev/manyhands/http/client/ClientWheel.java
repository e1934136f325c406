package dev.manyhands.http.client;

import dev.manyhands.support.Sha256;
import dev.manyhands.support.StoredZip;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The Python client as a wheel, made of the package's files in the jar. The bytes depend on those
 * files alone. {@code src/client/python/backend/wheels.py} makes the same wheel for those who
 * install the sources.
 *
 * @param name the file's name, in which pip reads the version
 */
record ClientWheel(String name, byte[] bytes) {
  private static final String FILES = "manyhands/client/";
  private static final String PACKAGE = "manyhands/";
  private static final List<String> INFORMATION = List.of("METADATA", "WHEEL", "entry_points.txt");
  private static final Pattern VERSION = Pattern.compile("VERSION = \"([^\"]+)\"");

  /** Makes the wheel. */
  static ClientWheel make() throws IOException {
    String version = version();
    String information = "manyhands-" + version + ".dist-info/";
    var files = new LinkedHashMap<String, byte[]>();
    for (Resource module : modules()) {
      files.put(PACKAGE + module.getFilename(), module.getContentAsByteArray());
    }
    for (String name : INFORMATION) {
      String text = text("wheel/" + name).replace("${version}", version);
      files.put(information + name, text.getBytes(StandardCharsets.UTF_8));
    }
    String record = information + "RECORD";
    files.put(record, record(files, record).getBytes(StandardCharsets.UTF_8));
    return new ClientWheel("manyhands-" + version + "-py3-none-any.whl", StoredZip.of(files));
  }

  /** Returns the version of the package, as Python spells versions (PEP 440). */
  static String version() throws IOException {
    Matcher found = VERSION.matcher(text("src/manyhands/version.py"));
    if (!found.find()) {
      throw new IllegalStateException("version.py of the Python client has no VERSION");
    }
    return found.group(1);
  }

  private static Resource[] modules() throws IOException {
    Resource[] modules =
        new PathMatchingResourcePatternResolver()
            .getResources("classpath:" + FILES + "src/" + PACKAGE + "*.py");
    Arrays.sort(modules, Comparator.comparing(Resource::getFilename));
    return modules;
  }

  private static String text(String file) throws IOException {
    return new ClassPathResource(FILES + file).getContentAsString(StandardCharsets.UTF_8);
  }

  private static String record(Map<String, byte[]> files, String record) {
    var lines = new StringBuilder();
    files.forEach((path, bytes) -> {
      String digest =
          Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.digest().digest(bytes));
      lines.append("%s,sha256=%s,%d\n".formatted(path, digest, bytes.length));
    });
    return lines + record + ",,\n";
  }
}
