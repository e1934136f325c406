package dev.manyhands.store.writer;

import dev.manyhands.store.CommitListener;
import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.writer.Write.OnOutage;
import dev.manyhands.store.writer.Write.Work;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer. All writes that arrive during one commit share the next commit. Many writes
 * thus share the price of a durable commit, which is a flush of the disk. A write that arrives
 * alone is committed at once, unless it is deferrable ({@link Write#withOthers}).
 *
 * <p>Failures, and what they mean for the group of writes:
 *
 * <pre>
 * a write is at fault         The group is rolled back. Each write runs again on its own, so that
 *                             only the faulty one fails.
 * the database is away        Writes that wait go back to the front, in order, and run again until
 *                             they succeed or the store is closed. The other writes fail now, and
 *                             the queue rejects new ones that do not wait.
 * others were in the way      The group is rolled back and runs again, a few times; then as away.
 * the disk is full            As away, but writes that free room run first, with a reserve for
 *                             them, and the queue still accepts writes that free room.
 * the commit's answer is lost The writer asks for the fate of the transaction as soon as the
 *                             database is back. If it was not committed, writes that wait run again.
 * the database does not       Writes that do not wait fail after a few seconds, and the queue
 *   answer                    rejects such writes. A write that failed but was committed is undone.
 * another service took over   All writes fail, and the writer ends for good.
 * </pre>
 *
 * <p>Futures of committed writes complete on the writer's thread, in the order of the writes.
 * Futures of rejected writes may complete before, on the thread of the caller or of the watch. An
 * action that depends on a future must be short and must not wait for another write.
 */
public final class GroupCommit implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  /**
   * How long a deferrable write waits for other writes. Long against a commit, short against what a
   * person notices.
   */
  private static final Duration LONGEST_WAIT = Duration.ofMillis(50);

  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  /** How long a group may take before the writes that do not wait are rejected. */
  static final Duration LONGEST_SILENCE = Duration.ofSeconds(5);

  /** How often an idle writer checks whether the database is still its own. */
  private static final Duration CHECK_EVERY = Duration.ofSeconds(2);

  private final WriteQueue queue = new WriteQueue(LONGEST_WAIT);
  private final WriterSession session;
  private final Dialect dialect;
  private final Outage outage;
  private final CommitListener listener;
  private final UnderWay underWay = new UnderWay(System::nanoTime);
  private final CompletableFuture<OwnershipLostException> lost = new CompletableFuture<>();
  private final Thread writer;
  private final Thread watch;

  /** A group whose commit got no answer. Owned by the writer. */
  private @Nullable InDoubt inDoubt;

  /** The group of the current step; empty once each of its writes has an answer or is queued. */
  private List<Write<?>> taken = List.of();

  /** Thrown by the last step; null if none. */
  private @Nullable Throwable fault;

  private record InDoubt(List<Write<?>> group, long mark) {}

  public GroupCommit(WriterSession session, Dialect dialect, Pause pause, CommitListener listener) {
    this.session = session;
    this.dialect = dialect;
    this.outage = new Outage(pause);
    this.listener = listener;
    this.writer = Thread.ofPlatform().daemon().name("store-writer").start(this::run);
    this.watch = SilenceWatch.begin(writer, underWay, LONGEST_SILENCE, this::turnDownTheHasty);
  }

  public <T> CompletableFuture<T> write(OnOutage onOutage, long bytes, Work<T> work) {
    return write(new Write<>(onOutage, bytes, work, null));
  }

  public <T> CompletableFuture<T> write(Write<T> write) {
    queue.add(write);
    return write.future();
  }

  /** Commits all writes of a task together, if they fit in one group. */
  public void together(Runnable writes) {
    queue.together(writes);
  }

  /**
   * Returns how many writes wait for their turn, without those of the group that is being
   * committed.
   */
  public int queued() {
    return queue.size();
  }

  /**
   * Returns why writes are rejected, or why a group failed within the last ten seconds. Null for
   * neither, and after a commit.
   */
  public @Nullable StoreException whyAway() {
    StoreException away = queue.whyAway();
    return away == null ? outage.recent() : away;
  }

  /** Returns a future that completes once another service has taken over and all writes failed. */
  public CompletableFuture<OwnershipLostException> lost() {
    return lost;
  }

  /** Returns whether the writer's thread is alive. */
  public boolean isRunning() {
    return writer.isAlive();
  }

  /** Returns whether the thread that watches the writer is alive. */
  public boolean isWatched() {
    return watch.isAlive();
  }

  /**
   * Accepts no more writes, and stops when all accepted writes are on disk, or after ten seconds.
   * Writes that are not on disk by then fail.
   */
  @Override
  public void close() {
    close(Duration.ofSeconds(10));
  }

  /**
   * Closes as {@link #close()} does, but gives up after a time. Writes that are not on disk by then
   * fail.
   */
  void close(Duration patience) {
    queue.close();
    try {
      if (!writer.join(patience)) {
        log.warn("gave up writes at close, queued={}", queue.size());
        writer.interrupt();
        writer.join(LAST_WORDS);
      }
    } catch (InterruptedException hurry) {
      writer.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Rejects the writes that do not wait. Those of the group under way may yet be committed, and are
   * then undone. Called in the thread of the watch.
   */
  private void turnDownTheHasty(List<Write<?>> group) {
    String silence = "it has not answered for " + LONGEST_SILENCE.toSeconds() + " s";
    var why = new StoreException("the database cannot be written to: " + silence, null);
    outage.log(silence, queue.size());
    queue.away(why, true, queue.isFull());
    group.stream().filter(write -> !write.waitsWhenAway()).forEach(write -> write.failed(why));
  }

  // All methods from here on belong to the writer's thread.

  private void run() {
    OwnershipLostException takenOver = null;
    try {
      for (boolean goesOn = true; goesOn; ) {
        try {
          goesOn = step();
        } catch (OwnershipLostException e) {
          takenOver = e;
          goesOn = false;
        } catch (RuntimeException | Error thrown) {
          fault = thrown; // the next step answers: a fault must not end the thread that all need
        }
      }
    } catch (InterruptedException gaveUp) {
      log.debug("the writer was told to stop");
    } finally {
      session.discard();
      StoreException why = takenOver;
      if (why == null) {
        queue.close();
        why = new StoreException("the store was closed before this was written", null);
      } else {
        log.error("{}", why.getMessage());
        queue.close(why);
      }
      Write.failAll(taken, why);
      Write.failAll(inDoubt == null ? List.of() : inDoubt.group(), why);
      queue.failAll(why);
      if (takenOver != null) {
        lost.complete(takenOver);
      }
    }
  }

  /**
   * Commits one group, settles a commit in doubt, or checks the database when there was nothing to
   * write. Returns false when there will be no more groups.
   */
  private boolean step() throws InterruptedException {
    if (fault != null) {
      answer(fault);
    } else if (inDoubt != null) {
      settle(inDoubt);
    } else if (!queue.await(CHECK_EVERY)) {
      check();
    } else {
      taken = queue.take();
      if (taken.isEmpty()) {
        return false;
      }
      commit(taken);
      taken = List.of();
    }
    return true;
  }

  /** Answers the group at which the writer failed. Committed writes keep their answers. */
  private void answer(Throwable failure) {
    Write.failAll(taken, failure);
    log.error("the writer failed at a group, writes={}", taken.size(), failure);
    taken = List.of();
    disconnect();
    fault = null;
  }

  /** Checks whether the database is still ours, and reachable. */
  private void check() {
    underWay.begin(List.of());
    try {
      session.check();
      if (underWay.end()) {
        back();
      }
    } catch (SQLException away) {
      log.debug("the database does not answer", away);
      disconnect();
    }
  }

  private void disconnect() {
    session.discard();
    if (underWay.end()) {
      queue.back(); // the next write finds out more
    }
  }

  @SuppressWarnings("CatchingUnchecked") // a bug in one write costs this write only
  private void commit(List<Write<?>> group) throws InterruptedException {
    boolean freshConnection = !session.isOpen();
    boolean committing = false;
    long start = System.nanoTime();
    underWay.begin(group);
    try {
      Transaction transaction = session.begin();
      for (Write<?> write : group) {
        write.run(transaction);
      }
      committing = true;
      session.commit();
    } catch (SQLException failure) {
      boolean wasSlow = underWay.end();
      if (failure instanceof SQLNonTransientConnectionException || dialect.isAway(failure)) {
        boolean inDoubt = committing && !dialect.isConflict(failure);
        away(group, failure, inDoubt ? session.mark() : null, freshConnection, wasSlow);
      } else {
        spoilt(group, failure, wasSlow);
      }
      return;
    } catch (OwnershipLostException taken) {
      throw taken;
    } catch (RuntimeException | Error bug) {
      spoilt(group, bug, underWay.end());
      return;
    }
    underWay.end();
    try {
      if (!queue.isFull() || !group.stream().allMatch(Write::freesRoom) || !queue.hasOthers()) {
        back();
      }
      session.mendReserve();
      listener.committed(group.size(), Duration.ofNanos(System.nanoTime() - start));
    } finally {
      queue.undo(Write.committed(group));
    }
  }

  private void spoilt(List<Write<?>> group, Throwable failure, boolean wasSlow) {
    session.rollback();
    if (wasSlow) {
      back(); // it has answered
    }
    List<Write<?>> wanted = Write.unreported(group);
    if (group.size() == 1) {
      group.getFirst().failed(failure);
    } else if (!wanted.isEmpty()) {
      queue.giveBackOneByOne(wanted);
    }
  }

  private void away(
      List<Write<?>> group,
      SQLException failure,
      @Nullable Long mark,
      boolean freshConnection,
      boolean wasSlow)
      throws InterruptedException {
    session.rollback();
    if (!dialect.leavesConnection(failure)) {
      session.discard();
    }
    if (mark == null && !wasSlow && mayPassAtOnce(failure, freshConnection)) {
      queue.giveBack(group);
      return;
    }
    boolean isFull = mark == null && dialect.isFull(failure);
    // Writes that free room have not been tried on their own yet, or now have more room than then.
    boolean mayFree =
        isFull && (!group.stream().allMatch(Write::freesRoom) || session.giveUpReserve());
    var why =
        new StoreException("the database cannot be written to: " + failure.getMessage(), failure);
    outage.failed(why);
    outage.log(failure.getMessage(), queue.size());
    log.debug("the database cannot be written to", failure);
    Predicate<Write<?>> stays = write -> write.waitsWhenAway() || (mayFree && write.freesRoom());
    if (mark == null) {
      queue.giveBack(Write.unreported(group).stream().filter(stays).toList());
    } else {
      inDoubt = new InDoubt(group, mark);
    }
    boolean somebodyWaits = queue.away(why, mark != null, isFull);
    group.stream().filter(stays.negate()).forEach(write -> write.failed(why));
    if (somebodyWaits && !(mayFree && queue.hasFreeing())) {
      outage.pause();
    }
  }

  /** Returns whether a second attempt may work now, so that no write need be rejected. */
  private boolean mayPassAtOnce(SQLException failure, boolean freshConnection) {
    if (dialect.isConflict(failure)) {
      return queue.whyAway() == null && outage.bearsAConflict();
    }
    if (dialect.isLocked(failure)) {
      return false; // the lock was waited for long enough
    }
    boolean hasMoreRoom =
        dialect.isFull(failure) && (session.mendReserve() || session.giveUpReserveForRoomInside());
    return hasMoreRoom || !freshConnection; // the connection alone may have died of old age
  }

  /**
   * Finds out whether a commit in doubt has happened. If so, reports the writes that wait, and
   * undoes the others. If not, queues the writes that wait again.
   */
  private void settle(InDoubt doubt) throws InterruptedException {
    boolean committed;
    try {
      committed = session.hasCommitted(doubt.mark());
    } catch (SQLException failure) {
      log.debug("what became of a commit is not known yet", failure);
      session.discard();
      outage.pause();
      return;
    }
    taken = doubt.group();
    inDoubt = null;
    back();
    List<Write<?>> waiting = doubt.group().stream().filter(Write::waitsWhenAway).toList();
    if (committed) {
      waiting.forEach(Write::committed);
      queue.undo(doubt.group());
    } else {
      queue.giveBack(waiting);
    }
    taken = List.of();
  }

  private void back() {
    queue.back();
    outage.isOver(queue.size());
  }
}
