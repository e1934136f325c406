package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The chart's README has each value, its default and its comment, as in values.yaml. */
class ChartReadmeTest {
  private static final Path README = Chart.DIRECTORY.resolve("README.md");
  private static final String END = "<!-- end of values -->";
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z_]+):(.*)");

  @Test
  void theReadmeSaysWhatTheValuesSay() throws IOException {
    String readme = Files.readString(README);
    int start = readme.indexOf("-->\n", readme.indexOf("<!-- made from values.yaml")) + 4;
    String now = readme.substring(0, start) + table() + readme.substring(readme.indexOf(END));
    if ("write".equals(System.getProperty("chart.readme"))) {
      Files.writeString(README, now);
    }
    assertThat(Files.readString(README)).isEqualTo(now);
  }

  /** A row for each value; a value without a comment belongs to the one above that has it. */
  private static String table() throws IOException {
    var table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
    Deque<String> path = new ArrayDeque<>();
    String comment = "";
    for (String line : Files.readAllLines(Chart.DIRECTORY.resolve("values.yaml"))) {
      Matcher key = KEY.matcher(line);
      if (line.isBlank()) {
        comment = "";
      } else if (line.strip().startsWith("# ")) {
        comment = (comment + " " + line.strip().substring(2)).strip();
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        if (!comment.isEmpty()) {
          String value = key.group(3).isEmpty() ? "" : "`" + key.group(3).strip() + "`";
          table.append(
              "| `%s` | %s | %s |%n"
                  .formatted(
                      path.stream().collect(Collectors.joining(".")),
                      value,
                      comment.replace("|", "\\|")));
        } else {
          assertThat(key.group(3)).as("nothing is said about %s", path).isIn("", " \"1\"");
        }
        comment = "";
      } else {
        throw new AssertionError("neither a value nor a comment: " + line);
      }
    }
    return table.toString();
  }
}
