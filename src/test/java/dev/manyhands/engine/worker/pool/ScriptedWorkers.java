package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Outcomes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Workers without processes, each with a real control page. A test controls what they do. All run
 * in one thread.
 */
final class ScriptedWorkers implements WorkerStarter {
  /** All that were started, in the order of their start. */
  final List<ScriptedWorker> all = new ArrayList<>();

  private final Path directory;
  private final Failures failures;

  ScriptedWorkers(Path directory, Failures failures) {
    this.directory = directory;
    this.failures = failures;
  }

  ScriptedWorker last() {
    return all.getLast();
  }

  @Override
  public void start(Launch launch, Consumer<WorkerEvent> events) {
    failures.pass("start");
    all.add(new ScriptedWorker(launch, directory.resolve("w" + all.size()), events, failures));
  }

  @Override
  public void discard(RunningWorker gone) {
    failures.pass("starter.discard");
    gone.discard();
  }

  /** One of them. */
  static final class ScriptedWorker implements RunningWorker {
    /** The lines that were written into logs for it. */
    final List<String> notes = new ArrayList<>();

    final Launch launch;
    boolean killed;
    boolean discarded;
    boolean waits;
    String unanswered = "";
    private final long id;
    private final Path file;
    private final ControlPage page;
    private final Consumer<WorkerEvent> events;
    private final Failures failures;

    ScriptedWorker(Launch launch, Path file, Consumer<WorkerEvent> events, Failures failures) {
      this.launch = launch;
      this.id = launch.worker();
      this.file = file;
      this.events = events;
      this.failures = failures;
      try {
        this.page = ControlPage.create(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    // ---- for the pool

    @Override
    public void note(JobId job, String text) {
      notes.add(text);
    }

    @Override
    public String unanswered(boolean hasPrinted) {
      return unanswered;
    }

    @Override
    public long pid() {
      failures.pass("pid");
      return 1_000 + id;
    }

    @Override
    public ControlPage page() {
      failures.pass("page");
      return page;
    }

    @Override
    public boolean waitsForInputs() {
      failures.pass("waitsForInputs");
      return waits;
    }

    @Override
    public void kill() {
      failures.pass("kill");
      killed = true;
    }

    @Override
    public void discard() {
      failures.pass("discard");
      discarded = true;
      page.close();
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    // ---- for the test

    void says(WorkerEvent event) {
      events.accept(event);
    }

    void launched() {
      says(new WorkerEvent.Launched(id, this));
    }

    /** Comes up and loads its function. */
    void loaded() {
      launched();
      says(new WorkerEvent.Ready(id, "test 1"));
      says(new WorkerEvent.Loaded(id));
    }

    void notLaunched(StartFault fault) {
      says(new WorkerEvent.NotLaunched(id, new JobError("NOT_STARTED", "no", null), fault));
    }

    void answers(long chunk, long first, long end, boolean last) {
      var outcomes =
          new Outcomes(
              new ItemRange(first, end),
              LongStream.range(first, end)
                  .mapToObj(Long::toString)
                  .collect(Collectors.joining(","))
                  .getBytes(StandardCharsets.UTF_8),
              List.of(),
              Outcomes.Cost.NONE);
      says(new WorkerEvent.Answered(id, chunk, List.of(outcomes), last));
    }

    void handsBack(long chunk, long first) {
      says(new WorkerEvent.HandedBack(id, chunk, first));
    }

    void uses(long rssBytes, double cpuSeconds) {
      says(new WorkerEvent.Usage(id, rssBytes, cpuSeconds));
    }

    void exits(int status) {
      exits(status, null);
    }

    void exits(int status, @Nullable String fault) {
      says(new WorkerEvent.Gone(id, status, "last words", fault));
    }

    /** Names the item that it runs. */
    void names(long chunk, long item) {
      write(8, chunk);
      write(9, item);
    }

    /** Names the item that one of its threads runs. */
    void names(long chunk, int thread, long item) {
      write(8, chunk);
      write(16 + thread, item);
    }

    void write(int word, long value) {
      try (var mine = FileChannel.open(file, StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        mine.write(bytes.putLong(0, value), (long) word * Long.BYTES);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    long word(int word) {
      try {
        return ByteBuffer.wrap(Files.readAllBytes(file))
            .order(ByteOrder.nativeOrder())
            .getLong(word * Long.BYTES);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void cutsPage() {
      try (var mine = FileChannel.open(file, StandardOpenOption.WRITE)) {
        mine.truncate(0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Chunks that it was sent. */
    List<Long> chunks() {
      var chunks = new ArrayList<Long>();
      for (WorkerMessage order : launch.orders()) {
        if (order instanceof WorkerMessage.Run run) {
          chunks.add(run.chunk().number());
        }
      }
      return chunks;
    }

    boolean wasEnded() {
      return launch.orders().stream().anyMatch(WorkerMessage.End.class::isInstance);
    }
  }
}
