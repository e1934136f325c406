package dev.manyhands.store.sql;

import dev.manyhands.store.writer.Dialect;

/** The databases that every promise of the store is tested on. */
public enum DatabaseKind {
  SQLITE,
  POSTGRESQL;

  public Dialect dialect() {
    return Dialect.valueOf(name());
  }
}
