package dev.manyhands.outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port of loopback for a server that must keep its number when it comes back. */
public final class Ports {
  /** The first port that systems give to clients, unless they are configured otherwise. */
  private static final int FIRST_OF_CLIENTS = 32_768;

  private static final int FIRST = 20_000;
  private static final int MOST_TRIES = 1_000;

  private Ports() {}

  /**
   * Returns a port that nothing listens on. While its server is away the port is not given to a
   * client by chance, as one that the system chooses may be: the server could not come back, or a
   * client that tries to reach the server would reach itself.
   */
  public static int free() {
    for (int i = 0; i < MOST_TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST_OF_CLIENTS);
      try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // The next one may be free.
      }
    }
    throw new IllegalStateException("no port is free");
  }
}
