package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** The Python client that the service serves passes its own tests against the service. */
@RunningService("manyhands.workers.slots=3")
class PythonClientIT {
  private static final Path CLIENT = Path.of("src/client/python").toAbsolutePath();
  private static final Pattern WHEEL = Pattern.compile("/client/manyhands-([^-]+)-py3\\S+\\.whl");

  private final Service service;

  PythonClientIT(Service service) {
    this.service = service;
  }

  @Test
  void theSuiteOfTheClientPassesWithTheWheel() throws Exception {
    Path directory = Service.newDirectory();
    Path wheel = Files.write(directory.resolve("client.whl"), wheel());
    // Python imports from a zip, so that the files of the wheel itself are tested.
    String paths = String.join(":", wheel.toString(), CLIENT.toString());
    String printed = run(paths, "python3", "-m", "unittest", "discover", "-t", ".", "-s", "tests");
    assertThat(printed).contains("\nOK").doesNotContain("Ran 0 tests");
  }

  @Test
  void theWheelHasEachModuleAndTheVersionOfTheService() throws Exception {
    var names = new ArrayList<String>();
    try (var zip = new ZipInputStream(new ByteArrayInputStream(wheel()))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    try (Stream<Path> modules = Files.list(CLIENT.resolve("src/manyhands"))) {
      List<String> sources =
          modules
              .map(file -> "manyhands/" + file.getFileName())
              .filter(name -> name.endsWith(".py"))
              .sorted()
              .toList();
      assertThat(names).startsWith(sources.toArray(String[]::new));
    }
    assertThat(names.getLast()).endsWith(".dist-info/RECORD");
    String version = service.get("/api/v1/service").json().get("version").stringValue();
    assertThat(version()).isEqualTo(version.replace("-SNAPSHOT", ".dev0"));
  }

  private byte[] wheel() throws Exception {
    var name = WHEEL.matcher(service.get("/client/").body());
    assertThat(name.find()).isTrue();
    try (var stream = service.uri(name.group()).toURL().openStream()) {
      return stream.readAllBytes();
    }
  }

  private String version() {
    var name = WHEEL.matcher(service.get("/client/").body());
    assertThat(name.find()).isTrue();
    return name.group(1);
  }

  private String run(String paths, String... command) throws Exception {
    var builder = new ProcessBuilder(command).directory(CLIENT.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", paths);
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().put("MANYHANDS_URL", service.uri("").toString());
    var process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed;
  }
}
