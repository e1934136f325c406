package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.shared.SharedAnswer;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.combine.Combiner;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.support.ShortText;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Communicates in the frames of docs/reference/worker-protocol.md. No frame from a worker is
 * trusted: each is checked before it is passed on.
 */
public final class FrameChannel implements WorkerChannel {
  private static final byte[] OPEN = {'['};
  private static final byte[] CLOSE = {']'};
  private static final int MOST_CALL_CHARACTERS = 100;
  private static final int BUFFER = 64 << 10;

  /**
   * The most input bytes in the frame of a chunk, unless a single item is larger. Items beyond are
   * handed back, and come again in another chunk. A frame is held in memory on both sides.
   */
  static final int MAX_INPUT_BYTES = 4 << 20;

  /**
   * Limits on results. The service only cuts results apart, without recursion. Therefore the value
   * of a function may be deep, and its numbers long.
   */
  static final JsonLimits RESULT_LIMITS =
      new JsonLimits(10_000, Integer.MAX_VALUE, Integer.MAX_VALUE);

  private final long worker;

  /** Guarded by itself, because the receiver answers calls. */
  private final OutputStream out;

  private final DataInputStream in;
  private final RuntimeAdapter adapter;
  private final ItemSource source;
  private final WorkerSettings settings;
  private final @Nullable SharedCalls shared;
  private final Consumer<WorkerEvent> events;

  /**
   * Jobs of the chunks that were sent and are not answered, by chunk. The sender adds them, the
   * receiver reads and removes them.
   */
  private final ConcurrentMap<Long, Job> jobs = new ConcurrentHashMap<>();

  /** The last job that was reported to seed itself; null before. Owned by the receiver. */
  private @Nullable JobId seedsItself;

  /**
   * The pipes of a worker.
   *
   * @param down what the worker reads
   * @param up what the worker writes
   */
  public record Pipes(OutputStream down, InputStream up) {
    public static Pipes of(Process process) {
      return new Pipes(process.getOutputStream(), process.getInputStream());
    }
  }

  /**
   * @param shared the calls of the worker to shared objects; null if its job has none
   */
  public FrameChannel(
      long worker,
      Pipes pipes,
      RuntimeAdapter adapter,
      ItemSource source,
      WorkerSettings settings,
      @Nullable SharedCalls shared,
      Consumer<WorkerEvent> events) {
    this.worker = worker;
    this.out = new BufferedOutputStream(pipes.down(), BUFFER);
    this.in = new DataInputStream(new BufferedInputStream(pipes.up(), BUFFER));
    this.adapter = adapter;
    this.source = source;
    this.settings = settings;
    this.shared = shared;
    this.events = events;
  }

  @Override
  public void send(WorkerMessage order) throws IOException {
    switch (order) {
      case WorkerMessage.Load load ->
          write(true, DownHeaders.ofLoad(load.job().spec(), adapter, settings.channel()));
      case WorkerMessage.Begin begin -> sendJob(begin.job());
      case WorkerMessage.Run run -> sendChunk(run);
      case WorkerMessage.Answer late -> answer(late.call(), late.answer());
      case WorkerMessage.End end -> {
        synchronized (out) {
          out.close();
        }
      }
    }
  }

  private void answer(long call, SharedAnswer answer) throws IOException {
    write(true, SharedCalls.header(call, answer), SharedCalls.body(answer));
  }

  private void write(boolean flush, byte[] header, byte[]... body) throws IOException {
    synchronized (out) {
      FrameCodec.write(out, header, body);
      if (flush) {
        out.flush();
      }
    }
  }

