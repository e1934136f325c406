package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands in the README work when they are pasted, and its claims about settings are true. */
class ReadmeIT {
  @Test
  void thePastedSessionWorks() throws Exception {
    Requirements.python();
    var scripts = Pasted.scripts("README.md");
    assertThat(scripts).containsOnlyKeys("client", "first", "second", "third", "fourth", "bundle");
    try (var service = Service.start(Service.newDirectory())) {
      String venv = "python3 -m venv client > venv.txt || exit 0\n. client/bin/activate\n";
      String client = Pasted.run(venv + scripts.get("client"), service);
      assertThat(client).matches("(?s)|.*\\[1, 1, 5]\\s*"); // nothing without the module venv
      assertThat(Pasted.run(scripts.get("first"), service))
          .contains("\"result\":[1,1,5,1,32,1,14,9,1,9]");
      String second = Pasted.run(scripts.get("second"), service);
      assertThat(second).contains("\"succeeded\":100000").contains("\"results\":[true,false,");
      assertThat(second)
          .contains("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}");
      assertThat(second).contains("\"wallSeconds\":").contains("\"advice\":[{");
      assertThat(Pasted.run(scripts.get("third"), service)).contains("\"state\":\"SUCCEEDED\"");
      assertThat(Pasted.run(scripts.get("fourth"), service))
          .contains("{\"index\":99998,\"value\":", "{\"index\":99999,\"value\":", "\"SUCCEEDED\"");
      assertThat(Pasted.run(scripts.get("bundle"), service))
          .contains("\"result\":[\"MANY\",\"HANDS\"]");
    }
  }

  @Test
  void thePastedComparisonWorks() throws Exception {
    String script = Pasted.scripts("docs/how-to/comparisons.md").get("comparison");
    try (var service = Service.start(Service.newDirectory())) {
      String printed = Pasted.run(script, service);
      assertThat(printed).contains("\"state\":\"FINISHED\"", "\"sameResults\":true");
    }
  }

  @Test
  void thePastedCommandsWork() throws Exception {
    Requirements.thatRun(Stream.of("jq", "--version"));
    var scripts = Pasted.scripts("docs/how-to/commands.md");
    assertThat(scripts).containsOnlyKeys("values", "text", "pipe", "indexed");
    try (var service = Service.start(Service.newDirectory())) {
      assertThat(Pasted.run(scripts.get("values"), service))
          .contains("{\"n\":2,\"square\":4}", "\"SUCCEEDED\"");
      assertThat(Pasted.run(scripts.get("text"), service)).isEqualTo("/a \"x\"\n/b\n");
      assertThat(Pasted.run(scripts.get("pipe"), service)).contains("\"result\":[\"b d\",\"d b\"]");
      assertThat(Pasted.run(scripts.get("indexed"), service)).contains("\"result\":[2,3,4]");
    }
  }

  @Test
  void thePastedStreamsWork() throws Exception {
    String script = String.join("\n", Pasted.scripts("docs/how-to/streaming.md").values());
    try (var service = Service.start(Service.newDirectory())) {
      String end = "{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}\n";
      assertThat(Pasted.run(script, service))
          .containsPattern("^\\{\"index\":1999,\"value\":(true|false)}\n" + Pattern.quote(end))
          .containsPattern("\"at\":1999,\"value\":(true|false)}\n" + Pattern.quote(end))
          .containsPattern("(\\{.*\"at\":199[89],.*\n){2}" + Pattern.quote(end))
          .containsPattern("\\[worker \\d+ item 0] looking at 7\n")
          .contains("{\"end\":{\"state\":\"SUCCEEDED\"}}\n")
          .contains("event: end\n", "\"name\":\"streamed\",\"state\":\"SUCCEEDED\"");
    }
  }
}
