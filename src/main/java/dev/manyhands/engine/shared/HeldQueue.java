package dev.manyhands.engine.shared;

import org.jspecify.annotations.Nullable;

/** Values in the order in which they came; each is taken once. */
final class HeldQueue extends HeldElements {
  private static final String OPERATIONS = "put, get, length, clear";

  private final long most;

  /**
   * @param size how many values it holds at most; null for no limit of its own
   */
  HeldQueue(String name, Room room, Unwritten unwritten, @Nullable Long size) {
    super(name, room, unwritten);
    this.most = size == null ? Long.MAX_VALUE : size;
  }

  @Override
  @Nullable SharedAnswer call(String operation, Arguments arguments, long worker) {
    return switch (operation) {
      case "put" -> {
        arguments.expect(1);
        if (size() >= most) {
          yield null;
        }
        add(arguments.value(0));
        yield SharedAnswer.of(size());
      }
      case "get" -> {
        arguments.expect(0);
        yield size() == 0 ? null : SharedAnswer.of(remove(0));
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

  @Override
  boolean changes(String operation) {
    return !operation.equals("length");
  }
}
