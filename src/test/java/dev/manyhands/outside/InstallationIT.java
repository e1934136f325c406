package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as {@code install} lays it out, started by {@code bin/manyhands}. */
class InstallationIT {
  private static final Path LAUNCHER = Path.of("bin", "manyhands");
  private static final String CACHE = "manyhands.aot";

  @TempDir private static Path directory;

  /** Another name of the installation, with a space in it. */
  private static Path moved;

  /** The output of a program, and its exit status. */
  private record Said(int status, String text) {}

  @BeforeAll
  static void move() throws IOException {
    Packaged.bringUpToDate();
    moved = Files.createDirectories(directory.resolve("with a space"));
    try (Stream<Path> files = Files.walk(Packaged.INSTALLED)) {
      for (Path file : files.toList()) {
        Path other = moved.resolve(Packaged.INSTALLED.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(other);
        } else if (!file.endsWith(CACHE)) {
          copy(file, other);
        }
      }
    }
  }

  private static void copy(Path file, Path other) throws IOException {
    Files.copy(file, other);
    // The cache is for jars of this time.
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    assertThat(other.toFile().setExecutable(Files.isExecutable(file))).isTrue();
  }

  @Test
  void itStartsThroughALinkFromAnyDirectoryWithItsCache() throws Exception {
    Path link = directory.resolve("started from here");
    Files.createSymbolicLink(link, Path.of("with a space").resolve(LAUNCHER));
    Path cache = Packaged.INSTALLED.resolve(CACHE);
    Files.createSymbolicLink(moved.resolve(CACHE), cache);
    try (var service =
        Service.startAs(
            List.of(link.toString(), "-J-Xmx256m", "-J-Dname=a $(b) \"c\""),
            Service.newDirectory(),
            List.of("--manyhands.workers.slots=1"))) {
      service.awaitLog("address    127.0.0.1:");
      assertThat(service.log())
          .contains("aot cache  " + moved.toRealPath().resolve(CACHE))
          .contains("heap up to 256 MB")
          .contains("slots      1 worker at once");
      assertThat(service.run("{\"function\": \"check_prime\", \"inputs\": [7]}").get("state"))
          .hasToString("\"SUCCEEDED\"");
      assertThat(service.directory.resolve("data").resolve("archives")).isNotEmptyDirectory();
    }
  }

  @Test
  void aCacheOfAnotherJavaCostsNothingButTimeAndTheReportSaysSo() throws Exception {
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.createDirectory(other.resolve("bin"));
    Files.createSymbolicLink(other.resolve("lib"), Packaged.INSTALLED.resolve("lib"));
    for (Path file : List.of(LAUNCHER, Path.of("manyhands.jar"), Path.of("java.home"))) {
      copy(Packaged.INSTALLED.resolve(file), other.resolve(file));
    }
    String launcher = other.resolve(LAUNCHER).toString();
    assertThat(run(Map.of(), launcher, "doctor", "--server.port=0").text())
        .containsPattern("note +aot cache  none: there is no .*To do: run 'bin/manyhands train'");
    Files.writeString(other.resolve(CACHE), "made by another Java");
    Said said = run(Map.of(), launcher, "doctor", "--server.port=0");
    assertThat(said.text())
        .containsPattern("note +aot cache  none: .*was made by another Java.*cp -a")
        .doesNotContain("[aot]", "[error]", "[warning]")
        .contains("would start here");
    assertThat(said.status()).isZero();
  }

  @Test
  void aWrongJavaIsRefusedInWords() throws Exception {
    Path alone = directory.resolve("alone");
    Path launcher = alone.resolve(LAUNCHER);
    Path java = directory.resolve("java-17").resolve("bin").resolve("java");
    for (Path file : List.of(launcher, java)) {
      Files.createDirectories(file.resolveSibling("."));
    }
    Files.copy(Packaged.INSTALLED.resolve(LAUNCHER), launcher);
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    String home = directory.resolve("java-17").toString();
    String path = java.getParent() + ":/usr/bin:/bin";
    var environment = Map.of("JAVA_HOME", home, "PATH", path);
    Said said = run(environment, launcher.toString());
    assertThat(said.text())
        .contains("needs Java 25", "JAVA_HOME is " + home, "Install a JDK 25")
        .hasLineCount(2);
    assertThat(said.status()).isEqualTo(1);
    Files.writeString(directory.resolve("java-17").resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    assertThat(run(environment, launcher.toString())).isEqualTo(said);
  }

  @Test
  void aServiceGoesOnWhileItsInstallationIsMadeAgain() throws Exception {
    Path again = Files.createDirectory(directory.resolve("again"));
    try (Stream<Path> files = Files.walk(Packaged.INSTALLED)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = Packaged.INSTALLED.relativize(file);
        if (!name.endsWith("made-of") && !name.endsWith(CACHE)) {
          Files.createDirectories(again.resolve(name).resolveSibling("."));
          copy(file, again.resolve(name));
        }
      }
    }
    try (var service =
        Service.startAs(
            List.of(again.resolve(LAUNCHER).toString()),
            Service.newDirectory(),
            List.of("--manyhands.workers.slots=1"))) {
      service.awaitLog("address    127.0.0.1:");
      var command = new ArrayList<>(Packaged.jar());
      command.addAll(List.of("install", again.toString()));
      var install = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var said = install.inputReader()) {
        // All files are in their places once the training begins.
        assertThat(said.lines().anyMatch(line -> line.startsWith("training"))).isTrue();
      } finally {
        install.descendants().forEach(ProcessHandle::destroyForcibly);
        install.destroyForcibly().waitFor();
      }
      assertThat(service.run("{\"function\": \"check_prime\", \"inputs\": [7]}").get("state"))
          .hasToString("\"SUCCEEDED\"");
      // Classes that no request has needed yet.
      assertThat(service.get("/").status()).isEqualTo(200);
      assertThat(service.get("/api/v1/limits").status()).isEqualTo(200);
      assertThat(service.isAlive()).isTrue();
    }
  }

  @Test
  void aKilledServiceLeavesNothingInTheDirectoryOfTemporaryFiles() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("temporary"));
    try (var service =
        Service.startAs(
            List.of(
                Packaged.INSTALLED.resolve(LAUNCHER).toString(), "-J-Djava.io.tmpdir=" + temporary),
            Service.newDirectory(),
            List.of("--manyhands.workers.slots=1"))) {
      service.awaitLog("address    127.0.0.1:");
      service.killMinus9();
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(
              left.map(file -> file.getFileName().toString()).filter(n -> n.startsWith("tomcat")))
          .isEmpty();
    }
  }

  @Test
  void onlyANewDirectoryIsInstalledInto() throws Exception {
    Path used = Files.createDirectory(directory.resolve("used"));
    Files.writeString(used.resolve("letter"), "dear");
    var command = new ArrayList<>(Packaged.jar());
    command.addAll(List.of("install", used.toString()));
    Said said = run(Map.of(), command.toArray(String[]::new));
    assertThat(said.text()).contains("is not empty");
    assertThat(said.status()).isEqualTo(1);
    assertThat(used).isDirectoryContaining(file -> file.endsWith("letter"));
  }

  private static Said run(Map<String, String> environment, String... command) throws Exception {
    var builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), text);
  }
}
