package dev.manyhands.jobs.callback;

import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Due;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lines up the messages that are due, one line for each receiver. The next message is from the
 * receiver with the fewest messages under way. Among receivers with equally few, the receiver whose
 * message has been due longest comes first.
 *
 * <p>Owned by one thread. Reads the store.
 */
final class Turns {
  private final DeliveryStore deliveries;
  private final Instant now;
  private final Map<JobId, String> underWay;
  private final int share;
  private final PriorityQueue<Line> lines =
      new PriorityQueue<>(
          Comparator.<Line>comparingInt(line -> line.held).thenComparing(line -> line.since));

  /** A message whose turn has come. */
  record Turn(String receiver, Due due) {}

  /**
   * Reads the receivers of messages that are due.
   *
   * @param underWay the receivers of messages that are being sent
   * @param share how many messages may be under way to one receiver
   */
  Turns(DeliveryStore deliveries, Instant now, Map<JobId, String> underWay, int share) {
    this.deliveries = deliveries;
    this.now = now;
    this.underWay = underWay;
    this.share = share;
    deliveries.receivers(now).forEach((receiver, since) -> lines.add(new Line(receiver, since)));
  }

  /**
   * Takes the next message; null if there is none for a receiver that holds less than its share.
   */
  @Nullable Turn next() {
    while (!lines.isEmpty()) {
      Line line = lines.remove();
      Due due = line.held < share ? line.messages().poll() : null;
      if (due != null) {
        line.held++;
        lines.add(line);
        return new Turn(line.receiver, due);
      }
    }
    return null;
  }

  private final class Line {
    private final String receiver;
    private final Instant since;
    private int held;
    private @Nullable Queue<Due> messages;

    Line(String receiver, Instant since) {
      this.receiver = receiver;
      this.since = since;
      this.held = Collections.frequency(underWay.values(), receiver);
    }

    /**
     * Messages of the receiver. Read at its first turn, because most receivers may have to wait.
     */
    private Queue<Due> messages() {
      if (messages == null) {
        // A message that is being sent is still due in the store.
        messages = new ArrayDeque<>(deliveries.due(receiver, now, share));
        messages.removeIf(due -> underWay.containsKey(due.message().job()));
      }
      return messages;
    }
  }
}
