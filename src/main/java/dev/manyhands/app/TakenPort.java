package dev.manyhands.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks which program listens on a port that is taken. Any program may answer, so little is read,
 * and only for a short time.
 */
final class TakenPort {
  private static final int PATIENCE_MILLIS = 2_000;
  private static final int MOST_BYTES = 4_096;

  /** Asks for a missing page below a path that is open to all. */
  private static final String QUESTION =
      "GET /actuator/health/none HTTP/1.0\r\nHost: localhost\r\n\r\n";

  private static final String OUR_PROBLEM = "urn:manyhands:problem:";

  private TakenPort() {}

  /**
   * Whether the listener answers as this service does, in plain HTTP.
   *
   * @param address null for all addresses
   */
  static boolean isManyhands(@Nullable InetAddress address, int port) {
    boolean everywhere = address == null || address.isAnyLocalAddress();
    InetAddress host = everywhere ? InetAddress.getLoopbackAddress() : address;
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(QUESTION.getBytes(StandardCharsets.US_ASCII));
      return answer(socket).contains(OUR_PROBLEM);
    } catch (IOException noAnswer) {
      return false;
    }
  }

  private static String answer(Socket socket) throws IOException {
    byte[] bytes = new byte[MOST_BYTES];
    int length = 0;
    long start = System.nanoTime();
    while (length < bytes.length
        && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
      int read = socket.getInputStream().read(bytes, length, bytes.length - length);
      if (read < 0) {
        break;
      }
      length += read;
    }
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }
}
