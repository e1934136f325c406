package dev.manyhands.engine.scheduler;

import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.SpecText;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the memory that the specs of unfinished jobs take. A definition counts once, since the
 * jobs that use it hold one object together. Safe for use by any thread.
 */
final class SpecBytes {

  /** The bytes that one job adds without its definition, and the definition. */
  record Share(long bytes, FunctionDefinition definition) {}

  /** A definition in use, and the number of jobs that use it. Guarded by the owner. */
  private static final class Use {
    final long bytes;
    int jobs;

    Use(long bytes) {
      this.bytes = bytes;
    }
  }

  /** Guarded by this. */
  private final IdentityHashMap<FunctionDefinition, Use> used = new IdentityHashMap<>();

  /** Guarded by this. */
  private long bytes;

  /** Adds a spec, however large. */
  Share add(JobSpec spec) {
    Share share = addWithin(Long.MAX_VALUE, spec);
    if (share == null) {
      throw new IllegalStateException("there is no bound");
    }
    return share;
  }

  /**
   * Adds a spec if all specs take at most {@code most} bytes with it, or if no other spec takes
   * any.
   *
   * @return null if the spec was not added
   */
  @Nullable Share addWithin(long most, JobSpec spec) {
    long own = SpecText.bytes(spec); // slow for a long text, so outside of the lock
    FunctionDefinition definition = spec.function().definition();
    long code = definition.textBytes();
    synchronized (this) {
      Use use = used.get(definition);
      long more = own + (use == null ? code : 0);
      if (bytes > 0 && more > most - bytes) {
        return null;
      }
      if (use == null) {
        use = new Use(code);
        used.put(definition, use);
      }
      use.jobs++;
      bytes += more;
      return new Share(own, definition);
    }
  }

  synchronized void remove(Share share) {
    Use use = used.get(share.definition());
    if (use == null) {
      throw new IllegalStateException("a job was removed twice");
    }
    use.jobs--;
    bytes -= share.bytes();
    if (use.jobs == 0) {
      used.remove(share.definition());
      bytes -= use.bytes;
    }
  }

  synchronized long bytes() {
    return bytes;
  }
}
