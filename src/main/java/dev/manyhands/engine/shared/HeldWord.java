package dev.manyhands.engine.shared;

import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.engine.shared.SharedSummary.Holder;
import dev.manyhands.store.SharedStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value or a lock, in the page that the workers map. Workers change it by themselves; the service
 * looks at it when they report.
 */
final class HeldWord extends Held {

  /** The meaning of a word. */
  enum Form {
    BOOL,
    INTEGER,
    NUMBER,
    /** A lock has no value. */
    LOCK;

    /** Returns the form of a value that is declared as this JSON. */
    static Form of(String json) {
      if (json.equals("true") || json.equals("false")) {
        return BOOL;
      }
      return json.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9')) ? INTEGER : NUMBER;
    }
  }

  /** Instants beyond are written by no worker of ours. */
  private static final long LAST_MICROS = 253_402_300_799_000_000L; // the end of the year 9999

  /** Reports that an item waits for the lock. The lock itself is in the page. */
  private static final String AWAIT = "await";

  /** Reports that the wait is over. */
  private static final String AWAITED = "awaited";

  private static final String OPERATIONS = "get, set, add";

  private final Form form;
  private final int word;

  /** Null for a job that has ended: there is only the stored state. */
  private final @Nullable SharedPage page;

  /** The state that the store has, or will have. */
  private long known;

  HeldWord(
      String name, Room room, Unwritten unwritten, Form form, int word, @Nullable SharedPage page) {
    super(name, room, unwritten);
    this.form = form;
    this.word = word;
    this.page = page;
  }

  /** Writes the first value into the page. */
  void begin(byte[] json) {
    if (form != Form.LOCK) {
      known = word(json);
      write(known);
      note();
    }
  }

  /** Notes for the store that a worker has changed the value, if one has. */
  void look() {
    if (form != Form.LOCK) {
      long now = read()[0];
      if (now != known) {
        known = now;
        note();
      }
    }
  }

  private long[] read() {
    return page == null || !page.isOpen() ? new long[] {known, 0, 0, 0} : page.read(word);
  }

  private void write(long content) {
    if (page != null) {
      page.write(word, content);
    }
  }

  private void note() {
    unwritten.set(name, "", 0, json(known));
  }

  @Override
  @Nullable SharedAnswer call(String operation, Arguments arguments, long worker) {
    if (operation.equals(AWAIT) && worker >= 0) {
      return null; // until the wait is over, as the worker will report
    }
    if (form == Form.LOCK) {
      throw SharedFault.unknown("'" + name + "' is a lock, which items take and release");
    }
    return switch (operation) {
      case "get" -> {
        arguments.expect(0);
        yield SharedAnswer.of(json(read()[0]));
      }
      case "set" -> {
        write(word(arguments.expect(1).value(0)));
        look();
        yield SharedAnswer.DONE;
      }
      case "add" -> add(arguments.expect(1).value(0));
      default -> throw unknown(operation, OPERATIONS);
    };
  }

  /** Adds under the lock of the value, so that no item adds in between. */
  private @Nullable SharedAnswer add(byte[] more) {
    if (form == Form.BOOL) {
      throw SharedFault.type("'" + name + "' takes true or false, which cannot be added");
    }
    if (page == null) {
      throw new IllegalStateException("the job has ended");
    }
    try (var lock = page.lock(word)) {
      if (lock == null) {
        return null; // an item holds the lock
      }
      byte[] sum = Numbers.sum(json(read()[0]), more);
      write(word(sum));
      look();
      return SharedAnswer.of(sum);
    }
  }

  /** Returns whether a call reports the end of a wait for this lock. */
  boolean isAwaited(SharedCall call) {
    return call.operation().equals(AWAITED);
  }

  private long word(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    try {
      return switch (form) {
        case BOOL -> bool(text);
        case INTEGER -> Long.parseLong(text);
        case NUMBER -> Double.doubleToRawLongBits(number(text));
        case LOCK -> throw new IllegalStateException("a lock has no value");
      };
    } catch (NumberFormatException e) {
      throw SharedFault.type(
          "'" + name + "' takes " + (form == Form.INTEGER ? "integers of 64 bits" : "numbers"));
    }
  }

  private long bool(String text) {
    return switch (text) {
      case "true" -> 1;
      case "false" -> 0;
      default -> throw SharedFault.type("'" + name + "' takes true or false");
    };
  }

  private static double number(String text) {
    double number = Double.parseDouble(text);
    if (Double.isInfinite(number)) {
      throw new NumberFormatException("beyond the largest double");
    }
    return number;
  }

  /** Returns the value as JSON. A number that has no JSON form is shown as null. */
  private byte[] json(long content) {
    String text =
        switch (form) {
          case BOOL -> Boolean.toString(content != 0);
          case INTEGER -> Long.toString(content);
          case NUMBER -> number(Double.longBitsToDouble(content));
          case LOCK -> "null";
        };
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String number(double number) {
    return Double.isFinite(number) ? Double.toString(number) : "null";
  }

  @Override
  void restore(SharedStore.Entry entry) {
    String text = new String(entry.value(), StandardCharsets.US_ASCII);
    known = text.equals("null") ? Double.doubleToRawLongBits(Double.NaN) : word(entry.value());
    write(known);
  }

  /** Returns the value as JSON; null for a lock, and for a page that is lost. */
  @Nullable String value() {
    try {
      return form == Form.LOCK ? null : new String(json(read()[0]), StandardCharsets.US_ASCII);
    } catch (SharedFault lost) {
      return null;
    }
  }

  /** Returns the holder of the lock, as the worker has written; null for none. */
  @Nullable Holder holder() {
    try {
      long[] words = read();
      if (words[1] <= 0) {
        return null;
      }
      long micros = Math.clamp(words[3], 0, LAST_MICROS);
      return new Holder(
          words[1] - 1, words[2], Instant.EPOCH.plus(micros, ChronoUnit.MICROS), null);
    } catch (SharedFault lost) {
      return null;
    }
  }

  int word() {
    return word;
  }

  Form form() {
    return form;
  }

  @Override
  @Nullable Long length() {
    return null;
  }

  @Override
  long bytes() {
    return 0;
  }

  @Override
  List<Entry> entries(long offset, int limit) {
    return List.of();
  }
}
