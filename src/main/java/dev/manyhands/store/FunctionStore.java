package dev.manyhands.store;

import dev.manyhands.job.Function;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Registered functions. A name has versions, found by digest; a version never changes. Safe for use
 * by any thread.
 */
public interface FunctionStore {

  /**
   * Registers a version and makes it the name's current one; the same digest again only does the
   * latter.
   */
  CompletableFuture<Registered> register(Function function, Instant at);

  /** The current version of a name. */
  Optional<Registered> find(String name);

  Optional<Registered> find(String name, String digest);

  /** All versions of a name, current first, then newest first. */
  List<Registered> versions(String name);

  /** The current version of every name, by name. */
  List<Registered> list();

  /**
   * Forgets all versions of a name; jobs that were submitted with it keep their own copy. False
   * when there is none.
   */
  CompletableFuture<Boolean> delete(String name);

  /** A function and when this version of it was first registered. */
  record Registered(Function function, Instant registeredAt) {}
}
