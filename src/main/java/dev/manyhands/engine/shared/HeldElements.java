package dev.manyhands.engine.shared;

import dev.manyhands.engine.shared.SharedContent.Entry;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.store.SharedStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Values in an order. */
abstract sealed class HeldElements extends Held permits HeldList, HeldQueue {
  private final List<Element> elements = new ArrayList<>();
  private long nextPlace;
  private long bytes;

  HeldElements(String name, Room room, Unwritten unwritten) {
    super(name, room, unwritten);
  }

  /** Puts the first elements in: those of a JSON array. */
  void begin(byte[] array) {
    var scanner = new JsonScanner(array, JsonLimits.STORED);
    scanner.expect('[');
    for (boolean first = true; !scanner.take(']'); first = false) {
      if (!first) {
        scanner.expect(',');
      }
      int from = scanner.value();
      add(Arrays.copyOfRange(array, from, scanner.position()));
    }
  }

  final int size() {
    return elements.size();
  }

  final byte[] at(int index) {
    return elements.get(index).value();
  }

  final void add(byte[] value) {
    checkBounds(value, elements.size() + 1);
    room.take(cost(value));
    bytes += cost(value);
    var element = new Element(nextPlace++, value);
    elements.add(element);
    unwritten.add(name, Long.toString(element.place()), element.place(), value);
  }

  /** Adds all of these values or, if they are too many, none. */
  final void addAll(List<byte[]> values) {
    long most = 0;
    for (int i = 0; i < values.size(); i++) {
      checkBounds(values.get(i), elements.size() + i + 1);
      most += cost(values.get(i));
    }
    room.take(most);
    room.give(most);
    values.forEach(this::add);
  }

  final void set(int index, byte[] value) {
    Element before = elements.get(index);
    checkBounds(value, elements.size());
    long more = value.length - (long) before.value().length;
    room.take(more);
    bytes += more;
    var element = new Element(before.place(), value);
    elements.set(index, element);
    unwritten.set(name, Long.toString(element.place()), element.place(), value);
  }

  final byte[] remove(int index) {
    Element gone = elements.remove(index);
    forget(gone);
    return gone.value();
  }

  final void clear() {
    elements.forEach(this::forget);
    elements.clear();
  }

  private void forget(Element gone) {
    room.give(cost(gone.value()));
    bytes -= cost(gone.value());
    unwritten.remove(name, Long.toString(gone.place()), gone.place());
  }

  private static long cost(byte[] value) {
    return Room.ENTRY_BYTES + (long) value.length;
  }

  /** Returns the JSON array of the elements in [from, to). */
  final byte[] joined(int from, int to) {
    var joined = new Joined();
    elements.subList(from, to).forEach(element -> joined.add(element.value()));
    return joined.array();
  }

  @Override
  final void restore(SharedStore.Entry entry) {
    elements.add(new Element(entry.place(), entry.value()));
    nextPlace = entry.place() + 1;
    room.takeAnyway(cost(entry.value()));
    bytes += cost(entry.value());
  }

  @Override
  final Long length() {
    return (long) elements.size();
  }

  @Override
  final long bytes() {
    return bytes;
  }

  @Override
  final List<Entry> entries(long offset, int limit) {
    return elements.stream()
        .skip(offset)
        .limit(limit)
        .map(element -> new Entry(null, element.value()))
        .toList();
  }
}
