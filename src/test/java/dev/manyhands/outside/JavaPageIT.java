package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines of docs/how-to/java.md and of the versions in docs/how-to/functions.md work. */
@RunningService
class JavaPageIT {
  private final Service service;

  JavaPageIT(Service service) {
    this.service = service;
  }

  @Test
  void aFunctionIsWrittenFromNothing() throws Exception {
    Requirements.thatRun(Stream.of("jq", "--version"));
    Requirements.thatRun(Stream.of(jdk("javac"), "--version"));
    var scripts = Pasted.scripts("docs/how-to/java.md");
    assertThat(scripts).containsOnlyKeys("sdk", "source", "upload", "call");
    String path = "PATH=" + System.getProperty("java.home") + "/bin:$PATH\n";
    String[] printed = Pasted.run(path + String.join("\n", scripts.values()), service).split("\n");

    assertThat(printed[0]).isEqualTo("total");
    assertThat(printed[1]).isEqualTo("[1.5,3.75,null]");
    assertThat(printed[2]).contains("quantity", "null");
  }

  private static String jdk(String program) {
    return System.getProperty("java.home") + "/bin/" + program;
  }

  @Test
  void anOldVersionOfAFunctionIsMadeCurrentAgain() throws Exception {
    Requirements.python();
    Requirements.thatRun(Stream.of("jq", "--version"));
    String script = Pasted.scripts("docs/how-to/functions.md").get("versions");
    assertThat(Pasted.run(script, service).split("\n"))
        .containsExactly(
            "[\"second.py\",\"first.py\"]", "first.py", "[\"first.py\",\"second.py\"]");
  }

  @Test
  void theJarHasOnlyTheSdkAndATag() throws Exception {
    var request = service.request("/api/v1/sdk.jar");
    var client = HttpClient.newHttpClient();
    var answer = client.send(request.GET().build(), BodyHandlers.ofByteArray());
    var names = new TreeSet<String>();
    var zip = new ZipInputStream(new ByteArrayInputStream(answer.body()));
    for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      names.add(entry.getName());
    }

    assertThat(names)
        .contains("dev/manyhands/sdk/Context.class", "dev/manyhands/sdk/ItemFunction.class")
        .allMatch(name -> name.startsWith("dev/manyhands/sdk/") || name.startsWith("META-INF/"));
    String tag = answer.headers().firstValue("ETag").orElseThrow();
    var again = service.send(service.request("/api/v1/sdk.jar").header("If-None-Match", tag).GET());
    assertThat(again.status()).isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"gcd\"",
        "{\"runtime\": \"command\", \"command\": [\"cat\"]}",
        "{\"runtime\": \"command\", \"command\": [\"cat\"], \"protocol\": \"text\"}"
      })
  void starmapIsRefusedWhereNothingWouldBeSpread(String function) {
    String job = "{\"function\": %s, \"call\": \"%s\", \"inputs\": [[12, 18]]}";
    var refused = service.post("/api/v1/jobs", job.formatted(function, "starmap"));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/call");
    assertThat(service.post("/api/v1/jobs", job.formatted(function, "map")).status())
        .isEqualTo(202);
  }
}
