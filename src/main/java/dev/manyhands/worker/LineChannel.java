package dev.manyhands.worker;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.Outcomes;
import dev.manyhands.json.JoinedValues;
import dev.manyhands.json.JsonException;
import dev.manyhands.json.JsonScanner;
import dev.manyhands.worker.FrameCodec.BadFrame;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Talks with a program that reads a JSON item a line and writes a JSON result a line. Such a
 * program knows no control page, so the service writes it in its stead: the item being run is the
 * one whose line has not come back.
 */
final class LineChannel implements WorkerChannel {
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private static final long REPORT_NANOS = 1_000_000_000L;

  /** Where a result may end the job, it should not lie around. */
  private static final long EARLY_REPORT_NANOS = 50_000_000L;

  private static final int REPORT_BYTES = 1 << 20;

  private final long worker;
  private final OutputStream out;
  private final InputStream in;
  private final ControlPage page;
  private final ItemSource source;
  private final WorkerSettings settings;
  private final Consumer<WorkerEvent> events;

  /**
   * A chunk that was sent and is not answered yet; there is never more than one, because lines
   * cannot be called back.
   */
  private final AtomicReference<@Nullable Awaited> awaited = new AtomicReference<>();

  private final Semaphore mayRun = new Semaphore(1);

  /** Which items of a chunk have gone down the pipe, and when. */
  private record Awaited(Chunk chunk, JobSpec spec, ItemRange items, long sentNanos) {}

  LineChannel(
      long worker,
      Process process,
      ControlPage page,
      ItemSource source,
      WorkerSettings settings,
      Consumer<WorkerEvent> events) {
    this.worker = worker;
    this.out = new BufferedOutputStream(process.getOutputStream(), 64 << 10);
    this.in = new BufferedInputStream(process.getInputStream(), 64 << 10);
    this.page = page;
    this.source = source;
    this.settings = settings;
    this.events = events;
  }

  @Override
  public void send(Order order) throws IOException {
    switch (order) {
      case Order.Load load -> {
        // Whether the program works shows with its first line; that it runs is all there is to know
        // now.
        events.accept(new WorkerEvent.Ready(worker, "command"));
        events.accept(new WorkerEvent.Loaded(worker));
      }
      case Order.Begin begin -> {}
      case Order.Run run -> sendChunk(run);
      case Order.End end -> out.close();
    }
  }

  private void sendChunk(Order.Run order) throws IOException {
    Chunk chunk = order.chunk();
    try {
      mayRun.acquire();
    } catch (InterruptedException gone) {
      throw new InterruptedIOException("the worker is gone");
    }
    if (page.isRecalled(chunk.number())) {
      mayRun.release();
      events.accept(new WorkerEvent.HandedBack(worker, chunk.number(), chunk.items().first()));
      return;
    }
    var items = read(order);
    if (items.range().end() < chunk.items().end()) {
      events.accept(new WorkerEvent.HandedBack(worker, chunk.number(), items.range().end()));
    }
    byte[] lines = asLines(items);
    page.running(chunk.number(), items.range().first());
    awaited.set(new Awaited(chunk, order.job().spec(), items.range(), System.nanoTime()));
    out.write(lines);
    out.flush();
  }

  private ItemSource.Items read(Order.Run order) {
    boolean isRead = false;
    try {
      var items = source.read(order.job(), order.chunk().items(), FrameChannel.MAX_INPUT_BYTES);
      isRead = true;
      return items;
    } finally {
      if (!isRead) {
        mayRun.release(); // it is sent again
      }
    }
  }

  /**
   * One value a line: the commas between them become line feeds, and line feeds within them (they
   * are white space) become spaces.
   */
  private static byte[] asLines(ItemSource.Items items) {
    byte[] joined = items.joined();
    var values =
        JoinedValues.of(joined, Math.toIntExact(items.range().count()), FrameChannel.RESULT_LIMITS);
    byte[] lines = new byte[joined.length + 1];
    for (int i = 0; i < joined.length; i++) {
      lines[i] = joined[i] == '\n' || joined[i] == '\r' ? (byte) ' ' : joined[i];
    }
    for (int i = 0; i < values.count(); i++) {
      lines[values.end(i)] = '\n';
    }
    return lines;
  }

