package dev.manyhands.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * The bytes of bundles by their digest: as durable as the functions and jobs that need them. Never
 * holds more than a part of one in memory. Safe for use by any thread, except that nothing may be
 * put while what is unneeded is removed.
 */
public interface BundleStore {

  /** Stores a bundle that is not there yet; durable when this returns. */
  void put(String digest, InputStream content) throws IOException;

  /**
   * The bytes of a bundle.
   *
   * @throws FileNotFoundException if it is not there
   */
  InputStream open(String digest) throws FileNotFoundException;

  /**
   * Removes the bundles that neither a function nor a job needs, and what uploads that were cut
   * short have left; gives their digests. A job needs its function's bundle until it is deleted: it
   * may be run again.
   */
  Set<String> removeUnneeded();
}
