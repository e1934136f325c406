package dev.manyhands.engine.worker.protocol;

import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Outcomes;
import dev.manyhands.support.Base64Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the claims of a worker in the header of a frame, and returns them as the service stores
 * them. A claim that cannot be true ends the worker; only a claim of seconds becomes 0 then.
 */
final class FrameClaims {
  /** Limit for the characters of a text. A longer text, such as a traceback, keeps its end only. */
  private static final int MAX_TEXT = 32 << 10;

  /** The kinds that a worker may claim. Only the service may set the others. */
  private static final Map<String, ItemError.Kind> KINDS =
      Map.of(
          "ERROR", ItemError.Kind.ERROR,
          "UNSERIALIZABLE", ItemError.Kind.UNSERIALIZABLE,
          "OOM", ItemError.Kind.OOM);

  private FrameClaims() {}

  /**
   * Returns the cost of the items of a frame.
   *
   * @param count the number of items
   * @param timed whether the worker was asked when each item ran
   */
  static Outcomes.Cost cost(FrameHeader header, int count, boolean timed) throws BadFrame {
    return new Outcomes.Cost(
        seconds(header.run),
        seconds(header.read),
        seconds(header.write),
        memory(header.rss),
        header.cpu == null ? null : seconds(header.cpu),
        timed ? times(header.times, count) : null);
  }

  /**
   * Returns the errors of the items. Errors of other items, or in another order, end the worker.
   *
   * @param withData whether the job has Python values, so that errors may hold exceptions
   */
  static List<ItemError> errors(
      @Nullable List<FrameHeader.@Nullable Failure> failures, ItemRange items, boolean withData)
      throws BadFrame {
    if (failures == null) {
      return List.of();
    }
    var errors = new ArrayList<ItemError>(failures.size());
    long previous = -1;
    for (FrameHeader.@Nullable Failure failure : failures) {
      if (failure == null) {
        throw new BadFrame("an error is null, not an object");
      }
      long index = need(failure.index(), "errors.index");
      if (!items.contains(index) || index <= previous) {
        throw new BadFrame("an error for item " + index + " among outcomes of " + items);
      }
      previous = index;
      ItemError.Kind kind = KINDS.get(text(failure.kind(), ""));
      if (kind == null) {
        throw new BadFrame("there is no error kind '" + failure.kind() + "'");
      }
      errors.add(
          new ItemError(
              index,
              kind,
              text(failure.type(), "Error"),
              text(failure.message(), ""),
              cut(failure.traceback()),
              1,
              withData ? data(failure.data()) : null));
    }
    return errors;
  }

  private static @Nullable String data(@Nullable String claimed) throws BadFrame {
    if (claimed != null && (claimed.length() > ItemError.MOST_DATA || !Base64Text.is(claimed))) {
      throw new BadFrame("the 'data' of an error is no Base64, or longer than allowed");
    }
    return claimed;
  }

  static <T> T need(@Nullable T member, String name) throws BadFrame {
    if (member == null) {
      throw new BadFrame("a frame lacks '" + name + "'");
    }
    return member;
  }

  /** Returns the end of the text; {@code otherwise} if there is no text. */
  static String text(@Nullable String text, String otherwise) {
    String cut = cut(text);
    return cut == null ? otherwise : cut;
  }

  /** Returns the end of a long text: the cause of an error is there. */
  static @Nullable String cut(@Nullable String text) {
    return text == null || text.length() <= MAX_TEXT
        ? text
        : "… " + text.substring(text.length() - MAX_TEXT);
  }

  private static @Nullable ItemTimes times(@Nullable List<Long> claimed, int count)
      throws BadFrame {
    if (claimed == null) {
      return null;
    }
    if (claimed.size() != (long) count * ItemTimes.NUMBERS) {
      throw new BadFrame("it has " + claimed.size() + " 'times' for " + count + " items");
    }
    var runs = new ArrayList<ItemTimes.Run>(count);
    for (int i = 0; i < claimed.size(); i += ItemTimes.NUMBERS) {
      long thread = claimed.get(i);
      long began = claimed.get(i + 1);
      long ended = claimed.get(i + 2);
      if (thread < 0 || thread >= JobSpec.MAX_THREADS || ended < 0 || began < ended) {
        throw new BadFrame("no 'times' of an item: " + claimed.subList(i, i + ItemTimes.NUMBERS));
      }
      runs.add(new ItemTimes.Run((int) thread, began, ended, false));
    }
    return new ItemTimes(runs);
  }

  private static @Nullable Long memory(@Nullable Long claimed) throws BadFrame {
    if (claimed != null && claimed < 0) {
      throw new BadFrame("it held " + claimed + " bytes of memory ('rss')");
    }
    return claimed;
  }

  /** Returns 0 for a claim that is no duration, so that a worker cannot spoil the sums. */
  private static double seconds(@Nullable Double claimed) {
    return claimed != null && claimed > 0 && Double.isFinite(claimed) ? claimed : 0;
  }
}
