package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.WorkerStarter;
import dev.manyhands.engine.worker.pool.ScriptedWorkers.ScriptedWorker;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.JobId;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers without processes that obey their orders, each in a thread of its own, as far as their
 * function does: it may name an item at which the worker dies, or wait.
 */
final class SelfPlayedWorkers implements WorkerStarter {
  private final List<Player> players = new CopyOnWriteArrayList<>();
  private final Path directory;
  private final Failures failures;
  private final BiConsumer<String, Chunk> function;

  /** Thrown by the function: the worker dies at this item. */
  static final class Died extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long item;

    Died(long item) {
      this.item = item;
    }
  }

  /**
   * @param function is called for each chunk with the digest of the worker's function; runs all
   *     items of the chunk, or blocks until it is interrupted, which ends the worker
   */
  SelfPlayedWorkers(Path directory, Failures failures, BiConsumer<String, Chunk> function) {
    this.directory = directory;
    this.failures = failures;
    this.function = function;
  }

  @Override
  public void start(Launch launch, Consumer<WorkerEvent> events) {
    failures.pass("start");
    players.add(new Player(launch, events));
  }

  @Override
  public void discard(RunningWorker gone) {
    failures.pass("starter.discard");
    gone.discard();
  }

  /** Processes that were started. */
  int started() {
    return players.size();
  }

  /** Processes that are there. */
  long running() {
    return players.stream().filter(player -> !player.ended).count();
  }

  /** Processes that were killed. */
  long killed() {
    return players.stream().filter(player -> player.killed).count();
  }

  private final class Player implements RunningWorker {
    private final Launch launch;
    private final ScriptedWorker script;
    private final Thread thread;
    private volatile boolean killed;
    private volatile boolean ended;

    Player(Launch launch, Consumer<WorkerEvent> events) {
      this.launch = launch;
      Path file = directory.resolve("p" + players.size());
      this.script = new ScriptedWorker(launch, file, events, failures);
      this.thread = Thread.ofVirtual().start(this::live);
    }

    private void live() {
      int status = 137;
      try {
        script.says(new WorkerEvent.Launched(launch.worker(), this));
        script.says(new WorkerEvent.Ready(launch.worker(), "test 1"));
        script.says(new WorkerEvent.Loaded(launch.worker()));
        while (true) {
          WorkerMessage order = launch.orders().take();
          if (order instanceof WorkerMessage.End) {
            status = 0;
            return;
          } else if (order instanceof WorkerMessage.Run run) {
            run(run.chunk());
          }
        }
      } catch (InterruptedException wasKilled) {
        // As a process would, it just ends.
      } catch (UncheckedIOException unwritten) {
        if (!killed) { // a kill in the middle of a write closes the file
          throw unwritten;
        }
      } catch (Died death) {
        status = 139;
      } finally {
        ended = true;
        script.exits(status);
      }
    }

    private void run(Chunk chunk) throws InterruptedException {
      script.names(chunk.number(), chunk.items().first());
      try {
        function.accept(launch.job().spec().function().digest(), chunk);
      } catch (Died death) {
        script.names(chunk.number(), death.item);
        throw death;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      script.answers(chunk.number(), chunk.items().first(), chunk.items().end(), true);
    }

    @Override
    public void note(JobId job, String text) {}

    @Override
    public long pid() {
      return script.pid();
    }

    @Override
    public ControlPage page() {
      return script.page();
    }

    @Override
    public boolean waitsForInputs() {
      return false;
    }

    @Override
    public void kill() {
      failures.pass("kill");
      killed = !ended;
      thread.interrupt();
    }

    @Override
    public void discard() {
      script.discard();
    }
  }

  /** Waits as a function that never ends; a kill ends it. */
  static void hang(@Nullable Runnable begun) {
    if (begun != null) {
      begun.run();
    }
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException killed) {
      Thread.currentThread().interrupt();
    }
  }
}
