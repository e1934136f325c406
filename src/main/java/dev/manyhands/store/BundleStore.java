package dev.manyhands.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * The bytes of bundles by their digest. A bundle is kept at least while a function or a job needs
 * it. Holds only a few parts of a bundle in memory. Safe for use by any thread, except that no
 * bundle may be stored during {@link #removeUnneeded}.
 */
public interface BundleStore {

  /** Stores a bundle, unless the store has it already. The bundle is durable when this returns. */
  void put(String digest, InputStream content) throws IOException;

  /**
   * Returns the bytes of a bundle.
   *
   * @throws FileNotFoundException if the bundle does not exist
   */
  InputStream open(String digest) throws FileNotFoundException;

  /**
   * Removes the bundles that neither a function nor a job needs, and the remains of uploads that
   * were cut short. Returns their digests. A job needs its function's bundle until the job is
   * deleted, because the job may run again.
   */
  Set<String> removeUnneeded();
}
