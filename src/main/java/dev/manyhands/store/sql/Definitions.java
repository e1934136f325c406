package dev.manyhands.store.sql;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.support.Sha256;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Definitions of functions. Each is stored once and held once, however many jobs use it. Rows name
 * a definition by its digest, and memory holds it while it is in use. Safe for use by any thread.
 *
 * <p>The digest is over the stored JSON. The digest that users see would not be enough. It is over
 * UTF-8, which cannot represent half a surrogate pair, and it leaves out the name of a jar.
 */
final class Definitions {

  static final String SELECT = "SELECT definition FROM function_definition WHERE digest = ?";

  static final String INSERT =
      "INSERT INTO function_definition (digest, definition) VALUES (?, ?)"
          + " ON CONFLICT (digest) DO NOTHING";

  private static final String DELETE_UNUSED =
      "DELETE FROM function_definition WHERE digest = ?"
          + " AND NOT EXISTS (SELECT 1 FROM job WHERE definition_digest = ?)"
          + " AND NOT EXISTS (SELECT 1 FROM function_version WHERE definition_digest = ?)";

  private static final class Held extends WeakReference<FunctionDefinition> {
    final String digest;
    final String functionDigest;

    Held(String digest, Function function, ReferenceQueue<FunctionDefinition> dropped) {
      super(function.definition(), dropped);
      this.digest = digest;
      this.functionDigest = function.digest();
    }
  }

  private final ConcurrentMap<String, Held> held = new ConcurrentHashMap<>();

  /**
   * Definitions by the digest that users see, which is known before the stored digest is computed.
   * Two definitions may share such a digest, so that only an equal definition counts.
   */
  private final ConcurrentMap<String, Held> byFunction = new ConcurrentHashMap<>();

  private final ReferenceQueue<FunctionDefinition> dropped = new ReferenceQueue<>();

  /** Returns the function with the equal definition that is held, or holds this one. */
  Function shared(Function function) {
    FunctionDefinition known = get(byFunction.get(function.digest()));
    return known != null && known.equals(function.definition())
        ? with(function, known)
        : share(function, computedDigest(function));
  }

  /** Returns the digest under which the definition is stored. */
  String digestOf(Function function) {
    Held known = byFunction.get(function.digest());
    return known != null && function.definition().equals(known.get())
        ? known.digest
        : computedDigest(function);
  }

  private static @Nullable FunctionDefinition get(@Nullable Held held) {
    return held == null ? null : held.get();
  }

  private static Function with(Function function, FunctionDefinition definition) {
    return new Function(function.name(), function.digest(), definition);
  }

  private static String computedDigest(Function function) {
    return digestOf(JobJson.ofDefinition(function.definition()));
  }

  static String digestOf(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.US_ASCII); // other characters are escaped
    return HexFormat.of().formatHex(Sha256.digest().digest(bytes));
  }

  private Function share(Function function, String digest) {
    forgetDropped();
    var fresh = new Held(digest, function, dropped);
    while (true) {
      Held there = held.putIfAbsent(digest, fresh);
      FunctionDefinition shared = there == null ? function.definition() : there.get();
      if (shared != null) {
        byFunction.put(function.digest(), there == null ? fresh : there);
        return with(function, shared);
      }
      held.remove(digest, there);
    }
  }

  private void forgetDropped() {
    Reference<?> gone = dropped.poll();
    while (gone != null) {
      Held none = (Held) gone;
      held.remove(none.digest, none);
      byFunction.remove(none.functionDigest, none);
      gone = dropped.poll();
    }
  }

  /** Reads the JSON of a definition, if it is stored. */
  @FunctionalInterface
  interface Reader<X extends Exception> {
    List<String> read(String digest) throws X;
  }

  /**
   * Returns the function of a row.
   *
   * @param reader is asked only when the definition is not held
   * @return nothing when the definition is not stored: its last job or function has just gone
   */
  <X extends Exception> Optional<Function> function(FunctionName name, Reader<X> reader) throws X {
    FunctionDefinition known = get(held.get(name.definitionDigest()));
    if (known != null) {
      return Optional.of(new Function(name.name(), name.digest(), known));
    }
    return reader.read(name.definitionDigest()).stream()
        .findFirst()
        .map(json -> new Function(name.name(), name.digest(), JobJson.toDefinition(json)))
        .map(function -> share(function, name.definitionDigest()));
  }

  /**
   * The name and the digests of a row's function.
   *
   * @param digest the digest that users see
   * @param definitionDigest the digest under which the definition is stored
   */
  record FunctionName(String name, String digest, String definitionDigest) {}

  static void insert(Transaction transaction, String digest, FunctionDefinition definition)
      throws SQLException {
    transaction.update(INSERT, digest, JobJson.ofDefinition(definition));
  }

  /** Removes those of these definitions that neither a job nor a function names any more. */
  static void sweep(Transaction transaction, List<String> digests) throws SQLException {
    for (String digest : digests) {
      transaction.update(DELETE_UNUSED, digest, digest, digest);
    }
  }
}
