package dev.manyhands.engine.shared;

import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.store.SharedStore;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values by key, in the order in which the keys came. */
final class HeldDict extends Held {
  private static final String OPERATIONS =
      "get, set, setdefault, pop, add, compareAndSet, contains, update, keys, items, length, clear";

  /** By the canonical text of the key. */
  private final Map<String, Element> entries = new LinkedHashMap<>();

  private long nextPlace;
  private long bytes;

  HeldDict(String name, Room room, Unwritten unwritten) {
    super(name, room, unwritten);
  }

  /** Puts the first entries in: the members of a JSON object. */
  void begin(byte[] object) {
    var scanner = new JsonScanner(object, JsonLimits.STORED);
    scanner.expect('{');
    for (boolean first = true; !scanner.take('}'); first = false) {
      if (!first) {
        scanner.expect(',');
      }
      int from = scanner.value();
      String key = Arguments.key(Arrays.copyOfRange(object, from, scanner.position()));
      scanner.expect(':');
      from = scanner.value();
      set(key, Arrays.copyOfRange(object, from, scanner.position()));
    }
  }

  @Override
  @Nullable SharedAnswer call(String operation, Arguments arguments, long worker) {
    return switch (operation) {
      case "get" -> found(entries.get(arguments.expect(1).key(0)));
      case "contains" -> SharedAnswer.of(entries.containsKey(arguments.expect(1).key(0)));
      case "set" -> {
        set(arguments.expect(2).key(0), arguments.value(1));
        yield SharedAnswer.DONE;
      }
      case "setdefault" -> {
        String key = arguments.expect(2).key(0);
        if (!entries.containsKey(key)) {
          set(key, arguments.value(1));
        }
        yield found(entries.get(key));
      }
      case "pop" -> found(remove(arguments.expect(1).key(0)));
      case "add" -> add(arguments.expect(2).key(0), arguments.value(1));
      case "compareAndSet" -> compareAndSet(arguments.expect(3));
      case "update" -> update(arguments);
      case "keys" -> SharedAnswer.of(joined(false));
      case "items" -> SharedAnswer.of(joined(true));
      case "length" -> SharedAnswer.of(arguments.expect(0).count() + entries.size());
      case "clear" -> {
        arguments.expect(0);
        List.copyOf(entries.keySet()).forEach(this::remove);
        yield SharedAnswer.DONE;
      }
      default -> throw unknown(operation, OPERATIONS);
    };
  }

  private static SharedAnswer found(@Nullable Element element) {
    return element == null ? SharedAnswer.MISSING : SharedAnswer.of(element.value());
  }

  private SharedAnswer add(String key, byte[] number) {
    Element before = entries.get(key);
    byte[] zero = {'0'};
    byte[] sum = Numbers.sum(before == null ? zero : before.value(), number);
    set(key, sum);
    return SharedAnswer.of(sum);
  }

  private SharedAnswer compareAndSet(Arguments arguments) {
    String key = arguments.key(0);
    Element before = entries.get(key);
    boolean same = before != null && Values.areEqual(before.value(), arguments.value(1));
    if (same) {
      set(key, arguments.value(2));
    }
    return SharedAnswer.of(same);
  }

  /** Sets keys and values in turn: all of them or, if one of them cannot be set, none. */
  private SharedAnswer update(Arguments arguments) {
    if (arguments.count() % 2 != 0) {
      throw SharedFault.type("takes keys and values in turn");
    }
    Map<String, byte[]> all = new LinkedHashMap<>();
    long most = 0;
    int more = 0;
    for (int i = 0; i < arguments.count(); i += 2) {
      String key = arguments.key(i);
      if (all.put(key, arguments.value(i + 1)) == null) {
        more += entries.containsKey(key) ? 0 : 1;
      }
      checkBounds(arguments.value(i + 1), entries.size() + more);
      most += cost(key, arguments.value(i + 1));
    }
    room.take(most);
    room.give(most);
    all.forEach(this::set);
    return SharedAnswer.DONE;
  }

  private void set(String key, byte[] value) {
    Element before = entries.get(key);
    checkBounds(value, entries.size() + (before == null ? 1 : 0));
    long more = before == null ? cost(key, value) : value.length - before.value().length;
    room.take(more);
    bytes += more;
    long place = before == null ? nextPlace++ : before.place();
    entries.put(key, new Element(place, value));
    if (before == null) {
      unwritten.add(name, key, place, value);
    } else {
      unwritten.set(name, key, place, value);
    }
  }

  private @Nullable Element remove(String key) {
    Element gone = entries.remove(key);
    if (gone != null) {
      long less = cost(key, gone.value());
      room.give(less);
      bytes -= less;
      unwritten.remove(name, key, gone.place());
    }
    return gone;
  }

  private static long cost(String key, byte[] value) {
    return Room.ENTRY_BYTES + key.length() + (long) value.length;
  }

  private byte[] joined(boolean withValues) {
    var joined = new Joined();
    entries.forEach((key, element) -> {
      byte[] text = key.getBytes(StandardCharsets.UTF_8);
      if (withValues) {
        joined.addPair(text, element.value());
      } else {
        joined.add(text);
      }
    });
    return joined.array();
  }

  @Override
  void restore(SharedStore.Entry entry) {
    entries.put(entry.key(), new Element(entry.place(), entry.value()));
    nextPlace = Math.max(nextPlace, entry.place() + 1);
    long more = cost(entry.key(), entry.value());
    room.takeAnyway(more);
    bytes += more;
  }

  @Override
  Long length() {
    return (long) entries.size();
  }

  @Override
  long bytes() {
    return bytes;
  }

  @Override
  List<Entry> entries(long offset, int limit) {
    return entries.entrySet().stream()
        .skip(offset)
        .limit(limit)
        .map(entry -> new Entry(entry.getKey(), entry.getValue().value()))
        .toList();
  }
}
