package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.PythonState;
import dev.manyhands.engine.worker.PythonState.Broken;
import dev.manyhands.engine.worker.PythonState.Found;
import dev.manyhands.engine.worker.PythonState.Library;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The reading of an interpreter's answer, and how often the interpreter is asked. */
class PythonProbeTest {
  private static final String FIRST = "3.12.4\tCPython\tsystem\tLinux\n";

  @Test
  void theAnswerIsAVersionAndPackages() {
    assertThat(PythonProbe.read(FIRST + "numpy\tnumpy\t2.1\nhere\t\t\n"))
        .isEqualTo(
            new Found(
                "3.12.4",
                "CPython",
                "system",
                "Linux",
                List.of(new Library("numpy", "numpy", "2.1"), new Library("here", null, null)),
                0));
  }

  @Test
  void linesThatAreNoPackagesAreLeftOut() {
    PythonState state = PythonProbe.read(FIRST + "\n\t\t\nnumpy\nx\ty\tz\tmore\nok\t\t1\n");
    assertThat(((Found) state).packages()).containsExactly(new Library("ok", null, "1"));
  }

  @Test
  void packagesBeyondTheLimitAreCounted() {
    var said = new StringBuilder(FIRST);
    for (int i = 0; i < PythonProbe.MOST_PACKAGES + 7; i++) {
      said.append("p").append(i).append("\t\t\n");
    }
    var found = (Found) PythonProbe.read(said.toString());
    assertThat(found.packages()).hasSize(PythonProbe.MOST_PACKAGES);
    assertThat(found.packagesLeftOut()).isEqualTo(7);
  }

  @Test
  void anythingElseIsNoPython() {
    for (String said : new String[] {"", "hello\n", "3.12\tCPython\tsystem\tLinux\n", "3.12.4\n"}) {
      assertThat(PythonProbe.read(said)).as(said).isInstanceOf(Broken.class);
    }
  }

  @Test
  void whoAsksDuringALackOfMemoryGetsAnAnswer() {
    var probe =
        new PythonProbe(
            "sh",
            (command, patience, most) -> {
              throw new OutOfMemoryError("planned");
            });
    assertThat(probe.get()).isEqualTo(new Broken("cannot be examined now: planned"));
  }

  @Test
  void theInterpreterIsAskedOnce() {
    var asked = new AtomicInteger();
    var probe =
        new PythonProbe(
            "sh",
            (command, patience, most) -> {
              asked.incrementAndGet();
              return FIRST;
            });
    assertThat(probe.get()).isInstanceOf(Found.class).isEqualTo(probe.get());
    assertThat(asked).hasValue(1);
  }
}
