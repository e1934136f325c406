package dev.manyhands.engine.worker.process;

import dev.manyhands.support.DirectoryHandle;
import java.io.IOException;
import java.nio.file.Path;

/** The directory of one worker, which its functions can change. Safe for use by any thread. */
record WorkerDirectory(ScratchDirectory scratch, String name) {
  static final String HOME = "home";

  /** Returns the path for the worker. The service itself uses handles once the worker runs. */
  Path path() {
    return scratch.path().resolve(name);
  }

  /** Returns the working directory of the worker. */
  Path home() {
    return path().resolve(HOME);
  }

  /** Returns the file of the control page. */
  Path page() {
    return path().resolve("control");
  }

  /**
   * Opens the directory.
   *
   * @throws IOException also if something else has taken its place
   */
  DirectoryHandle open() throws IOException {
    return scratch.open(name);
  }

  /**
   * Deletes the directory with all that is in it; returns when all is deleted.
   *
   * @throws IOException if something is left
   */
  void delete() throws IOException {
    scratch.delete(name);
  }
}