  private void sendJob(Job job) throws IOException {
    if (shared != null) {
      shared.begin(job);
    }
    byte[] header = DownHeaders.ofJob(job, shared);
    String common = job.spec().common();
    // A chunk follows: one message for both wakes the worker once.
    if (common == null) {
      write(false, header);
    } else {
      write(false, header, common.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void sendChunk(WorkerMessage.Run order) throws IOException {
    var chunk = order.chunk();
    var items = source.read(order.job(), chunk.items(), MAX_INPUT_BYTES);
    if (items.range().end() < chunk.items().end()) {
      events.accept(new WorkerEvent.HandedBack(worker, chunk.number(), items.range().end()));
    }
    jobs.put(chunk.number(), order.job());
    String header =
        ("{\"op\":\"chunk\",\"chunk\":" + chunk.number())
            + (",\"first\":" + items.range().first())
            + (",\"count\":" + items.range().count() + "}");
    write(true, header.getBytes(StandardCharsets.US_ASCII), OPEN, items.joined(), CLOSE);
  }

  @Override
  public void receive() throws IOException {
    while (true) {
      byte[] frame = FrameCodec.read(in, settings.channel().maxFrameBytes());
      if (frame == null) {
        return;
      }
      try {
        int headerEnd = FrameCodec.headerEnd(frame);
        FrameHeader header = FrameHeader.read(frame, headerEnd);
        if ("shared".equals(header.op)) {
          call(header, frame, headerEnd);
        } else {
          events.accept(understand(header, frame, headerEnd));
        }
      } catch (JacksonException | JsonException notJson) {
        throw new BadFrame("a frame is not valid JSON: " + notJson.getMessage());
      }
    }
  }

  /** Makes a call to a shared object, and answers unless the call waits. */
  private void call(FrameHeader header, byte[] frame, int headerEnd) throws IOException {
    if (shared == null) {
      throw new BadFrame("a call to a shared object, although the job declares none");
    }
    SharedAnswer answer = shared.call(header, frame, headerEnd);
    if (answer != null) {
      answer(FrameClaims.need(header.call, "call"), answer);
    }
  }

  @Override
  public void stopWaits(long throughChunk) {
    if (shared != null) {
      shared.stop(throughChunk);
    }
  }

  @Override
  public void ended() {
    if (shared != null) {
      shared.leave();
    }
  }

  private WorkerEvent understand(FrameHeader header, byte[] frame, int headerEnd) throws BadFrame {
    return switch (header.op) {
      case "ready" -> {
        if (header.protocol == null || header.protocol != 1) {
          throw new BadFrame("the worker speaks protocol " + header.protocol + ", not 1");
        }
        yield new WorkerEvent.Ready(worker, FrameClaims.text(header.runtime, "unknown"));
      }
      case "loaded" -> new WorkerEvent.Loaded(worker);
      case "failed" ->
          new WorkerEvent.NotLoaded(
              worker,
              new JobError(
                  "FUNCTION_NOT_LOADED",
                  (Boolean.TRUE.equals(header.initializer) ? "the initializer failed: " : "")
                      + FrameClaims.text(header.type, "Error")
                      + ": "
                      + FrameClaims.text(header.message, ""),
                  FrameClaims.cut(header.traceback)));
      case "outcomes" -> outcomes(header, frame, headerEnd);
      case "returned" ->
          new WorkerEvent.HandedBack(
              worker,
              FrameClaims.need(header.chunk, "chunk"),
              FrameClaims.need(header.first, "first"));
      case null, default -> throw new BadFrame("there is no op '" + header.op + "'");
    };
  }

  private WorkerEvent outcomes(FrameHeader header, byte[] frame, int headerEnd) throws BadFrame {
    if (shared != null) {
      shared.look(); // before the outcomes, which must not be stored without the changes
    }
    long first = FrameClaims.need(header.first, "first");
    long claimed = FrameClaims.need(header.count, "count");
    boolean combined = header.combined != null && header.combined;
    // Each value takes at least one byte.
    long most = combined ? Integer.MAX_VALUE : frame.length;
    if (first < 0 || claimed < 1 || claimed > most || first > Long.MAX_VALUE - claimed) {
      throw new BadFrame("outcomes of " + claimed + " items from " + first + " on");
    }
    int count = (int) claimed;
    var items = ItemRange.ofCount(first, count);
    long chunk = FrameClaims.need(header.chunk, "chunk");
    // The pool rejects a chunk that the worker does not have.
    Job job = jobs.get(chunk);
    JobSpec spec = job == null ? null : job.spec();
    var cost = FrameClaims.cost(header, count, spec != null && ItemTimes.areWanted(spec));
    // The job whose values only the worker can look into; null for others.
    JobSpec python = spec != null && spec.values() == JobSpec.Values.PYTHON ? spec : null;
    var errors = FrameClaims.errors(header.errors, items, python != null);
    boolean last = FrameClaims.need(header.last, "last");
    if (last) {
      jobs.keySet().removeIf(number -> number <= chunk);
    }
    if (job != null && header.seeding != null) {
      seedsItself(job, header.seeding);
    }
    List<Outcomes> parts;
    long claim = header.matched == null ? 0 : header.matched;
    if (python != null) {
      boolean counts = ReportForm.matchFor(python) != null;
      claim = counts ? FrameClaims.need(header.matched, "matched") : 0;
    }
    long matched = Math.clamp(claim, 0, count - errors.size());
    if (combined) {
      if (spec != null && ReportForm.isApart(spec) && count > 1 && !errors.isEmpty()) {
        throw new BadFrame("an item that failed is combined with others");
      }
      byte[] sent = Arrays.copyOfRange(frame, headerEnd, frame.length);
      byte[] partial = partial(spec, sent, count - errors.size());
      parts = List.of(new Outcomes(items, partial, errors, cost, matched));
    } else {
      byte[] values = JoinedValues.fromArray(frame, headerEnd, count, RESULT_LIMITS);
      if (python != null && python.reduce() != JobSpec.Reduce.LIST) {
        throw new BadFrame("Python values are not combined, and the service does not open them");
      }
      var plain = new Outcomes(items, values, errors, cost, python == null ? 0 : matched);
      parts = spec == null ? List.of(plain) : ReportForm.of(spec, plain);
    }
    return new WorkerEvent.Answered(worker, chunk, parts, last);
  }

  /** Reports the worker's claim that the function seeds itself, once for each job with a seed. */
  private void seedsItself(Job job, String call) {
    if (job.spec().seed() != null && !job.id().equals(seedsItself)) {
      seedsItself = job.id();
      events.accept(
          new WorkerEvent.SeedsItself(worker, job.id(), ShortText.of(call, MOST_CALL_CHARACTERS)));
    }
  }

  /** Checks a worker's partial, and returns it in the form in which the service writes it. */
  private static byte[] partial(@Nullable JobSpec spec, byte[] sent, int results) throws BadFrame {
    String reduction = spec == null ? null : ReportForm.reductionFor(spec);
    if (reduction == null) {
      throw new BadFrame("results are combined though nobody asked for that");
    }
    try {
      checkOneValue(sent);
      var combiner = Combiner.of(reduction);
      combiner.merge(sent);
      if (combiner.count() != results) {
        throw new BadFrame(
            "a partial of " + combiner.count() + " results in a frame with " + results);
      }
      if (reduction.equals("find")) {
        // Extra members of the partial would make the found value invalid.
        checkOneValue(combiner.result().getBytes(StandardCharsets.UTF_8));
      }
      return combiner.partial();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new BadFrame("no partial of " + reduction + ": " + e.getMessage());
    }
  }

  private static void checkOneValue(byte[] json) {
    var scanner = new JsonScanner(json, RESULT_LIMITS);
    scanner.value();
    scanner.expectEnd();
  }
}
