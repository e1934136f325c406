package dev.manyhands.harness;

import dev.manyhands.harness.ItemThreads.Own;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * System.out and System.err: writes to stderr, between markers that name the item of the text (see
 * {@code docs/reference/worker-protocol.md}). Costs time only when something is printed. Output of
 * threads that user code started is not marked, because its item is not known.
 */
final class MarkedOutput extends OutputStream {
  /**
   * Limit for the bytes in one piece; longer text is cut into pieces. A pipe accepts this many and
   * two markers without a break.
   */
  private static final int MOST_BYTES = 4096 - 64;

  private static final byte MARK = 0x1E;

  private final OutputStream stderr;
  private final ControlPage page;

  private MarkedOutput(OutputStream stderr, ControlPage page) {
    this.stderr = stderr;
    this.page = page;
  }

  /** Replaces System.out and System.err. Called by the main thread, before user code runs. */
  static void install(ControlPage page) {
    OutputStream stderr = new FileOutputStream(FileDescriptor.err);
    System.setOut(new PrintStream(new MarkedOutput(stderr, page), true));
    System.setErr(new PrintStream(new MarkedOutput(stderr, page), true));
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    Own own = Own.get();
    if (own == null) {
      stderr.write(bytes, from, length);
    } else if (own.place == Own.ALONE) {
      writeFor(page.chunk(), page.item(), bytes, from, length);
    } else {
      Line line = own.line;
      if (line == null) {
        line = new Line(own.chunk, own.item);
        own.line = line;
      }
      line.add(bytes, from, length);
    }
  }

  private void writeFor(long chunk, long item, byte[] bytes, int from, int length)
      throws IOException {
    if (chunk == 0) { // no chunk runs
      stderr.write(bytes, from, length);
      return;
    }
    // Joined by concat, because the first + would cost more than all the rest.
    String numbers = Long.toString(chunk).concat(" ").concat(Long.toString(item)).concat("\n");
    byte[] whose = numbers.getBytes(StandardCharsets.US_ASCII);
    for (int next = from; next < from + length; next += MOST_BYTES) {
      int count = Math.min(MOST_BYTES, from + length - next);
      ByteArrayOutputStream piece = new ByteArrayOutputStream(count + 64);
      piece.write(MARK);
      piece.write(whose, 0, whose.length);
      piece.write(bytes, next, count);
      piece.write(MARK);
      piece.write('\n');
      stderr.write(piece.toByteArray());
    }
  }

  /**
   * Output of an item while other items run. It is kept until its line ends or is very long, so
   * that lines stay whole.
   */
  final class Line {
    private static final int LONGEST = 16 << 10;

    private final long chunk;
    private final long item;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    Line(long chunk, long item) {
      this.chunk = chunk;
      this.item = item;
    }

    void add(byte[] bytes, int from, int length) throws IOException {
      int end = from + length;
      while (end > from && bytes[end - 1] != '\n') {
        end--;
      }
      begun.write(bytes, from, end - from);
      if (end > from || begun.size() > LONGEST) {
        writeOut();
      }
      begun.write(bytes, end, from + length - end);
    }

    private void writeOut() throws IOException {
      byte[] bytes = begun.toByteArray();
      begun.reset();
      writeFor(chunk, item, bytes, 0, bytes.length);
    }

    /** Ends the line, because the item has ended. */
    void end() {
      try {
        writeOut();
      } catch (IOException closed) {
        // Caused by user code. Only its own output is lost.
      }
    }
  }
}
