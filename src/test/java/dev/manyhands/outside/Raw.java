package dev.manyhands.outside;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * A bare connection, for what no decent client sends. Characters are sent as the bytes of their
 * numbers (ISO 8859-1), so that a test can write any byte.
 */
final class Raw implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final OutputStream out;

  Raw(Service service) {
    try {
      socket = new Socket("127.0.0.1", service.uri("").getPort());
      socket.setSoTimeout(PATIENCE_MILLIS);
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(service.log(), e);
    }
  }

  /** Sends a whole request, closes its half, and returns the whole answer. */
  static String ask(Service service, String request) {
    try (var raw = new Raw(service)) {
      return raw.send(request).end().answer();
    }
  }

  /** Head of a request whose connection ends with the answer. */
  static String head(String method, String path, String... headers) {
    var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("Connection: close\r\n\r\n").toString();
  }

  Raw send(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    } catch (IOException answeredBefore) {
      // The service may refuse a request before its end; the answer can still be read.
    }
    return this;
  }

  /** Closes our half. */
  Raw end() {
    try {
      socket.shutdownOutput();
    } catch (IOException answeredBefore) {
      // As above.
    }
    return this;
  }

  /** Sends a part of a body whose length is not known ahead. */
  Raw chunk(String text) {
    return send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  Raw lastChunk() {
    return send("0\r\n\r\n");
  }

  /** Returns the next head that comes back, which is all of an informational answer. */
  String head() {
    var head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          throw new AssertionError("the connection ended within a head: " + head);
        }
        head.append((char) next);
      }
    } catch (SocketTimeoutException hung) {
      throw new AssertionError("no head in " + PATIENCE_MILLIS + " ms, so far: " + head, hung);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return head.toString();
  }

  /** All that comes back until the connection ends; empty if it is only closed. */
  String answer() {
    var answer = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int n; (n = socket.getInputStream().read(buffer)) >= 0; ) {
        answer.write(buffer, 0, n);
      }
    } catch (SocketTimeoutException hung) {
      throw new AssertionError(
          "no end of an answer in " + PATIENCE_MILLIS + " ms, so far: " + answer, hung);
    } catch (IOException reset) {
      // Some of the request was never read: the answer may be cut by that.
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
