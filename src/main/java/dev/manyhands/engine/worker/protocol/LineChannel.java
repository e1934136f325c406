package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.LineForm.Answer;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Outcomes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Communicates with a program that reads a line for each item and writes a line for each result.
 * Such a program knows no control page, so that the service writes the page in its place. The
 * running item is the first one whose line has not come back.
 *
 * <p>Lines that do not name their item are counted. An extra line shifts all answers after it. The
 * job fails as soon as one is seen, because it is not known which earlier answers belong to other
 * items.
 */
public final class LineChannel implements WorkerChannel {
  /**
   * Limits for the time for which a program's first chunk of a job is kept back, to see whether a
   * line follows its last line. The time is that of an item. This chunk reveals most programs that
   * print too much.
   */
  private static final long LEAST_FIRST_NANOS = 5_000_000L;

  private static final long MOST_FIRST_NANOS = 200_000_000L;

  /** Any other chunk is kept back for its run time divided by this number, up to a limit. */
  private static final int PATIENCE_PART = 50;

  private static final long MOST_PATIENCE_NANOS = 5_000_000L;

  private static final long LOOK_NANOS = 200_000L;
  private static final int EXCERPT_BYTES = 200;

  private final Launch launch;
  private final LineForm form;
  private final OutputStream out;
  private final InputStream in;
  private final ControlPage page;
  private final ItemSource source;
  private final LogSink log;
  private final WorkerSettings settings;
  private final Consumer<WorkerEvent> events;

  /**
   * The chunk that was sent and is not answered yet. There is at most one, because lines cannot be
   * recalled.
   */
  private final AtomicReference<@Nullable Awaited> awaited = new AtomicReference<>();

  private final Semaphore mayRun = new Semaphore(1);

  private final UnansweredLines unanswered = new UnansweredLines();

  /**
   * The job of the last answer. Before the first answer, the job for which the worker was started.
   * Owned by the receiver.
   */
  private JobId answered;

  /** Whether the program has answered a chunk. Owned by the receiver. */
  private boolean hasAnswered;

  /**
   * Collects the chunk that is being answered; null before its first line. Owned by the receiver.
   */
  private @Nullable LineReport report;

  /** The items of a chunk that were sent, and when. */
  private record Awaited(Chunk chunk, Job job, SentLines sent, long sentNanos) {
    LineReport beginReport() {
      return new LineReport(sent, sent.items().first(), sentNanos);
    }
  }

  public LineChannel(
      Launch launch,
      Process process,
      ControlPage page,
      ItemSource source,
      LogSink log,
      WorkerSettings settings,
      Consumer<WorkerEvent> events) {
    this.launch = launch;
    this.form = LineForm.of((Command) launch.definition());
    this.out = new BufferedOutputStream(process.getOutputStream(), 64 << 10);
    this.in = new BufferedInputStream(process.getInputStream(), 64 << 10);
    this.page = page;
    this.source = source;
    this.log = log;
    this.settings = settings;
    this.events = events;
    this.answered = launch.job().id();
  }

  @Override
  public void send(WorkerMessage order) throws IOException {
    switch (order) {
      case WorkerMessage.Load load -> {
        // The first line will show whether the program works. For now, it is only known that it
        // runs.
        events.accept(new WorkerEvent.Ready(launch.worker(), "command"));
        events.accept(new WorkerEvent.Loaded(launch.worker()));
      }
      case WorkerMessage.Begin begin -> {}
      case WorkerMessage.Run run -> sendChunk(run);
      case WorkerMessage.Answer answer ->
          throw new IllegalStateException("a command that speaks lines makes no calls");
      case WorkerMessage.End end -> out.close();
    }
  }

  private void sendChunk(WorkerMessage.Run order) throws IOException {
    Chunk chunk = order.chunk();
    try {
      mayRun.acquire();
    } catch (InterruptedException gone) {
      throw new InterruptedIOException("the worker is gone");
    }
    if (page.isRecalled(chunk.number())) {
      mayRun.release();
      handBack(chunk, chunk.items().first());
      return;
    }
    var items = read(order);
    if (items.range().end() < chunk.items().end()) {
      handBack(chunk, items.range().end());
    }
    SentLines lines = SentLines.of(form, items);
    long now = System.nanoTime();
    var toAwait = new Awaited(chunk, order.job(), lines, now);
    LineReport begun = toAwait.beginReport();
    if (lines.isEmpty()) {
      pass(order.job(), chunk, begun.outcomes(), true);
      mayRun.release();
      return;
    }
    page.running(chunk.number(), begun.next());
    awaited.set(toAwait);
    out.write(lines.bytes());
    out.flush();
  }

  private void handBack(Chunk chunk, long first) {
    events.accept(new WorkerEvent.HandedBack(launch.worker(), chunk.number(), first));
  }

  private ItemSource.Items read(WorkerMessage.Run order) {
    boolean isRead = false;
    try {
      var items = source.read(order.job(), order.chunk().items(), FrameChannel.MAX_INPUT_BYTES);
      isRead = true;
      return items;
    } finally {
      if (!isRead) {
        mayRun.release(); // the chunk is sent again
      }
    }
  }

  private void pass(Job job, Chunk chunk, @Nullable Outcomes outcomes, boolean last) {
    if (outcomes != null) {
      var parts = ReportForm.of(job.spec(), outcomes);
      events.accept(new WorkerEvent.Answered(launch.worker(), chunk.number(), parts, last));
    }
  }