  @Override
  public void receive() throws IOException {
    var line = new ByteArrayOutputStream();
    Report report = null;
    while (true) {
      boolean whole = readLine(line);
      if (!whole && line.size() == 0) {
        return;
      }
      Awaited expected = awaited.get();
      if (expected == null) {
        throw new BadFrame(
            "the command wrote a line that answers no item: " + excerpt(line.toByteArray()));
      }
      if (report == null) {
        report = new Report(expected.items().first(), expected.sentNanos());
      }
      report.add(line);
      line.reset();
      long next = report.next;
      boolean last = next == expected.items().end();
      if (last) {
        page.running(0, -1);
        awaited.set(null);
        mayRun.release();
      } else {
        page.running(expected.chunk().number(), next);
      }
      if (last || report.isDue(expected.spec())) {
        List<Outcomes> parts = Reports.of(expected.spec(), report.outcomes());
        events.accept(new WorkerEvent.Answered(worker, expected.chunk().number(), parts, last));
        report = last ? null : new Report(next, System.nanoTime());
      }
    }
  }

  /**
   * Reads up to a line feed or the end; a line longer than a result may be is kept only so far that
   * this shows.
   */
  private boolean readLine(ByteArrayOutputStream line) throws IOException {
    while (true) {
      int c = in.read();
      if (c == -1 || c == '\n') {
        return c == '\n';
      }
      if (line.size() <= settings.maxResultBytes()) {
        line.write(c);
      }
    }
  }

  private static String excerpt(byte[] line) {
    String text = new String(line, 0, Math.min(line.length, 200), StandardCharsets.UTF_8);
    return line.length > 200 ? text + "…" : text;
  }

  /** Outcomes that have come in and are not passed on. */
  private final class Report {
    private final long first;
    private final long sinceNanos;
    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private final List<ItemError> errors = new ArrayList<>();
    long next;

    Report(long first, long sinceNanos) {
      this.first = first;
      this.next = first;
      this.sinceNanos = sinceNanos;
    }

    void add(ByteArrayOutputStream line) {
      byte[] bytes = line.toByteArray();
      if (next > first) {
        values.write(',');
      }
      String problem = problemOf(bytes);
      if (problem == null) {
        var scanner = new JsonScanner(bytes, FrameChannel.RESULT_LIMITS);
        int start = scanner.value();
        values.write(bytes, start, scanner.position() - start);
      } else {
        values.writeBytes(NULL);
        errors.add(
            new ItemError(
                next, ItemError.Kind.UNSERIALIZABLE, "NotJson", problem, excerpt(bytes), 1));
      }
      next++;
    }

    private @Nullable String problemOf(byte[] line) {
      if (line.length > settings.maxResultBytes()) {
        return "the result is longer than " + settings.maxResultBytes() + " bytes";
      }
      try {
        var scanner = new JsonScanner(line, FrameChannel.RESULT_LIMITS);
        scanner.value();
        scanner.expectEnd();
        return null;
      } catch (JsonException e) {
        return "the command must write one JSON value a line: " + e.detail();
      }
    }

    boolean isDue(JobSpec spec) {
      long nanos = spec.mayStopEarly() ? EARLY_REPORT_NANOS : REPORT_NANOS;
      return values.size() > REPORT_BYTES || System.nanoTime() - sinceNanos > nanos;
    }

    Outcomes outcomes() {
      double seconds = (System.nanoTime() - sinceNanos) / 1e9;
      return new Outcomes(
          new ItemRange(first, next),
          values.toByteArray(),
          errors,
          new Outcomes.Cost(seconds, 0, 0));
    }
  }
}
