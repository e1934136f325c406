package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.memo.MemoAnswers;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The queue of the scheduler's thread. Any thread may add messages; only the scheduler's thread
 * takes them out.
 */
final class Inbox implements MemoAnswers {
  private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();

  /** Whether the scheduler's thread takes no more messages. */
  private volatile boolean closed;

  void add(Message message) {
    queue.add(message);
  }

  void tell(CoreEvent event) {
    queue.add(new Message.Told(event));
  }

  /** Ends a job as failed, if it has not ended. */
  void fail(JobId id, String stopReason, JobError error) {
    tell(new CoreEvent.Fail(id, stopReason, error));
  }

  /**
   * Adds a question, and returns its answer. If the scheduler has ended, the answer is empty: no
   * workers, no seconds, no such job, or nothing that is still to be stored.
   */
  <T> CompletableFuture<T> ask(Function<CompletableFuture<T>, Message> question) {
    var answer = new CompletableFuture<T>();
    queue.add(question.apply(answer));
    if (closed) {
      answerThatNoneAreLeft();
    }
    return answer;
  }

  /**
   * Returns the next message; null if there is none in time.
   *
   * @param nanos how long to wait; {@link Long#MAX_VALUE} for ever
   */
  @Nullable Message next(long nanos) throws InterruptedException {
    return nanos == Long.MAX_VALUE ? queue.take() : queue.poll(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Gives the empty answer to all questions that wait or still come. Requests may ask while the
   * service ends.
   */
  void close() {
    closed = true;
    answerThatNoneAreLeft();
  }

  private void answerThatNoneAreLeft() {
    for (Message message; (message = queue.poll()) != null; ) {
      if (message instanceof Message.AskWorkers ask) {
        ask.answer().complete(List.of());
      } else if (message instanceof Message.AskUnreported ask) {
        ask.answer().complete(0.0);
      } else if (message instanceof Message.CancelItems cancel) {
        cancel.answer().complete(Cancellation.NOT_HERE);
      } else if (message instanceof Message.AskStored ask) {
        ask.answer().complete(null);
      }
    }
  }

  // ---- answers of the memo

  @Override
  public void known(JobId job, long version, OutcomeReport report) {
    tell(new CoreEvent.Known(job, version, report));
  }

  @Override
  public void release(JobId job, long version, ItemRange items) {
    tell(new CoreEvent.Release(job, version, items));
  }

  @Override
  public CompletableFuture<Void> stored() {
    return ask(Message.AskStored::new);
  }
}
