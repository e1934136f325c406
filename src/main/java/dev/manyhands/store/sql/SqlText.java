package dev.manyhands.store.sql;

import java.util.ArrayList;
import java.util.List;

/** A statement that grows, with the values of its parameters. Used by one thread. */
final class SqlText {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  /** Adds a part with the values of its question marks. */
  SqlText add(String part, Object... more) {
    text.append(part);
    values.addAll(List.of(more));
    return this;
  }

  String text() {
    return text.toString();
  }

  Object[] values() {
    return values.toArray();
  }
}
