package dev.manyhands.engine.worker.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.model.JobId;
import org.jspecify.annotations.Nullable;

/**
 * Splits the text of one worker into lines and finds their source. The source is in the markers, or
 * else in the control page at this moment. Owned by the thread that reads the worker's stderr.
 */
final class PrintedLines implements Markers.Reader {
  /** The longest line in bytes; longer ones are split. */
  static final int LONGEST = 16 << 10;

  private final long worker;
  private final ChunkOwners owners;
  private final ControlPage page;
  private final LastWords lastWords;
  private final LogSink sink;

  private record Source(JobId job, long chunk, long item) {

    /** Returns whether a line may continue from one source to the other. */
    boolean sharesLineWith(@Nullable Source other) {
      return other != null && job.equals(other.job) && item == other.item;
    }
  }

  /** The source that the marker in force names; null if no marker is in force. */
  private @Nullable Source marked;

  /** The source of the line that has begun and has not ended; its bytes are below. */
  private @Nullable Source begun;

  private final byte[] line = new byte[LONGEST];
  private int length;

  PrintedLines(
      long worker, ChunkOwners owners, ControlPage page, LastWords lastWords, LogSink sink) {
    this.worker = worker;
    this.owners = owners;
    this.page = page;
    this.lastWords = lastWords;
    this.sink = sink;
  }

  @Override
  public void begins(long chunk, long item) {
    marked = new Source(owners.of(chunk), chunk, Math.max(item, LogSink.NO_ITEM));
  }

  @Override
  public void ends() {
    marked = null;
  }

  @Override
  public void text(byte[] bytes, int from, int to) {
    Source source = marked == null ? running() : marked;
    lastWords.keep(source.chunk, bytes, from, to);
    if (!source.sharesLineWith(begun)) {
      endLine();
      begun = source;
    }
    int start = from;
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\n') {
        append(source, bytes, start, i);
        print(source, length);
        start = i + 1;
      }
    }
    append(source, bytes, start, to);
  }

  private Source running() {
    try {
      long chunk = page.chunk();
      return chunk == 0
          ? new Source(owners.latest(), 0, LogSink.NO_ITEM)
          : new Source(owners.of(chunk), chunk, Math.max(page.item(), LogSink.NO_ITEM));
    } catch (ControlPage.LostException e) {
      // The worker is gone and a process that it started still writes, or the worker truncated the
      // page.
      return new Source(owners.latest(), 0, LogSink.NO_ITEM);
    }
  }

  private void append(Source source, byte[] bytes, int from, int to) {
    int next = from;
    while (next < to) {
      if (length == LONGEST) {
        print(source, wholeCharacters());
      }
      int count = Math.min(to - next, LONGEST - length);
      System.arraycopy(bytes, next, line, length, count);
      length += count;
      next += count;
    }
  }

  /**
   * Returns the length of the part of a full line that does not end in the middle of a UTF-8
   * character.
   */
  private int wholeCharacters() {
    int end = length;
    while (end > length - 4 && (line[end - 1] & 0xC0) == 0x80) {
      end--;
    }
    // A first byte here begins a character that may be cut, so the character goes to the next line.
    // After any other byte the line is printed whole: it ends in ASCII, or is no UTF-8 text.
    boolean leads = (line[end - 1] & 0xC0) == 0xC0;
    return leads ? end - 1 : length;
  }

  /** Prints the first {@code end} bytes of the line, and keeps the rest of it. */
  private void print(Source source, int end) {
    boolean carriageReturn = end > 0 && end == length && line[end - 1] == '\r';
    String text = new String(line, 0, carriageReturn ? end - 1 : end, UTF_8);
    length -= end;
    System.arraycopy(line, end, line, 0, length);
    sink.print(new LogSink.Line(source.job(), worker, source.item(), text));
  }

  /** Returns whether a line has begun and not ended. */
  boolean isInLine() {
    return length > 0;
  }

  /** Prints an unfinished line as it is, if there is one. */
  void endLine() {
    if (begun != null && length > 0) {
      print(begun, length);
    }
  }
}
