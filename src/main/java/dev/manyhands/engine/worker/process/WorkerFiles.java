package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.shared.SharedSet;
import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.sandbox.Confinement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a new worker.
 *
 * @param shared the shared objects of its job; null for none
 * @param sharedPage the page of its job's values and locks, which other workers of the job map as
 *     well; null for none
 */
record WorkerFiles(
    WorkerDirectory directory,
    ControlPage page,
    @Nullable SharedSet shared,
    @Nullable Path sharedPage) {

  /**
   * Makes them, and gives them to the user of workers.
   *
   * @param shared the worker leaves them if the files cannot be made
   * @throws IOException if the disk rejects them
   */
  static WorkerFiles make(
      String name,
      ScratchDirectory scratch,
      Confinement confinement,
      long worker,
      @Nullable SharedSet shared)
      throws IOException {
    try {
      return make(name, scratch, confinement, shared);
    } catch (IOException rejected) {
      if (shared != null) {
        shared.leave(worker);
      }
      throw rejected;
    }
  }

  private static WorkerFiles make(
      String name, ScratchDirectory scratch, Confinement confinement, @Nullable SharedSet shared)
      throws IOException {
    WorkerDirectory directory = scratch.make(name);
    ControlPage page = ControlPage.create(directory.page());
    confinement.give(List.of(directory.page(), directory.home(), directory.path()));
    Path sharedPage = shared == null ? null : shared.page();
    if (sharedPage != null) {
      confinement.give(List.of(sharedPage));
    }
    return new WorkerFiles(directory, page, shared, sharedPage);
  }

  /** Gives up the files of a worker that was not started. */
  void abandon(long worker) {
    page.close();
    if (shared != null) {
      shared.leave(worker);
    }
  }

  /** Returns the paths that the worker may write: first its directory. */
  List<Path> own() {
    return sharedPage == null ? List.of(directory.path()) : List.of(directory.path(), sharedPage);
  }
}
