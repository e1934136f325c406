package dev.manyhands.store;

/** The databases that every promise of the store is tested on. */
public enum DatabaseKind {
  SQLITE,
  POSTGRESQL;

  Dialect dialect() {
    return Dialect.valueOf(name());
  }
}
