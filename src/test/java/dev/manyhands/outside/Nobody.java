package dev.manyhands.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A user without privileges, as whom tests of root run a service. */
final class Nobody {
  private static final String ID = "65534";

  /** The program that becomes the service. */
  static final List<String> LAUNCHER =
      List.of("setpriv", "--reuid", ID, "--regid", ID, "--clear-groups");

  private Nobody() {}

  /** Skips the test if this process cannot be the user, or if the user cannot read the jar. */
  static void require() {
    Requirements.thatRun(
        Stream.concat(LAUNCHER.stream(), Stream.of("test", "-r", "target/manyhands.jar")));
  }

  /** Returns a new directory of the user. */
  static Path newDirectory() throws IOException {
    Path home = Service.newDirectory();
    Files.setAttribute(home, "unix:uid", Integer.parseInt(ID));
    return home;
  }
}
