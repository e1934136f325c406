package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;

/** The commands in docs/how-to/jobs.md work when they are pasted, and print what the page shows. */
class JobsPageIT {
  private final Map<String, String> printed = new LinkedHashMap<>();

  @Test
  void everyPartOfThePageWorks() throws Exception {
    Requirements.python();
    var session = new StringBuilder();
    Pasted.scripts("docs/how-to/jobs.md")
        .forEach((name, script) ->
            session.append("echo '== ").append(name).append("'\n").append(script));
    try (var service = Service.start(Service.newDirectory())) {
      for (String part : Pasted.run(session.toString(), service).split("(?m)^== ")) {
        int end = part.indexOf('\n');
        if (end > 0) {
          printed.put(part.substring(0, end), part.substring(end + 1));
        }
      }
    }
    says("helpers").isEmpty();
    says("map")
        .contains("\"result\":[1,4,9]")
        .contains("\"result\":[false,true,false,true,false,false]")
        .contains("\"seed\":42");
    says("starmap").contains("\"result\":[1025,4,26]");
    says("threads").contains("\"workersUsed\":1", "\"threads\":16", "\"succeeded\":16");
    says("initializer").contains("\"result\":[true,false]");
    says("recycle").contains("\"result\":[1,2,1,2,1,2]");
    says("chunking").contains("\"chunkSizes\":{");
    says("seed")
        .containsOnlyOnce("random.seed() in line 3")
        .containsOnlyOnce("\"notes\":[]")
        .containsOnlyOnce("random.random() in line 2");
    says("reduce")
        .contains("\"result\":9592")
        .contains("\"result\":49.95")
        .contains("\"result\":{\"index\":3,\"value\":{\"at\":4}}");
    says("stop").contains("\"stopReason\":\"stopWhen\"", "\"succeeded\":1", "\"skipped\":3");
    says("failures")
        .contains("\"state\":\"SUCCEEDED\"", "\"result\":[60,null,20]")
        .contains("\"state\":\"FAILED\"", "\"result\":[null,null]")
        .contains("\"result\":[1,null,2]");
    says("counts")
        .contains(
            "\"failures\":{\"groups\":[{\"kind\":\"ERROR\",\"type\":\"ZeroDivisionError\",\"count\":2")
        .contains("{\"kind\":\"ERROR\",\"type\":\"TypeError\"", "\"others\":0}");
    says("errors")
        .contains("{\"failed\":5,\"examined\":5,\"groups\":[")
        .contains("\"type\":\"KeyError\",\"message\":\"'no row #'\"")
        .contains("\"count\":4,\"firstIndex\":0,\"lastIndex\":9", "ZeroDivisionError");
    says("retry")
        .contains("ZeroDivisionError", "\"index\":1", "[\"SUCCEEDED\",1,\"")
        .contains("\"results\":[60,0,20]");
    says("cache").contains("\"cached\":3", "\"result\":[false,false,true,false]");
    says("control").contains("\"priority\":8", "\"state\":\"SUCCEEDED\"").endsWith("\n204\n");
    says("items")
        .contains("{\"range\":[7,9],\"state\":\"cancelled\"}")
        .contains("{\"range\":[20,41],\"state\":\"cancelled\"}");
    String[] ids = printed.get("idempotency").split("\n");
    assertThat(ids).hasSize(3);
    assertThat(ids[1]).isEqualTo(ids[0]);
    assertThat(ids[2]).isEqualTo("304");
    says("results")
        .startsWith("{\"index\":97,\"value\":98}\n")
        .contains("{\"end\":{\"state\":\"SUCCEEDED\",\"complete\":true,\"next\":null}}")
        .contains("\"results\":[11,12,13],\"inputs\":[10,11,12]", "\"next\":13")
        .contains("\"input\":10,\"value\":11", "looking at 10");
    says("readback")
        .startsWith("{\"items\":[{\"index\":1,\"state\":\"FAILED\",\"input\":0,")
        .contains("\"next\":null}\n12\n", "\"entry\":\"f\"},\"inputs\":[3,0,5]}");
    says("list").contains("\"name\":\"small\"", "\"next\":null");
    says("bulk").contains("\"FAILED\":3", "\"found\":3", "\"matched\":3,\"done\":3");
    says("after").contains("\"result\":[2]", "\"result\":14");
    says("callback")
        .contains("\"url\":\"https://hooks.example.org/done\"", "\"attempts\":[")
        .doesNotContain("only-you-see-this");
    says("lines")
        .contains("\"total\":1000", "\"result\":10")
        .containsPattern("\"name\":\"two files\",\"state\":\"SUCCEEDED\".*\"total\":1000");
    says("report").contains("\"wallSeconds\":", "\"shares\":{", "\"advice\":[");
    assertThat(printed).as("parts that are run and not looked at").hasSize(26);
  }

  private AbstractStringAssert<?> says(String part) {
    assertThat(printed).containsKey(part);
    return assertThat(printed.get(part)).as(part);
  }
}
