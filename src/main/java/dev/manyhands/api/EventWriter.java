package dev.manyhands.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Server-Sent Events, in the form that the HTML standard gives them. */
final class EventWriter {
  private final OutputStream out;

  EventWriter(OutputStream out) {
    this.out = out;
  }

  /** Tells the client how long to wait before it comes again after a cut. */
  void retry(long millis) throws IOException {
    write("retry: " + millis + "\n\n");
  }

  /**
   * @param data JSON
   */
  void event(String name, long id, String data) throws IOException {
    // Line feeds between the tokens of JSON are legal, but would end the field.
    String line = data.replace('\n', ' ').replace('\r', ' ');
    write("event: " + name + "\nid: " + id + "\ndata: " + line + "\n\n");
  }

  /** Tells nothing, and that the stream is alive. */
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
