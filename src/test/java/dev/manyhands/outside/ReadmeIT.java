package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a user pastes from the README works, and what it says of settings is true. */
class ReadmeIT {
  private static final Pattern TESTED =
      Pattern.compile("<!-- tested: (\\w+) -->\\s*```sh\\n(.*?)```", Pattern.DOTALL);

  @Test
  void thePastedSessionWorks() throws Exception {
    Requirements.python();
    Map<String, String> scripts = new LinkedHashMap<>();
    TESTED.matcher(readme()).results().forEach(m -> scripts.put(m.group(1), m.group(2)));
    assertThat(scripts).containsOnlyKeys("first", "second", "third", "fourth", "bundle");
    try (var service = Service.start(Service.newDirectory())) {
      String here = service.uri("").toString();
      assertThat(paste(scripts.get("first"), here)).contains("\"result\":[1,1,5,1,32,1,14,9,1,9]");
      String second = paste(scripts.get("second"), here);
      assertThat(second).contains("\"succeeded\":100000").contains("\"results\":[true,false,");
      assertThat(second)
          .contains("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
      assertThat(second).contains("\"wallSeconds\":").contains("\"advice\":[{");
      assertThat(paste(scripts.get("third"), here)).contains("\"state\":\"SUCCEEDED\"");
      assertThat(paste(scripts.get("fourth"), here))
          .contains("{\"index\":99998,\"value\":", "{\"index\":99999,\"value\":", "\"SUCCEEDED\"");
      assertThat(paste(scripts.get("bundle"), here)).contains("\"result\":[\"MANY\",\"HANDS\"]");
    }
  }

  @Test
  void thePastedComparisonWorks() throws Exception {
    String page = Files.readString(Path.of("docs/comparisons.md"));
    var script = TESTED.matcher(page);
    assertThat(script.find()).isTrue();
    try (var service = Service.start(Service.newDirectory())) {
      String printed = paste(script.group(2), service.uri("").toString());
      assertThat(printed).contains("\"state\":\"FINISHED\"", "\"sameResults\":true");
    }
  }

  @Test
  void thePastedStreamsWork() throws Exception {
    String page = Files.readString(Path.of("docs/streaming.md"));
    var script =
        TESTED.matcher(page).results().map(m -> m.group(2)).collect(Collectors.joining("\n"));
    try (var service = Service.start(Service.newDirectory())) {
      String end = "{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}\n";
      assertThat(paste(script, service.uri("").toString()))
          .containsPattern("^\\{\"index\":1999,\"value\":(true|false)}\n" + Pattern.quote(end))
          .containsPattern("\"at\":1999,\"value\":(true|false)}\n" + Pattern.quote(end))
          .containsPattern("(\\{.*\"at\":199[89],.*\n){2}" + Pattern.quote(end))
          .contains("event: end\n", "\"name\":\"streamed\",\"state\":\"SUCCEEDED\"");
    }
  }

  @Test
  void everySettingIsInTheTable() throws Exception {
    var missing = new TreeSet<String>();
    String readme = readme();
    var metadata =
        Files.readString(Path.of("src/main/java/dev/manyhands/config/ManyhandsProperties.java"));
    var names =
        Pattern.compile("@DefaultValue(?:\\([^)]*\\))? [\\w<>, ]+ (\\w+)[,)]").matcher(metadata);
    int found = 0;
    while (names.find()) {
      String kebab = names.group(1).replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      found++;
      if (!readme.contains("." + kebab)) {
        missing.add(kebab);
      }
    }
    assertThat(found).isGreaterThan(20);
    assertThat(missing).isEmpty();
  }

  private static String readme() throws Exception {
    return Files.readString(Path.of("README.md"));
  }

  private static String paste(String script, String service) throws Exception {
    File file = File.createTempFile("readme", ".sh");
    Files.writeString(
        file.toPath(), "set -eu\n" + script.replace("http://127.0.0.1:8080", service));
    var shell =
        new ProcessBuilder("bash", file.getPath())
            .directory(Service.newDirectory().toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(output).isZero();
    return output;
  }
}