  @Override
  public void receive() throws IOException {
    var line = new ByteArrayOutputStream();
    boolean goesOn = true;
    while (goesOn) {
      int first = in.read();
      if (first == -1) {
        return;
      }
      // This is read when the line begins: the next chunk may be sent while an extra line is read.
      Awaited expected = awaited.get();
      if (expected == null && form != LineForm.INDEXED) {
        excess(answered, LogSink.NO_ITEM, rest(line, first));
        return;
      }
      if (!readLine(line, first)) {
        return; // cut off: the missing part could change the value
      }
      goesOn = take(form == LineForm.INDEXED ? awaited.get() : expected, line);
    }
  }

  /**
   * Handles a line. Returns whether to read on: not after a line that answers no item or the wrong
   * one.
   */
  private boolean take(@Nullable Awaited expected, ByteArrayOutputStream line) throws IOException {
    Answer answer = answer(line);
    LineReport begun = report;
    if (answer instanceof Answer.Stray) {
      long item = begun == null ? LogSink.NO_ITEM : begun.next();
      JobId job = expected == null ? answered : expected.job().id();
      unanswered.stray(excerpt(line));
      log.print(new LogSink.Line(job, launch.worker(), item, excerpt(line)));
      return true;
    }
    unanswered.answer();
    if (expected == null) {
      excess(answered, LogSink.NO_ITEM, line);
      return false;
    }
    if (begun == null) {
      begun = expected.beginReport();
      report = begun;
    }
    if (answer.named() != LineForm.UNKNOWN && answer.named() != begun.next()) {
      excess(expected.job().id(), begun.next(), line);
      return false;
    }
    switch (answer) {
      case Answer.Value value -> begun.value(value.json());
      case Answer.None none -> begun.failed(none.error(begun.next(), excerpt(line)));
      case Answer.Stray stray -> throw new IllegalStateException("a stray line is no answer");
    }
    return begun.isLast() ? finish(expected, begun, line) : goOn(expected, begun);
  }

  @Override
  public String unanswered(boolean hasPrinted) {
    return unanswered.text(hasPrinted);
  }

  private Answer answer(ByteArrayOutputStream line) {
    int most = settings.channel().maxResultBytes();
    Answer answer =
        line.size() > most ? Answer.tooLong(LineForm.UNKNOWN, most) : form.read(line.toByteArray());
    return answer instanceof Answer.Value value && value.json().length > most
        ? Answer.tooLong(value.index(), most)
        : answer;
  }

  private boolean goOn(Awaited expected, LineReport begun) {
    page.running(expected.chunk().number(), begun.next());
    if (begun.isDue(expected.job().spec())) {
      answered = expected.job().id();
      pass(expected.job(), expected.chunk(), begun.outcomes(), false);
      report = new LineReport(expected.sent(), begun.next(), System.nanoTime());
    }
    return true;
  }

  private boolean finish(Awaited expected, LineReport begun, ByteArrayOutputStream line)
      throws IOException {
    Outcomes outcomes = begun.outcomes();
    if (form != LineForm.INDEXED && moreFollows(expected)) {
      excess(expected.job().id(), LogSink.NO_ITEM, rest(line, in.read()));
      return false;
    }
    answered = expected.job().id();
    hasAnswered = true;
    report = null;
    pass(expected.job(), expected.chunk(), outcomes, true);
    page.running(0, -1);
    awaited.set(null);
    mayRun.release();
    return true;
  }

  /** Waits a moment for another line after the last expected one; returns whether one begins. */
  private boolean moreFollows(Awaited chunk) {
    boolean isFirst = !hasAnswered || !chunk.job().id().equals(answered);
    long now = System.nanoTime();
    long ran = now - chunk.sentNanos();
    long ofItem = ran / Math.max(1, chunk.sent().items().count());
    long end =
        now
            + (isFirst
                ? Math.clamp(ofItem, LEAST_FIRST_NANOS, MOST_FIRST_NANOS)
                : Math.min(ran / PATIENCE_PART, MOST_PATIENCE_NANOS));
    try {
      while (in.available() == 0) {
        if (System.nanoTime() - end >= 0) {
          return false;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  /**
   * Reports an extra answer, or an answer to another item than the expected one.
   *
   * @param item the expected item; {@link LogSink#NO_ITEM} for none
   */
  private void excess(JobId job, long item, ByteArrayOutputStream line) {
    String expected =
        item == LogSink.NO_ITEM
            ? "that answers no item"
            : "that does not answer item " + item + ", which was its turn";
    String what = "the command wrote a line " + expected + ": " + excerpt(line);
    log.print(new LogSink.Line(job, launch.worker(), LogSink.NO_ITEM, "manyhands: " + what));
    events.accept(new WorkerEvent.Excess(launch.worker(), job, what));
  }

  /**
   * Reads up to a line feed. Keeps only the beginning of a line that is longer than a result may
   * be, just enough to show this.
   *
   * @return whether a line feed ended the line
   */
  private boolean readLine(ByteArrayOutputStream line, int first) throws IOException {
    line.reset();
    for (int c = first; c != '\n'; c = in.read()) {
      if (c == -1) {
        return false;
      }
      if (line.size() <= settings.channel().maxResultBytes()) {
        line.write(c);
      }
    }
    return true;
  }

  /** Reads the part of a line that has come, without waiting for more. */
  private ByteArrayOutputStream rest(ByteArrayOutputStream line, int first) throws IOException {
    line.reset();
    for (int c = first; c != '\n' && c != -1; c = in.read()) {
      line.write(c);
      if (line.size() > EXCERPT_BYTES || in.available() == 0) {
        return line;
      }
    }
    return line;
  }

  private static String excerpt(ByteArrayOutputStream bytes) {
    byte[] line = bytes.toByteArray();
    int length = Math.min(line.length, EXCERPT_BYTES);
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    return line.length > EXCERPT_BYTES ? text + "…" : text;
  }
}
