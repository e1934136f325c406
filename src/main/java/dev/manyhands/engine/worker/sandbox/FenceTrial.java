package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tests whether a {@link Fence} works here. A kernel may announce a feature that is forbidden. */
final class FenceTrial {
  private FenceTrial() {}

  /**
   * Returns in words why data in this directory cannot be hidden from workers; null if it can.
   *
   * @param dataDirectory the directory, which must exist
   */
  static @Nullable String fault(Path dataDirectory) {
    if (Landlock.version() == 0) {
      return "this kernel has no Landlock, or does not let this process use it";
    }
    var fault = new CompletableFuture<String>();
    Thread.ofPlatform()
        .daemon()
        .name("fence-trial")
        .start(() -> fault.complete(faultOnThisThread(dataDirectory)));
    String found = fault.join();
    return found.isEmpty() ? null : found;
  }

  /** Returns the fault; empty if there is none. The thread can do little afterwards. */
  private static String faultOnThisThread(Path dataDirectory) {
    try {
      ServiceMemory.giveUpTheRightToLookIn();
      new Fence(dataDirectory, List.of(), List.of()).enclose(List.of());
    } catch (IOException | RuntimeException | LinkageError e) {
      return "Landlock does not work here (" + e.getMessage() + ")";
    }
    try (var entries = Files.list(dataDirectory)) {
      return "Landlock leaves " + entries.count() + " entries of the data directory in sight";
    } catch (IOException refused) {
      String fault = Executables.trial("true");
      return fault == null ? "" : "with the data directory hidden, " + fault;
    }
  }
}
