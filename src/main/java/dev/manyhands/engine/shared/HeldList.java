package dev.manyhands.engine.shared;

/** Values by index. */
final class HeldList extends HeldElements {
  private static final String OPERATIONS = "append, extend, get, set, pop, slice, length, clear";

  HeldList(String name, Room room, Unwritten unwritten) {
    super(name, room, unwritten);
  }

  @Override
  SharedAnswer call(String operation, Arguments arguments, long worker) {
    return switch (operation) {
      case "append" -> {
        add(arguments.expect(1).value(0));
        yield SharedAnswer.of(size());
      }
      case "extend" -> {
        addAll(arguments.values());
        yield SharedAnswer.of(size());
      }
      case "get" -> {
        int index = index(arguments.expect(1).integer(0));
        yield index < 0 ? SharedAnswer.MISSING : SharedAnswer.of(at(index));
      }
      case "set" -> {
        int index = index(arguments.expect(2).integer(0));
        if (index < 0) {
          yield SharedAnswer.MISSING;
        }
        set(index, arguments.value(1));
        yield SharedAnswer.DONE;
      }
      case "pop" -> {
        int index = index(arguments.count() == 0 ? -1 : arguments.expect(1).integer(0));
        yield index < 0 ? SharedAnswer.MISSING : SharedAnswer.of(remove(index));
      }
      case "slice" -> {
        int to = Math.clamp(arguments.expect(2).integer(1), 0, size());
        yield SharedAnswer.of(joined(Math.clamp(arguments.integer(0), 0, to), to));
      }
      case "length" -> SharedAnswer.of(arguments.expect(0).count() + size());
      case "clear" -> {
        arguments.expect(0);
        clear();
        yield SharedAnswer.DONE;
      }
      default -> throw unknown(operation, OPERATIONS);
    };
  }

  /** Returns the index of an element, counted from the end if it is negative; -1 for none. */
  private int index(long asked) {
    long index = asked < 0 ? asked + size() : asked;
    return index >= 0 && index < size() ? (int) index : -1;
  }
}
