package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The programs that run functions, as a client sees them. */
class RuntimesIT {
  private static final String RUNTIMES = "/api/v1/runtimes";

  private final Path directory = Service.newDirectory();

  @Test
  void eachRuntimeIsListedWithItsVersion() {
    Requirements.python();
    try (var service = Service.start(directory)) {
      JsonNode python = runtime(service, "python");
      assertThat(python.get("available").booleanValue()).isTrue();
      assertThat(python.get("version").stringValue()).matches("3\\.\\d+\\.\\d+");
      assertThat(python.get("executable").stringValue()).isIn("system", "virtualenv", "conda");
      JsonNode java = runtime(service, "java");
      assertThat(java.get("version").stringValue()).startsWith("25");
      assertThat(java.get("vendor").stringValue()).isNotEmpty();
      assertThat(java.get("sdkVersion").stringValue()).matches("\\d.*");
      JsonNode command = runtime(service, "command");
      assertThat(command.get("available").booleanValue()).isTrue();
      assertThat(command.get("version").isNull()).isTrue();
      assertThat(service.get(RUNTIMES).body()).doesNotContain(directory.toString());
    }
  }

  /** A function and the list agree, because the interpreter and its environment are equal. */
  @Test
  void packagesAreThoseThatAFunctionCanImport() throws Exception {
    Requirements.python();
    Path library = Files.createDirectory(directory.resolve("library"));
    Files.writeString(library.resolve("first_module.py"), "");
    Files.createDirectory(library.resolve("second_package"));
    Files.writeString(library.resolve("second_package/__init__.py"), "");
    Files.createDirectory(library.resolve("Second-1.5.dist-info"));
    Files.writeString(
        library.resolve("Second-1.5.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: Second\nVersion: 1.5\n");
    Files.writeString(library.resolve("Second-1.5.dist-info/top_level.txt"), "second_package\n");
    try (var service =
        Service.start(
            Service.newDirectory(), "--manyhands.workers.environment.PYTHONPATH=" + library)) {
      JsonNode packages = runtime(service, "python").get("packages");
      assertThat(named(packages, "first_module").get("version").isNull()).isTrue();
      assertThat(named(packages, "second_package").get("version").stringValue()).isEqualTo("1.5");
      assertThat(named(packages, "second_package").get("distribution").stringValue())
          .isEqualTo("Second");
      assertThat(packages.findValuesAsString("name")).doesNotContain("json", "os", "_thread");
      String importing =
          "import importlib\ndef f(name): return importlib.import_module(name).__name__";
      assertThat(service.job().python(importing).inputs("first_module", "second_package").run())
          .hasResults("\"first_module\"", "\"second_package\"");
    }
  }

  @Test
  void aBrokenInterpreterIsAnEntryWithItsError() throws Exception {
    Path interpreter = program("exit 3");
    try (var service = Service.start(directory, "--manyhands.python.interpreter=" + interpreter)) {
      JsonNode python = runtime(service, "python");
      assertThat(python.get("available").booleanValue()).isFalse();
      assertThat(python.get("error").stringValue())
          .isEqualTo("the interpreter of manyhands.python.interpreter does not run as Python");
      assertThat(runtime(service, "java").get("available").booleanValue()).isTrue();
    }
  }

  @Test
  void aMissingInterpreterIsAnEntryWithItsError() {
    try (var service = Service.start(directory, "--manyhands.python.interpreter=no-such-python")) {
      assertThat(runtime(service, "python").get("error").stringValue())
          .endsWith("does not exist, or cannot be executed");
    }
  }

  @Test
  void anInterpreterThatPrintsWithoutEndIsStopped() throws Exception {
    Path interpreter = program("while echo 0123456789012345678901234567890123456789; do :; done");
    try (var service = Service.start(directory, "--manyhands.python.interpreter=" + interpreter)) {
      assertThat(runtime(service, "python").get("error").stringValue())
          .endsWith("does not run as Python");
    }
  }

  @Test
  void anInterpreterThatIsReplacedIsAskedAgain() throws Exception {
    Path interpreter = program("printf '3.99.1\\tFirst\\tsystem\\tHere\\n'");
    try (var service = Service.start(directory, "--manyhands.python.interpreter=" + interpreter)) {
      assertThat(runtime(service, "python").get("implementation").stringValue()).isEqualTo("First");
      program("printf '3.8.20\\tAnother\\tsystem\\tHere\\n'");
      JsonNode python = runtime(service, "python");
      assertThat(python.get("implementation").stringValue()).isEqualTo("Another");
      assertThat(python.get("error").stringValue()).isEqualTo("functions need Python 3.9 or later");
    }
  }

  private Path program(String script) throws Exception {
    Path file = directory.resolve("interpreter");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static JsonNode runtime(Service service, String name) {
    return find(service.get(RUNTIMES).json().get("runtimes"), "runtime", name);
  }

  private static JsonNode named(JsonNode packages, String name) {
    return find(packages, "name", name);
  }

  private static JsonNode find(JsonNode list, String member, String value) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(entry -> entry.get(member).stringValue().equals(value))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + value + " in " + list));
  }
}
