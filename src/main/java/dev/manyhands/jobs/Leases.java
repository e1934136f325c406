package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases of open jobs that name an {@code idle} time. A request about the job uses the lease until
 * the request is answered, also if the answer is a stream. A lease that nobody uses for the idle
 * time is over, and its job is abandoned.
 *
 * <p>Leases are in memory. A lease therefore begins anew when the service starts. Safe for use by
 * any thread; a thread of its own looks for leases that are over.
 */
public final class Leases implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  private static final long LOOK_MILLIS = 500;
  private static final Use NONE = () -> {};

  private final JobBoard board;
  private final Consumer<JobId> abandon;
  private final LongSupplier nanoClock;
  private final ConcurrentMap<JobId, Lease> leases = new ConcurrentHashMap<>();
  private final Thread thread;

  /** The use of a lease by a request, until the use is closed. */
  @FunctionalInterface
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Lease {
    private final Duration idle;
    private int uses;
    private long unusedSince;

    /** Whether the end of the lease was logged. Owned by the thread that looks. */
    private boolean logged;

    Lease(Duration idle, long nowNanos) {
      this.idle = idle;
      this.unusedSince = nowNanos;
    }

    synchronized void begin() {
      uses++;
    }

    synchronized void end(long nowNanos) {
      uses--;
      unusedSince = nowNanos;
    }

    synchronized boolean isOver(long nowNanos) {
      return uses == 0 && nowNanos - unusedSince >= idle.toNanos();
    }
  }

  /**
   * @param abandon ends a job; called again at each look while the job goes on
   * @param nanoClock the monotonic clock
   */
  public Leases(JobBoard board, Consumer<JobId> abandon, LongSupplier nanoClock) {
    this.board = board;
    this.abandon = abandon;
    this.nanoClock = nanoClock;
    this.thread = Thread.ofPlatform().daemon().name("leases").unstarted(this::loop);
  }

  /** Begins the leases of the unfinished jobs of an earlier service, and starts the thread. */
  public void start(List<Grant> unfinished) {
    unfinished.forEach(grant -> begin(grant.job()));
    thread.start();
  }

  /** Begins the lease of a job; without an effect if the job has none. */
  void begin(Job job) {
    Duration idle = job.spec().inputs() instanceof Inputs.Open open ? open.idle() : null;
    if (idle != null) {
      leases.put(job.id(), new Lease(idle, nanoClock.getAsLong()));
    }
  }

  /** Uses the lease of a job until the result is closed; without an effect if the job has none. */
  public Use use(JobId job) {
    @Nullable Lease lease = leases.get(job);
    if (lease == null) {
      return NONE;
    }
    lease.begin();
    return () -> lease.end(nanoClock.getAsLong());
  }

  /** Whether the thread is alive. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Abandons the jobs whose leases are over, and forgets the leases of jobs that take no more
   * inputs.
   */
  void look() {
    long now = nanoClock.getAsLong();
    leases.forEach((job, lease) -> {
      Optional<JobStatus> status = board.status(job);
      if (status.isEmpty() || !status.get().inputsOpen()) {
        leases.remove(job);
      } else if (lease.isOver(now)) {
        if (!lease.logged) {
          log.info("job {} is abandoned: no request in {} s", job, lease.idle.toSeconds());
          lease.logged = true;
        }
        abandon.accept(job);
      }
    });
  }

  private void loop() {
    while (true) {
      try {
        look();
      } catch (RuntimeException | Error fault) {
        log.warn("a look at the leases failed, and is repeated", fault);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException closed) {
        return;
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
