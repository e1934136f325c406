package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Functions that mean harm with the shared objects of their own job, at each level of the sandbox
 * and as each user. They cost their own job at most. A job beside them, with objects of the same
 * names, notices nothing.
 */
@ParameterizedClass
@EnumSource
class SharedAttacksIT extends OnALevel {
  /** Tools of the attacks: the pages that the process has mapped, and frames on any pipe. */
  private static final String TOOLS =
      """
      import fcntl, json, manyhands, os, signal, time
      shared = manyhands.shared
      def pages():
          shared("total").value, shared("gate").locked()
          lines = open("/proc/self/maps").read().splitlines()
          return {line.split()[-1] for line in lines if line.endswith(".page")}
      def send(header, body=b""):
          frame = header + body
          for fd in os.listdir("/proc/self/fd"):
              try:
                  if os.readlink("/proc/self/fd/" + fd).startswith("pipe:"):
                      os.set_blocking(int(fd), False)
                      os.write(int(fd), len(frame).to_bytes(4, "big") + frame)
              except OSError:
                  pass
      def call(number, do, name, *values, **more):
          header = {"op": "shared", "call": number, "object": name, "do": do, "count": len(values)}
          send(json.dumps({**header, **more}).encode() + b"\\n", json.dumps(values).encode())
      """;

  private enum Attack {
    PAGE_IS_CUT("for page in pages(): os.truncate(page, 0)"),
    PAGE_HAS_RUBBISH(
        "for page in pages():\n    for i in range(200): open(page, 'r+b').write(os.urandom(4096))"),
    PAGE_IS_HUGE("for page in pages(): os.truncate(page, 1 << 40)"),
    PAGE_IS_REPLACED(
        "for page in pages():\n    os.unlink(page)\n    os.symlink('/etc/passwd', page)"),
    PAGE_IS_LOCKED(
        "for page in pages(): fcntl.lockf(open(page, 'r+b'), fcntl.LOCK_EX)\ntime.sleep(60)"),
    DIES_WITH_ALL(
        "shared('gate').acquire()\nshared('doors').acquire()\nshared('todo').put(1)\n"
            + "os.kill(os.getpid(), signal.SIGKILL)"),
    KEEPS_ALL("shared('gate').acquire()\nshared('doors').acquire()\ntime.sleep(60)"),
    FORKS_WITH_ALL(
        "shared('gate').acquire()\nshared('doors').acquire()\nif os.fork() == 0: time.sleep(60)"),
    FRAMES_ARE_RUBBISH("for i in range(50): send(os.urandom(50))"),
    FRAMES_ARE_TOO_DEEP(
        "send(b'{\"op\":\"shared\",\"call\":1,\"object\":\"seen\",\"do\":\"set\","
            + "\"count\":2}\\n[1,' + b'[' * 50000 + b']' * 50000 + b']')"),
    CALLS_WITHOUT_END("for i in range(1, 9000): call(i, 'get', 'todo', chunk=1)\ntime.sleep(60)"),
    CALLS_OF_NO_KIND(
        "for i, name in enumerate(['', 'none', 'seen', '../seen', 'x' * 100000]):\n"
            + "    call(i, 'drop', name, 1)\n    call(-i, 'get', name)\n    call(2 ** 70, 'get', name)"),
    ANSWERS_OF_OTHERS("for i in range(1, 200): call(1, 'set', 'seen', 'k', i)"),
    TOO_MUCH("for i in range(100):\n    shared('log').append('x' * 900000)"),
    TOO_MANY("shared('log').extend(list(range(200000)))"),
    TOO_LARGE("shared('seen')['k' * 3000000] = 1"),
    HALF_CHARACTERS("shared('seen')['\\ud800'] = '\\udfff'"),
    NO_NUMBERS("shared('seen').add('n', float('nan'))\nshared('seen').add('n', 10 ** 5000)"),
    RELEASES_WHAT_IT_HAS_NOT("for i in range(100): shared('doors').release()"),
    ;

    private final String code;

    Attack(String code) {
      this.code = code;
    }

    String function() {
      return TOOLS + "def f(x):\n" + code.indent(4) + "    return x\n";
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAttackCostsItsOwnJobAtMost(Attack attack) {
    String honest =
        """
        import manyhands, time
        def f(x):
            shared = manyhands.shared
            shared("todo").get()
            with shared("gate"), shared("doors"):
                shared("total").value += 1
                shared("seen")[x] = x
            shared("log").append(x)
            return x
        """;
    var beside =
        service
            .job()
            .python(honest)
            .range(3)
            .workers(1)
            .option("shared", SharedLevelsIT.ALL_KINDS)
            .submit();
    put(beside);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> number(beside, "log", "length") == 1);

    var attacker =
        service
            .job()
            .python(attack.function(), "f")
            .inputs(1)
            .workers(1)
            .itemTimeout(2)
            .retryCrash(1)
            .maxFailures(1)
            .option("shared", SharedLevelsIT.ALL_KINDS)
            .submit();
    assertThat(attacker.await()).hasState(SUCCEEDED);
    put(beside);
    put(beside);

    assertThat(beside.await()).hasState(SUCCEEDED).hasSucceeded(3);
    for (long index = 0; index < 3; index++) {
      assertThat(beside.item(index).get("attempts").intValue()).isEqualTo(1);
    }
    assertThat(number(beside, "total", "value")).isEqualTo(3);
    assertThat(number(beside, "seen", "length")).isEqualTo(4);
    assertThat(number(beside, "doors", "length")).isEqualTo(1);
    assertThat(service.get(attacker.path() + "/shared").status()).isEqualTo(200);
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(service.log()).doesNotContain(" ERROR ");
  }

  private void put(RunningJob job) {
    String put = "{\"do\": \"put\", \"args\": [1]}";
    assertThat(service.post(job.path() + "/shared/todo", put).status()).isEqualTo(200);
  }

  private int number(RunningJob job, String name, String member) {
    JsonNode shown = service.get(job.path() + "/shared/" + name).json();
    return shown.path(member).intValue(-1);
  }
}
