package dev.manyhands.function;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.FunctionStore.Listed;
import dev.manyhands.store.FunctionStore.Registered;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Finds and registers functions by name, and turns definitions into functions. Safe for use by any
 * thread.
 */
public final class Functions {
  public static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,99}");

  private final FunctionStore store;
  private final BuiltIns builtIns;
  private final JarDirectory jars;
  private final Bundles bundles;
  private final Clock clock;

  public Functions(
      FunctionStore store, BuiltIns builtIns, JarDirectory jars, Bundles bundles, Clock clock) {
    this.store = store;
    this.builtIns = builtIns;
    this.jars = jars;
    this.bundles = bundles;
    this.clock = clock;
  }

  /**
   * Returns the function that a job names: {@code gcd}, or {@code gcd@sha256:…} for one version.
   *
   * @throws Refusal if there is no such function
   */
  public Function resolve(String reference) {
    return find(reference)
        .map(found -> current(found.function()))
        .orElseThrow(() ->
            Refusal.invalid(
                "/function",
                "there is no function '"
                    + reference
                    + "'; GET /api/v1/functions lists them, PUT /api/v1/functions/{name} adds one"));
  }

  /**
   * Returns the version that is named: {@code gcd} is the current one, {@code gcd@sha256:…} any
   * one. Empty if there is none.
   */
  public Optional<Registered> find(String reference) {
    int at = reference.indexOf('@');
    String name = at < 0 ? reference : reference.substring(0, at);
    Optional<Registered> builtIn =
        builtIns.find(name).map(function -> new Registered(function, Instant.EPOCH));
    if (at < 0) {
      return builtIn.or(() -> store.find(name));
    }
    String digest = reference.substring(at + 1);
    return builtIn
        .filter(version -> version.function().digest().equals(digest))
        .or(() -> store.find(name, digest));
  }

  /**
   * Refuses a function whose jar has changed since it was registered. A jar is a file that can
   * change.
   */
  private Function current(Function function) {
    if (function.definition() instanceof JavaClass java && java.jar() != null) {
      String digest = jars.digest(java.jar(), "/function");
      if (!digest.equals(java.jarDigest())) {
        throw Refusal.invalid(
            "/function",
            "the jar '"
                + java.jar()
                + "' has changed since '"
                + function.name()
                + "' was registered; register the function again");
      }
    }
    return function;
  }

  /**
   * Returns a function that came with its job.
   *
   * @throws Refusal if the definition is not complete
   */
  public Function inline(FunctionDefinition definition) {
    var whole = complete(definition);
    String name =
        switch (whole) {
          case Python python -> python.entry();
          case JavaClass java -> java.className();
          case FunctionDefinition.Command command -> command.argv().getFirst();
        };
    return new Function(name, FunctionDigest.of(whole), whole);
  }

  /**
   * Registers a version of a function and makes it current.
   *
   * @throws Refusal if the name is invalid or belongs to a built-in function, or the definition is
   *     not complete
   */
  public CompletableFuture<Registered> register(String name, FunctionDefinition definition) {
    requireFree(name);
    return register(complete(definition), name);
  }

  /**
   * Registers a version of a function with a bundle. When this method returns, the version and the
   * bundle are on disk.
   *
   * @param definition without the bundle; facts that the bundle contains may be missing
   * @throws Refusal if the name is invalid or belongs to a built-in function, or if the bundle may
   *     not be opened or does not hold the function
   * @throws dev.manyhands.store.StoreException if the disk or the store refuses the bundle
   */
  public Registered register(String name, FunctionDefinition definition, Upload bundle) {
    requireFree(name);
    return bundles.keep(bundle, definition, whole -> register(whole, name).join());
  }

  private CompletableFuture<Registered> register(FunctionDefinition whole, String name) {
    return store.register(new Function(name, FunctionDigest.of(whole), whole), clock.instant());
  }

  private void requireFree(String name) {
    if (!NAME.matcher(name).matches()) {
      throw Refusal.invalid(
          "name",
          "must be up to 100 letters, digits, '_', '.' or '-', and begin with a letter or '_'");
    }
    if (builtIns.find(name).isPresent()) {
      throw Refusal.conflict("'" + name + "' is a built-in function; choose another name");
    }
  }

  private FunctionDefinition complete(FunctionDefinition definition) {
    return switch (definition) {
      case Python python when python.entry().isEmpty() ->
          python.withEntry(PythonSource.onlyFunctionIn(python.code(), "/function/entry"));
      case JavaClass java when java.jar() != null ->
          new JavaClass(java.className(), java.jar(), jars.digest(java.jar(), "/function/jar"));
      default -> definition;
    };
  }

  /** Returns the current version of every function, built-in functions first. */
  public List<Listed> list() {
    var all = new ArrayList<Listed>();
    builtIns.all().forEach(function -> all.add(listed(function)));
    all.addAll(store.list());
    return all;
  }

  /** Returns all versions of a name, the current one first; empty if there is none. */
  public List<Listed> versions(String name) {
    return builtIns
        .find(name)
        .map(function -> List.of(listed(function)))
        .orElseGet(() -> store.versions(name));
  }

  private static Listed listed(Function builtIn) {
    return new Listed(
        builtIn.name(), builtIn.digest(), builtIn.definition().outline(), Instant.EPOCH);
  }

  /** Whether the name of a function has a version with the function's digest. */
  public boolean isRegistered(Function function) {
    return versions(function.name()).stream()
        .anyMatch(version -> version.digest().equals(function.digest()));
  }

  public boolean isBuiltIn(String name) {
    return builtIns.find(name).isPresent();
  }

  /**
   * Deletes all versions of a name; false if there is no such name.
   *
   * @throws Refusal if the name belongs to a built-in function
   */
  public CompletableFuture<Boolean> delete(String name) {
    if (isBuiltIn(name)) {
      throw Refusal.conflict("'" + name + "' is a built-in function and stays");
    }
    return store
        .delete(name)
        .whenComplete((gone, failure) -> {
          if (failure == null) {
            bundles.sweepSoon();
          }
        });
  }
}
