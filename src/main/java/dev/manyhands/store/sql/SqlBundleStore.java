package dev.manyhands.store.sql;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.store.BundleStore;
import dev.manyhands.store.writer.Transaction;
import dev.manyhands.store.writer.Write.OnOutage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Bundles in SQLite or PostgreSQL, in rows of a megabyte. */
final class SqlBundleStore implements BundleStore {

  /** The size of a part. Small enough not to delay the other writes of its group. */
  private static final int PART_BYTES = 1 << 20;

  /** How many parts are removed in one write. */
  private static final int SLICE_PARTS = 32;

  private final Database database;

  SqlBundleStore(Database database) {
    this.database = database;
  }

  @Override
  public void put(String digest, InputStream content) throws IOException {
    if (isThere(digest)) {
      return;
    }
    CompletableFuture<?> before = CompletableFuture.completedFuture(null);
    byte[] bytes = content.readNBytes(PART_BYTES);
    for (long part = 0; bytes.length > 0; part++) {
      // One part is written while the next is read. This is fast enough, and bounds the memory.
      before.join();
      before = putPart(digest, part, bytes);
      bytes = content.readNBytes(PART_BYTES);
    }
    before.join();
    database
        .writer()
        .write(
            OnOutage.FAIL,
            0,
            transaction ->
                transaction.update(
                    "INSERT INTO bundle (digest) VALUES (?) ON CONFLICT (digest) DO NOTHING",
                    digest))
        .join();
  }

  private CompletableFuture<?> putPart(String digest, long part, byte[] bytes) {
    return database
        .writer()
        .write(
            OnOutage.FAIL,
            bytes.length,
            transaction ->
                transaction.update(
                    "INSERT INTO bundle_part (digest, part, bytes) VALUES (?, ?, ?)"
                        + " ON CONFLICT (digest, part) DO UPDATE SET bytes = excluded.bytes",
                    digest,
                    part,
                    bytes));
  }

  private boolean isThere(String digest) {
    return !database
        .read(jdbc ->
            jdbc.queryForList("SELECT digest FROM bundle WHERE digest = ?", String.class, digest))
        .isEmpty();
  }

  @Override
  public InputStream open(String digest) throws FileNotFoundException {
    if (!isThere(digest)) {
      throw new FileNotFoundException("there is no bundle sha256:" + digest);
    }
    return new Parts(digest);
  }

  /** Reads part after part, and holds no connection in between. */
  private final class Parts extends InputStream {
    private final String digest;
    private long nextPart;
    private byte[] current = {};
    private int at;

    Parts(String digest) {
      this.digest = digest;
    }

    @Override
    public int read() {
      return isAtEnd() ? -1 : current[at++] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int most) {
      if (isAtEnd()) {
        return -1;
      }
      int count = Math.min(most, current.length - at);
      System.arraycopy(current, at, into, from, count);
      at += count;
      return count;
    }

    private boolean isAtEnd() {
      if (at < current.length) {
        return false;
      }
      String sql = "SELECT bytes FROM bundle_part WHERE digest = ? AND part = ?";
      List<byte[]> found =
          database.read(
              jdbc -> jdbc.query(sql, (row, number) -> row.getBytes(1), digest, nextPart));
      if (found.isEmpty()) {
        return true;
      }
      current = found.getFirst();
      at = 0;
      nextPart++;
      return false;
    }
  }

  /**
   * Notes that a job or a version of a function needs its bundle, inside the transaction that
   * creates it. Returns false when the bundle is gone. The note and the removal of bundles go
   * through the one writer. Therefore an accepted job or function has its bundle.
   *
   * @param by a job's id or a function's name. They are never equal: ids begin with a digit, names
   *     do not.
   */
  static boolean hold(Transaction transaction, FunctionDefinition definition, String by)
      throws SQLException {
    Bundle bundle = definition.bundle();
    if (bundle == null) {
      return true;
    }
    List<String> there =
        transaction.query(
            "SELECT digest FROM bundle WHERE digest = ?", row -> row.getString(1), bundle.digest());
    if (there.isEmpty()) {
      return false;
    }
    transaction.update(
        "INSERT INTO bundle_need (bundle_digest, needed_by) VALUES (?, ?)"
            + " ON CONFLICT (bundle_digest, needed_by) DO NOTHING",
        bundle.digest(),
        by);
    return true;
  }

  /** Notes that a job or function that is being deleted needs no bundle. */
  static void release(Transaction transaction, String by) throws SQLException {
    transaction.update("DELETE FROM bundle_need WHERE needed_by = ?", by);
  }

  @Override
  public Set<String> removeUnneeded() {
    Set<String> removed = new TreeSet<>();
    List<String> orphans =
        database.writer().write(OnOutage.FREE, 0, SqlBundleStore::forgetUnneeded).join();
    for (String digest : orphans) {
      int parts;
      do { // each slice is a write of its own, so that no other write waits long
        parts =
            database
                .writer()
                .write(OnOutage.FREE, 0, transaction -> removeSlice(transaction, digest))
                .join();
      } while (parts == SLICE_PARTS);
      removed.add(digest);
    }
    return removed;
  }

  /** Deletes unneeded bundles; returns the digests of those whose parts are still to be deleted. */
  private static List<String> forgetUnneeded(Transaction transaction) throws SQLException {
    transaction.update(
        "DELETE FROM bundle WHERE NOT EXISTS"
            + " (SELECT 1 FROM bundle_need n WHERE n.bundle_digest = bundle.digest)");
    return transaction.query(
        "SELECT DISTINCT digest FROM bundle_part p WHERE NOT EXISTS"
            + " (SELECT 1 FROM bundle b WHERE b.digest = p.digest)",
        row -> row.getString(1));
  }

  private static int removeSlice(Transaction transaction, String digest) throws SQLException {
    return transaction.update(
        "DELETE FROM bundle_part WHERE digest = ? AND part IN"
            + (" (SELECT part FROM bundle_part WHERE digest = ? ORDER BY part LIMIT " + SLICE_PARTS)
            + ")",
        digest,
        digest);
  }
}
