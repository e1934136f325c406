package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tutorial works when it is pasted from its beginning to its end. */
class FirstJobIT {
  @Test
  void everyStepPrintsWhatThePageShows() throws Exception {
    Requirements.python();
    Requirements.thatRun(Stream.of("jq", "--version"));
    var scripts = Pasted.scripts("docs/tutorial/first-job.md");
    assertThat(scripts)
        .containsOnlyKeys(
            "start",
            "function",
            "submit",
            "look",
            "results",
            "error",
            "retry",
            "merge",
            "timeline");
    String session = String.join("\n", scripts.values()) + "\nhead -c 4 timeline.svg\n";
    try (var service = Service.start(Service.newDirectory())) {
      String[] printed = Pasted.run(session, service).split("\n");
      assertThat(printed[0]).matches("[0-9a-f-]{36}");
      assertThat(printed[1]).isEqualTo("[\"FAILED\",7,1]");
      assertThat(printed[2]).isEqualTo("[10,20,5,null,25,15,0,30]");
      assertThat(printed[3]).startsWith("item 3: FileNotFoundError: ").contains("stations/paris");
      assertThat(printed[4]).isEqualTo("[\"paris\",\"FAILED\",1]");
      assertThat(printed[5]).contains("[worker ", " item ", "reading ");
      assertThat(printed[8]).isEqualTo("[\"SUCCEEDED\",1,[18]]");
      assertThat(printed[9]).isEqualTo("[10,20,5,18,25,15,0,30]");
      assertThat(printed[10]).as("advice").isNotBlank();
      assertThat(printed[printed.length - 1]).isEqualTo("<svg");
    }
  }
}
