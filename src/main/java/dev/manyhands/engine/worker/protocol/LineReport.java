package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Outcomes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Outcomes of a command that have arrived and are not passed on yet. Owned by one thread. */
final class LineReport {
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private static final long REPORT_NANOS = 1_000_000_000L;

  /** How long outcomes may wait where a result may end the job. */
  private static final long EARLY_REPORT_NANOS = 50_000_000L;

  private static final int REPORT_BYTES = 1 << 20;

  private final SentLines sent;
  private final long first;
  private final long sinceNanos;
  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private final List<ItemError> errors = new ArrayList<>();

  /** The item that is answered next; the end of the chunk when there is none. */
  private long next;

  LineReport(SentLines sent, long first, long sinceNanos) {
    this.sent = sent;
    this.first = first;
    this.next = first;
    this.sinceNanos = sinceNanos;
    passRefused();
  }

  long next() {
    return next;
  }

  boolean isLast() {
    return next == sent.items().end();
  }

  void value(byte[] json) {
    add(json);
    passRefused();
  }

  void failed(ItemError error) {
    errors.add(error);
    add(NULL);
    passRefused();
  }

  private void passRefused() {
    ItemError refusal = sent.refusal(next);
    while (refusal != null) {
      errors.add(refusal);
      add(NULL);
      refusal = sent.refusal(next);
    }
  }

  private void add(byte[] json) {
    if (next > first) {
      values.write(',');
    }
    values.writeBytes(json);
    next++;
  }

  boolean isDue(JobSpec spec) {
    long nanos = spec.mayStopEarly() ? EARLY_REPORT_NANOS : REPORT_NANOS;
    return values.size() > REPORT_BYTES || elapsedNanos() > nanos;
  }

  private long elapsedNanos() {
    return System.nanoTime() - sinceNanos;
  }

  /** Returns the outcomes; null if there are none. */
  @Nullable Outcomes outcomes() {
    return next == first
        ? null
        : new Outcomes(
            new ItemRange(first, next),
            values.toByteArray(),
            errors,
            new Outcomes.Cost(elapsedNanos() / 1e9, 0, 0));
  }
}
