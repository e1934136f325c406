package dev.manyhands.outside;

import dev.manyhands.contract.AnswerContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A GET over a bare connection: for reading slowly, not at all, or only in part. In HTTP 1.0, so
 * that what comes is the body as it is, to the end of the connection.
 */
final class Wire implements AutoCloseable {
  /** More lines are of no other kinds. */
  private static final int MOST_COMPARED = 200;

  private final Socket socket;
  private final BufferedReader reader;
  final int status;
  final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private final AnswerContract.Given given;
  private int compared;

  private Wire(Socket socket, URI uri) throws IOException {
    this.socket = socket;
    this.reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    this.status = Integer.parseInt(reader.readLine().split(" ", 3)[1]);
    for (String line; !(line = reader.readLine()).isEmpty(); ) {
      String[] header = line.split(": ?", 2);
      headers.put(header[0], header[1]);
    }
    given =
        new AnswerContract.Given(
            "GET", uri, status, name -> Optional.ofNullable(headers.get(name)));
    AnswerContract.checkHead(given);
  }

  /** Asks, and gives the answer when its head is there. */
  static Wire get(Service service, String path, String... headers) {
    try {
      return new Wire(ask(service, path, headers), service.uri(path));
    } catch (IOException e) {
      throw new UncheckedIOException(service.log(), e);
    }
  }

  /** Asks, and reads nothing at all. */
  static Socket ask(Service service, String path, String... headers) throws IOException {
    var socket = new Socket("127.0.0.1", service.uri("").getPort());
    socket.setSoTimeout(60_000);
    String head = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n";
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    socket.getOutputStream().write((head + more + "\r\n").getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /** The next line of the body; null after the last one. */
  @Nullable String line() {
    try {
      var line = new StringBuilder();
      int next = reader.read();
      while (next >= 0 && next != '\n') {
        line.append((char) next);
        next = reader.read();
      }
      // A line without its line feed is the rest of an answer that was cut off.
      if (next == '\n' && compared++ < MOST_COMPARED) {
        AnswerContract.checkLine(given, line.toString());
      }
      return next < 0 && line.isEmpty() ? null : line.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All lines that are left. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    for (String line; (line = line()) != null; ) {
      lines.add(line);
    }
    return lines;
  }

  /** Returns at most {@code characters} characters of the body and closes the connection. */
  String cutAfter(int characters) {
    var text = new StringBuilder();
    try (this) {
      for (int c; text.length() < characters && (c = reader.read()) >= 0; ) {
        text.append((char) c);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
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
