package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.engine.worker.pool.NodeJob.Mischief;
import dev.manyhands.engine.worker.protocol.FrameChannel;
import dev.manyhands.engine.worker.protocol.FrameCodec;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.engine.worker.protocol.PythonAdapter;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process of the {@link NodeSimulation}: what it writes goes through a real channel, what it
 * names goes through a real page. It does a little at each {@link #step}: what it should, unless
 * its job is hostile.
 */
final class SimulatedWorker implements RunningWorker {
  private final Launch launch;
  private final Map<JobId, NodeJob> jobs;
  private final NodeJob owner;
  private final Consumer<WorkerEvent> events;
  private final Random random;
  private final Path file;
  private final ControlPage page;
  private final FileChannel mine;
  private final Pipe pipe = new Pipe();
  private final FrameChannel channel;
  private final boolean ignores;

  private enum Phase {
    STARTING,
    LAUNCHED,
    READY,
    LOADED,
    GONE
  }

  private Phase phase = Phase.STARTING;
  private final ArrayDeque<Part> chunks = new ArrayDeque<>();
  private long next;

  /** The items of the chunk that was read last. */
  private @Nullable ItemRange sent;

  /** Items that it has run or is to run. */
  private long given;

  private boolean hangs;
  private boolean killed;

  /** Whether it was asked for its stacks, and will end by itself. */
  private boolean quits;

  private boolean ended;
  private boolean unread;
  private byte[] lastReport = {};

  /** As much of a chunk as the worker was sent. */
  private record Part(long number, Job job, ItemRange items) {}

  /**
   * Bytes that were written and not read. The end of the stream is not final, because more bytes
   * may be written later.
   */
  private static final class Pipe extends InputStream {
    private byte[] bytes = {};
    private int at;

    void write(byte[] more) {
      bytes = more;
      at = 0;
    }

    @Override
    public int read() {
      return at < bytes.length ? bytes[at++] & 0xFF : -1;
    }
  }

  SimulatedWorker(
      Launch launch,
      Map<JobId, NodeJob> jobs,
      Path file,
      WorkerSettings settings,
      Random random,
      Consumer<WorkerEvent> events)
      throws IOException {
    this.launch = launch;
    this.jobs = jobs;
    this.owner = Objects.requireNonNull(jobs.get(launch.job().id()));
    this.file = file;
    this.events = events;
    this.random = random;
    this.ignores = owner.mischief.contains(Mischief.IGNORES);
    this.page = ControlPage.create(file);
    this.mine = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    // Now and then the inputs of a chunk are too many for one frame.
    ItemSource source =
        (job, items, most) ->
            read(
                items.count() > 1 && random.nextInt(20) == 0
                    ? new ItemRange(items.first(), items.first() + 1)
                    : items);
    this.channel =
        new FrameChannel(
            launch.worker(),
            new FrameChannel.Pipes(OutputStream.nullOutputStream(), pipe),
            new PythonAdapter("python3", Path.of("unused"), bundle -> Path.of("unused")),
            source,
            settings,
            null,
            events);
  }

  private ItemSource.Items read(ItemRange items) {
    sent = items;
    return new ItemSource.Items(items, new byte[] {'1'});
  }

  /** Whether it does anything at a step. */
  boolean isAtWork() {
    if (phase == Phase.GONE) {
      return false;
    }
    return killed
        || quits
        || (!hangs && (phase != Phase.LOADED || !launch.orders().isEmpty() || !chunks.isEmpty()));
  }

  boolean isOfOneJob() {
    return owner.job.spec().ownsWorkers();
  }

  boolean isHostile() {
    return owner.isHostile();
  }

  long id() {
    return launch.worker();
  }

  boolean isGone() {
    return phase == Phase.GONE;
  }

  boolean isDiscarded() {
    return !Files.exists(file);
  }

  void step() throws IOException {
    if (phase == Phase.STARTING) {
      launch();
    } else if (killed) {
      exit(137);
    } else if (quits) {
      exit(131);
    } else if (isHostile() && random.nextInt(3) == 0) {
      misbehave(any(List.copyOf(owner.mischief)));
    } else {
      behave();
    }
  }

  private void launch() {
    if (owner.mischief.contains(Mischief.NOT_LAUNCHED) && random.nextBoolean()) {
      var error = new JobError("NOT_STARTED", "no", null);
      events.accept(new WorkerEvent.NotLaunched(id(), error, any(List.of(StartFault.values()))));
      phase = Phase.GONE;
      discard();
    } else {
      events.accept(new WorkerEvent.Launched(id(), this));
      phase = Phase.LAUNCHED;
    }
  }

  private void behave() throws IOException {
    switch (phase) {
      case LAUNCHED -> {
        if (owner.mischief.contains(Mischief.NEVER_READY)) {
          hangs = true;
          return;
        }
        say("{\"op\":\"ready\",\"protocol\":1,\"runtime\":\"x\"}", "");
        phase = Phase.READY;
      }
      case READY -> {
        say("{\"op\":\"loaded\"}", "");
        phase = Phase.LOADED;
      }
      default -> {
        if (launch.orders().isEmpty() || (!chunks.isEmpty() && random.nextBoolean())) {
          work();
        } else {
          obey(launch.orders().remove());
        }
      }
    }
  }

  private void obey(WorkerMessage order) throws IOException {
    if (order instanceof WorkerMessage.End) {
      if (!ignores) {
        exit(0);
      }
      return;
    }
    channel.send(order);
    if (order instanceof WorkerMessage.Run run) {
      assertThat(run.job().spec().function())
          .as("function of a chunk and of its worker")
          .isEqualTo(launch.job().spec().function());
      checkUse(run);
      chunks.add(new Part(run.chunk().number(), run.job(), Objects.requireNonNull(sent)));
      if (chunks.size() == 1) {
        next = chunks.element().items().first();
      }
    }
  }

  /** Checks that a worker which belongs to one job runs nothing else, and not too many items. */
  private void checkUse(WorkerMessage.Run run) {
    var spec = run.job().spec();
    if (spec.ownsWorkers() || launch.job().spec().ownsWorkers()) {
      assertThat(run.job().id()).as("job of a worker").isEqualTo(launch.job().id());
    }
    given += Objects.requireNonNull(sent).count();
    // A hostile worker may hand back items that it has run.
    if (spec.recycle() != null && !isHostile()) {
      assertThat(given)
          .as("items of a recycled worker")
          .isLessThanOrEqualTo(spec.recycle().items());
    }
  }

  private void work() throws IOException {
    Part chunk = chunks.peek();
    if (chunk == null) {
      return;
    }
    long stop = word(2);
    long recall = word(3);
    boolean returns = chunk.number() <= stop || (recall != 0 && chunk.number() >= recall);
    if (returns && !ignores) {
      say("{\"op\":\"returned\",\"chunk\":" + chunk.number() + ",\"first\":" + next + "}", "");
      given -= chunk.items().end() - next;
      done();
      return;
    }
    long end = Math.min(chunk.items().end(), next + 1 + random.nextInt(8));
    var values = new StringBuilder("[");
    var errors = new StringBuilder();
    NodeJob job = jobs.get(chunk.job().id());
    for (long item = next; item < end; item++) {
      write(8, chunk.number());
      write(9, item);
      switch (job.fate(item)) {
        case KILLS_ITS_WORKER, HANGS -> {
          if (item > next) {
            end = item; // first it reports what it has
            write(9, -1);
          } else if (job.fate(item) == NodeJob.Fate.HANGS) {
            hangs = true;
            return;
          } else {
            exit(139);
            return;
          }
        }
        case FAILS -> {
          values.append(item == next ? "null" : ",null");
          errors
              .append(errors.isEmpty() ? "" : ",")
              .append("{\"index\":" + item + ",\"kind\":\"ERROR\",\"type\":\"E\"}");
        }
        case RETURNS -> values.append(item == next ? "" : ",").append(job.value(item));
      }
    }
    boolean last = end == chunk.items().end();
    report(chunk.number(), next, end - next, last, "\"errors\":[" + errors + "]", values + "]");
    next = end;
    if (last) {
      done();
    }
  }

  private void done() throws IOException {
    write(9, -1);
    chunks.remove();
    Part following = chunks.peek();
    next = following == null ? 0 : following.items().first();
  }

  // ---- what it should not do

  private void misbehave(Mischief mischief) throws IOException {
    Part chunk = chunks.peek();
    long number = chunk == null ? random.nextInt(50) : chunk.number();
    long end = chunk == null ? 5 : chunk.items().end();
    switch (mischief) {
      case GARBAGE -> {
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        write(noise);
      }
      case LONG_FRAME -> write(new byte[] {(byte) random.nextInt(256), -1, 0, 0});
      case HALF_FRAME -> write(new byte[] {0, 0, 0, 9, '{'});
      case NO_SUCH_OP -> say(any(List.of("{\"op\":\"x\"}", "[]", "{}", "{\"op\":1}", "")), "");
      case OTHER_CHUNK ->
          report(random.nextInt(50), next, 1, random.nextBoolean(), "\"x\":1", "[1]");
      case OTHER_COUNT ->
          report(number, next, random.nextInt(9), random.nextBoolean(), "\"x\":1", "[1]");
      case OTHER_ITEMS ->
          report(
              number,
              random.nextBoolean() ? random.nextLong() : random.nextInt(60),
              1,
              random.nextBoolean(),
              "\"x\":1",
              "[1]");
      case WRONG_LAST -> report(number, next, 1, next + 1 != end, "\"x\":1", "[1]");
      case TWICE -> write(lastReport);
      case RETURNS_WHAT_IT_LACKS ->
          say(
              "{\"op\":\"returned\",\"chunk\":"
                  + (random.nextBoolean() ? number : random.nextInt(50))
                  + ",\"first\":"
                  + any(List.of(next - 1, next, end, random.nextLong()))
                  + "}",
              "");
      case CUTS_PAGE -> mine.truncate(random.nextInt(200));
      case FILLS_PAGE -> {
        byte[] noise = new byte[4096];
        random.nextBytes(noise);
        mine.write(ByteBuffer.wrap(noise), 0);
      }
      case NAMES_OTHER_ITEMS -> {
        write(8, random.nextBoolean() ? number : random.nextLong());
        write(9, random.nextBoolean() ? random.nextInt(60) : random.nextLong());
      }
      case EXITS -> exit(random.nextInt(256));
      case HANGS -> hangs = true;
      case LARGE_VALUES ->
          report(number, next, 1, next + 1 == end, "\"x\":1", "[" + "9".repeat(40_000) + "]");
      case FALSE_COST ->
          report(
              number,
              next,
              1,
              next + 1 == end,
              any(
                  List.of(
                      "\"rss\":-1",
                      "\"rss\":9223372036854775807",
                      "\"run\":1e308",
                      "\"run\":-1e308,\"write\":1e999",
                      "\"rss\":99999999999999999999",
                      "\"matched\":-5",
                      "\"combined\":true")),
              "[1]");
      case LOADS_AGAIN -> say("{\"op\":\"loaded\"}", "");
      case FAILS_LATE -> say("{\"op\":\"failed\",\"type\":\"E\"}", "");
      case HOLDS_MUCH -> events.accept(new WorkerEvent.Usage(id(), Long.MAX_VALUE, 1e18));
      case FILLS_DISK -> events.accept(new WorkerEvent.ScratchFull(id(), "it wrote too much"));
      case NEVER_READY, NOT_LAUNCHED, IGNORES -> behave();
    }
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  // ---- its pipe and its page

  private void report(
      long chunk, long first, long count, boolean last, String members, String values) {
    String header =
        "{\"op\":\"outcomes\",\"chunk\":%d,\"first\":%d,\"count\":%d,\"last\":%b,%s}"
            .formatted(chunk, first, count, last, members);
    lastReport = frame(header, values);
    write(lastReport);
  }

  private void say(String header, String values) {
    write(frame(header, values));
  }

  private static byte[] frame(String header, String values) {
    try {
      var out = new ByteArrayOutputStream();
      String payload = values.isEmpty() ? header : header + "\n" + values;
      FrameCodec.write(out, payload.getBytes(StandardCharsets.UTF_8));
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the reader's thread of a worker does. */
  private void write(byte[] bytes) {
    if (unread) {
      return;
    }
    pipe.write(bytes);
    try {
      channel.receive();
    } catch (BadFrame bad) {
      unread = true;
      events.accept(new WorkerEvent.Broken(id(), String.valueOf(bad.getMessage())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void exit(int status) throws IOException {
    phase = Phase.GONE;
    ended = true;
    mine.close();
    events.accept(new WorkerEvent.Gone(id(), status, null, null));
  }

  private void write(int word, long value) throws IOException {
    var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, value);
    mine.write(bytes, (long) word * Long.BYTES);
  }

  private long word(int word) throws IOException {
    var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    return mine.read(bytes, (long) word * Long.BYTES) == Long.BYTES ? bytes.getLong(0) : 0;
  }

  // ---- for the pool

  @Override
  public void note(JobId job, String text) {}

  @Override
  public long pid() {
    return 1_000 + id();
  }

  @Override
  public ControlPage page() {
    return page;
  }

  @Override
  public boolean waitsForInputs() {
    return false;
  }

  /** Not all can print, and not all that can do so in time. */
  @Override
  public boolean printStacks() {
    boolean prints = random.nextBoolean();
    quits = prints && !ended && random.nextBoolean();
    return prints;
  }

  @Override
  public void kill() {
    killed = !ended;
  }

  @Override
  public void discard() {
    page.close();
    try {
      mine.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
