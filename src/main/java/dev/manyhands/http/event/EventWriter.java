package dev.manyhands.http.event;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes Server-Sent Events in the form that the HTML standard defines. */
final class EventWriter {
  private static final long RETRY_MILLIS = 2_000;

  private final OutputStream out;

  EventWriter(OutputStream out) {
    this.out = out;
  }

  /** Specifies how long the client waits before it reconnects after a cut. */
  void retry() throws IOException {
    write("retry: " + RETRY_MILLIS + "\n\n");
  }

  /** Sends an event whose id is a number. */
  void event(String name, long id, String data) throws IOException {
    event(name, Long.toString(id), data);
  }

  /**
   * @param data JSON
   */
  void event(String name, String id, String data) throws IOException {
    // Line feeds between the tokens of JSON are legal, but would end the field.
    String line = data.replace('\n', ' ').replace('\r', ' ');
    write("event: " + name + "\nid: " + id + "\ndata: " + line + "\n\n");
  }

  /** Sends a comment, which has no content and shows that the stream is alive. */
  void comment() throws IOException {
    write(": still here\n\n");
  }

  void flush() throws IOException {
    out.flush();
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
