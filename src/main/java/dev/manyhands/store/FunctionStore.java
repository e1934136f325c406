package dev.manyhands.store;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
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
   * Registers a version and makes it the current one of the name. If the name has a version with
   * this digest, only makes that version the current one. The future fails with a {@code Refusal}
   * if the bundle of the function is gone.
   */
  CompletableFuture<Registered> register(Function function, Instant at);

  /** Returns the current version of a name. */
  Optional<Registered> find(String name);

  Optional<Registered> find(String name, String digest);

  /** Returns all versions of a name, current first, then newest first. Reads no code. */
  List<Listed> versions(String name);

  /** Returns the current version of every name, sorted by name. Reads no code. */
  List<Listed> list();

  /**
   * Deletes all versions of a name; false when there is none. Jobs that were submitted with it keep
   * their own copy.
   */
  CompletableFuture<Boolean> delete(String name);

  /** A function, and the time at which this version was first registered. */
  record Registered(Function function, Instant registeredAt) {}

  /**
   * A version as lists show it.
   *
   * @param digest the digest of the function, see {@link Function#digest}
   * @param outline the definition without its code, see {@link FunctionDefinition#outline}
   * @param registeredAt when this version was first registered
   */
  record Listed(String name, String digest, FunctionDefinition outline, Instant registeredAt) {}
}
