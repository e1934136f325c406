package dev.manyhands.http.service;

/** The database that holds the jobs. */
public enum StoreKind {
  SQLITE,
  POSTGRESQL
}
