package dev.manyhands.outside;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;

/** A PostgreSQL that stops and starts again on its data and port. Used by one thread. */
final class RestartedPostgres implements AutoCloseable {
  private final Path data;
  private final int port = Ports.free();
  private EmbeddedPostgres server;

  /**
   * Starts the server.
   *
   * @param data an empty directory
   */
  RestartedPostgres(Path data) {
    this.data = data;
    this.server = run();
  }

  int port() {
    return port;
  }

  void start() {
    server = run();
  }

  private EmbeddedPostgres run() {
    try {
      return EmbeddedPostgres.builder()
          .setDataDirectory(data)
          .setCleanDataDirectory(false)
          .setPort(port)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the server in order: open transactions are rolled back. */
  void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the server as a crash does: it recovers from its log at the next start. */
  void stopAtOnce() {
    try {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      LastingService.signal("QUIT", pid);
      Awaitility.await()
          .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    stop();
  }

  @Override
  public void close() {
    stop();
  }
}
