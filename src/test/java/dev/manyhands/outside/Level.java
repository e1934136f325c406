package dev.manyhands.outside;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A level of the sandbox, and the user as whom the service runs: the user of the tests, which is
 * mostly root, or a user without privileges.
 */
enum Level {
  NONE("none", false),
  PROCESS("process", false),
  NAMESPACE("namespace", false),
  NONE_AS_NOBODY("none", true),
  PROCESS_AS_NOBODY("process", true),
  NAMESPACE_AS_NOBODY("namespace", true);

  private final String sandbox;
  private final boolean isNobody;

  Level(String sandbox, boolean isNobody) {
    this.sandbox = sandbox;
    this.isNobody = isNobody;
  }

  /** Starts a service of two slots in a new directory; skips the test where that cannot be. */
  Service start(String... settings) throws IOException {
    require();
    var all = new ArrayList<>(List.of(settings));
    all.add("--manyhands.workers.slots=2");
    all.add("--manyhands.workers.sandbox=" + sandbox);
    return Service.startBy(
        launcher(),
        isNobody ? Nobody.newDirectory() : Service.newDirectory(),
        all.toArray(String[]::new));
  }

  private List<String> launcher() {
    return isNobody ? Nobody.LAUNCHER : List.of();
  }

  private void require() {
    Requirements.python();
    if (isNobody) {
      Nobody.require();
    }
    switch (sandbox) {
      case "process" -> Requirements.landlock(3);
      case "namespace" ->
          Requirements.thatRun(
              Stream.concat(launcher().stream(), Requirements.BUBBLEWRAP.stream()));
      default -> {}
    }
  }
}
