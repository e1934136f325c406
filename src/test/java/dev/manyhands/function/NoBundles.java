package dev.manyhands.function;

import dev.manyhands.store.BundleStore;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.util.Set;

/** A store in which there is nothing. */
public final class NoBundles implements BundleStore {
  @Override
  public void put(String digest, InputStream content) {
    throw new UnsupportedOperationException("nothing is put here");
  }

  @Override
  public InputStream open(String digest) throws FileNotFoundException {
    throw new FileNotFoundException(digest);
  }

  @Override
  public Set<String> removeUnneeded() {
    return Set.of();
  }
}
