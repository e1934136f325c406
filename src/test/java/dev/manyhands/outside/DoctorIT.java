package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The reports of the service on itself and on its requirements: at its start, and on request. */
class DoctorIT {
  private static final String ANY_PORT = "--server.port=0";

  private final Path directory = Service.newDirectory();

  /** The output of the command, and its exit status. */
  private record Said(int status, String text) {}

  @Test
  void whereAllIsWellItSaysWhatThereIsAndLeavesNothing() throws Exception {
    Requirements.python();
    var said = run(Packaged.jar(), "doctor", ANY_PORT);
    assertThat(said.text()).contains("A service with these settings would start here.");
    assertThat(said.status()).isZero();
    assertThat(said.text().lines())
        .anyMatch(line -> line.matches("ok +version +manyhands \\d.*Java 25.*"))
        .anyMatch(line -> line.matches("ok +python +3\\.\\d+\\.\\d+ \\(/.*numpy.*"))
        .anyMatch(line -> line.matches("ok +java +25.*bin/java\\), no directory of jars.*"))
        .anyMatch(line -> line.matches("ok +slots +\\d+ workers at once.*"))
        .anyMatch(line ->
            line.matches(
                "(ok|note) +store +jdbc:sqlite:" + directory + "/data/manyhands.db,.* free.*"))
        .anyMatch(line -> line.matches("(ok|note) +sandbox +(process|none), .*"))
        .anyMatch(line -> line.matches("ok +address +127\\.0\\.0\\.1:0, no tokens.*"));
    assertThat(directory).isEmptyDirectory();
    assertThat(doctor(ANY_PORT, "--manyhands.data-dir=new/and/nested").status()).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatIsWrongIsToldWithWhatToDo() throws Exception {
    assertThat(doctor(ANY_PORT, "--manyhands.python.interpreter=no-such-python"))
        .satisfies(said -> isWrong(said, "python", "MANYHANDS_PYTHON_INTERPRETER"));
    assertThat(doctor(ANY_PORT, "--server.address=0.0.0.0"))
        .satisfies(said -> isWrong(said, "address", "MANYHANDS_SECURITY_TOKENS"));
    assertThat(
            doctor(ANY_PORT, "--management.server.port=0", "--management.server.address=0.0.0.0"))
        .satisfies(said -> isWrong(said, "address", "MANYHANDS_SECURITY_TOKENS"));
    assertThat(doctor(ANY_PORT, "--manyhands.security.tokens=short"))
        .satisfies(said -> isWrong(said, "address", "fewer than 16"));
    assertThat(
            doctor(
                ANY_PORT,
                "--manyhands.callback.attempts=0",
                "--manyhands.streams.heartbeat=0s",
                "--manyhands.tracing.endpoint=http://127.0.0.1:1",
                "--manyhands.tracing.share=2"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.callback.attempts"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.streams.heartbeat"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.tracing.share"));
    assertThat(doctor(ANY_PORT, "--manyhands.data-dir=/proc/nothing"))
        .satisfies(said -> isWrong(said, "data", "MANYHANDS_DATA_DIR"));
    assertThat(
            doctor(
                ANY_PORT,
                "--manyhands.store.url=jdbc:postgresql://127.0.0.1:1/none?password=hunter3",
                "--manyhands.store.password=hunter4"))
        .satisfies(said -> isWrong(said, "store", "Start the database"))
        .satisfies(said -> assertThat(said.text()).doesNotContain("hunter"));
    assertThat(doctor(ANY_PORT, "--manyhands.store.url=postgresql://127.0.0.1/none"))
        .satisfies(said -> isWrong(said, "store", "Mend the setting"))
        .satisfies(said -> assertThat(said.text()).contains("jdbc:postgresql://host/database"));
    assertThat(doctor(ANY_PORT, "--manyhands.workers.slots=many"))
        .satisfies(said -> assertThat(said.status()).isEqualTo(1))
        .satisfies(said -> assertThat(said.text()).contains("manyhands.workers.slots"));
    assertThat(
            doctor(
                ANY_PORT,
                "--manyhands.workers.slots=many",
                "--manyhands.limits.item=big",
                "--server.address=no.such.host.invalid",
                "--manyhands.shutdown-grace=soon"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.workers.slots is 'many'"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.limits.item is 'big'"))
        .satisfies(said -> isWrong(said, "setting", "manyhands.shutdown-grace is 'soon'"))
        .satisfies(said -> isWrong(said, "setting", "server.address is 'no.such.host.invalid'"))
        .satisfies(said -> assertThat(said.text()).contains("store ", "sandbox "));
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(doctor("--server.port=" + taken.getLocalPort()))
          .satisfies(said -> isWrong(said, "address", "SERVER_PORT"))
          .satisfies(said -> assertThat(said.text()).doesNotContain("Manyhands service listens"));
    }
  }

  @Test
  void aServiceTellsItsLogWhatRunsHereAndMayBeLookedAt() throws Exception {
    Requirements.python();
    try (var service = Service.start(directory, "--manyhands.workers.slots=3")) {
      service.awaitLog("address    127.0.0.1:");
      assertThat(service.log())
          .contains("version    manyhands ")
          .contains("slots      3 workers at once")
          .contains("python     3.")
          .contains("java       25")
          .contains("limits     request 256 MB, input 16 MB")
          .contains("tracing    off")
          .contains("store      jdbc:sqlite:" + directory)
          .contains("sandbox    ")
          .contains("address    127.0.0.1:" + service.uri("/").getPort() + ", no tokens");
      int port = service.uri("/").getPort();
      String holder = "manyhands, pid " + service.pid() + " on ";
      assertThat(doctor(ANY_PORT))
          .satisfies(said -> isWrong(said, "data", directory.resolve("data") + ": " + holder))
          .satisfies(said -> assertThat(said.text()).contains("would not start here"));
      assertThat(
              doctor(
                  "--manyhands.data-dir=other",
                  "--manyhands.store.url=jdbc:sqlite:" + directory + "/data/manyhands.db",
                  "--server.port=" + port))
          .satisfies(said -> isWrong(said, "writer", holder))
          .satisfies(said -> isWrong(said, "address", "a Manyhands service listens there"));
      assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  @Test
  void aServiceWithoutItsPythonStartsAndSaysWhatToDo() {
    try (var service = Service.start(directory, "--manyhands.python.interpreter=no-such-python")) {
      service.awaitLog("address    127.0.0.1:");
      assertThat(service.log().lines())
          .anyMatch(line -> line.contains("WARN") && line.contains("there is no no-such-python"));
      var job =
          service.run("{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"stop\": 9}}}");
      assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    }
  }

  private static void isWrong(Said said, String about, String mend) {
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.text().lines())
        .anyMatch(line -> line.startsWith("WRONG  " + about) && line.contains(mend));
  }

  @Test
  void aMistypedCommandStartsNothing() throws Exception {
    var said = run("docter", ANY_PORT);
    assertThat(said.status()).isEqualTo(2);
    assertThat(said.text()).contains("'docter'", "'doctor'").hasLineCount(1);
    assertThat(directory).isEmptyDirectory();
  }

  private Said doctor(String... settings) throws Exception {
    return run("doctor", settings);
  }

  private Said run(String name, String... settings) throws Exception {
    return run(Packaged.installed(Service.QUICKLY_COMPILED), name, settings);
  }

  private Said run(List<String> java, String name, String... settings) throws Exception {
    var command = new ArrayList<>(java);
    command.add(name);
    command.addAll(List.of(settings));
    var process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), text);
  }
}
