package dev.manyhands.store.sql;

import dev.manyhands.store.BundleStore;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.ComparisonStore;
import dev.manyhands.store.DatabaseInUseException;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.JobSearch;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.OwnershipLostException;
import dev.manyhands.store.SharedStore;
import dev.manyhands.store.StoreException;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;

/**
 * An open store: jobs, functions, their bundles, deliveries, comparisons, the memo, shared objects
 * and their sets in one database.
 *
 * <p>This service is the only one that writes to the database. If another service takes over, all
 * writes fail from then on.
 */
public final class SqlStores implements AutoCloseable {

  private final Database database;
  private final JobStore jobs;
  private final JobSearch search;
  private final FunctionStore functions;
  private final BundleStore bundles;
  private final DeliveryStore deliveries;
  private final ComparisonStore comparisons;
  private final MemoStore memo;
  private final SharedStore shared;
  private final NamedSetStore sharedSets;

  private SqlStores(Database database, Clock clock) {
    this.database = database;
    var definitions = new Definitions();
    this.jobs = new SqlJobStore(database, definitions, clock);
    this.search = new SqlJobSearch(database);
    this.functions = new SqlFunctionStore(database, definitions);
    this.bundles = new SqlBundleStore(database);
    this.deliveries = new SqlDeliveryStore(database);
    this.comparisons = new SqlComparisonStore(database);
    this.memo = new SqlMemoStore(database);
    this.shared = new SqlSharedStore(database);
    this.sharedSets = new SqlNamedSetStore(database);
  }

  /**
   * Connects, brings the tables up to date and starts the writer.
   *
   * @throws StoreException when the database cannot be reached or prepared
   * @throws DatabaseInUseException when another service writes to it, and goes on doing so
   */
  public static SqlStores open(StoreSettings settings, Clock clock, CommitListener listener) {
    return of(Database.open(settings, listener), clock);
  }

  static SqlStores of(Database database, Clock clock) {
    return new SqlStores(database, clock);
  }

  public JobStore jobs() {
    return jobs;
  }

  public JobSearch search() {
    return search;
  }

  public FunctionStore functions() {
    return functions;
  }

  public BundleStore bundles() {
    return bundles;
  }

  public DeliveryStore deliveries() {
    return deliveries;
  }

  public ComparisonStore comparisons() {
    return comparisons;
  }

  public MemoStore memo() {
    return memo;
  }

  public SharedStore shared() {
    return shared;
  }

  public NamedSetStore sharedSets() {
    return sharedSets;
  }

  /**
   * Returns the name of the database: 32 hex digits, chosen when its tables were made. A restored
   * backup has the name of the original.
   *
   * @throws StoreException when the database does not answer
   */
  public String identity() {
    return database.read(
        jdbc -> jdbc.queryForList("SELECT name FROM identity", String.class).getFirst());
  }

  /**
   * Returns how many writes wait for the next commit. The number grows when the database is slow or
   * away. Used for a gauge, and to slow down.
   */
  public int queuedWrites() {
    return database.writer().queued();
  }

  /**
   * Completes when another service has taken the database over. From then on, no write succeeds.
   * Each call returns a future of its own.
   */
  public CompletableFuture<OwnershipLostException> ownershipLost() {
    return database.writer().lost().copy();
  }

  /** Returns whether the thread of all writes is alive. */
  public boolean isWriting() {
    return database.writer().isRunning();
  }

  /** Returns whether the thread is alive that notices when the database does not answer writes. */
  public boolean isWatched() {
    return database.writer().isWatched();
  }

  /**
   * Waits up to ten seconds until all accepted writes are on disk, and closes the database. Closing
   * the job store has this effect, too.
   */
  @Override
  public void close() {
    database.close();
  }
}
