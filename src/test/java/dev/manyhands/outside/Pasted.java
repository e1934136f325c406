package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The shell lines of a page, pasted as a user would. */
final class Pasted {
  private static final Pattern TESTED =
      Pattern.compile("<!-- tested: (\\w+) -->\\s*```sh\\n(.*?)```", Pattern.DOTALL);

  private Pasted() {}

  /** Returns the scripts that are marked as tested, by name, in the order of the page. */
  static Map<String, String> scripts(String page) throws IOException {
    Map<String, String> scripts = new LinkedHashMap<>();
    TESTED
        .matcher(Files.readString(Path.of(page)))
        .results()
        .forEach(match -> scripts.put(match.group(1), match.group(2)));
    return scripts;
  }

  /** Runs it to its end, which must be a good one; gives what it printed. */
  static String run(String script, Service service) throws Exception {
    Path directory = Service.newDirectory();
    Path file = directory.resolve("pasted.sh");
    String here = service.uri("").toString();
    Files.writeString(file, "set -eu\n" + script.replace("http://127.0.0.1:8080", here));
    var shell =
        new ProcessBuilder("bash", file.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(output).isZero();
    return output;
  }
}
