package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.SharedSetId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sets of shared objects that were created alone. {@link SharedStore} has the state of their
 * objects. {@link JobStore#submit} refuses a job whose set is gone, in the transaction that stores
 * the job. A set that an unfinished job uses is therefore never deleted. Safe for use by any
 * thread. Writes and reads behave as in {@link JobStore}.
 */
public interface NamedSetStore {

  /**
   * The answer to a creation.
   *
   * @param set the set that has the name now; null if there are too many sets
   * @param created whether the call has made the set
   */
  record Creation(@Nullable NamedSet set, boolean created) {}

  /**
   * Creates a set, unless its name is taken or there are too many sets. If a set with this name has
   * the same digest, stores the new time to live and the use.
   *
   * @param first the first state of the objects, stored together with the set
   * @param most how many sets there may be
   */
  CompletableFuture<Creation> create(NamedSet set, List<SharedStore.Change> first, int most);

  /** Returns the set with this name. */
  Optional<NamedSet> find(String name);

  /** Returns the set with this id. */
  Optional<NamedSet> find(SharedSetId id);

  /** Returns all sets, sorted by name. */
  List<NamedSet> list();

  /** Returns how many unfinished jobs use each set that at least one uses. */
  Map<SharedSetId, Long> useCounts();

  /** Returns unfinished jobs that use a set, the oldest first. */
  List<JobId> users(SharedSetId id, int limit);

  /**
   * Stores when a set was used. A use before the stored one changes nothing. Waits for a database
   * that is away. The end of a job that uses the set needs no call: its write has this effect, too.
   */
  CompletableFuture<Void> used(SharedSetId id, Instant at);

  /**
   * Deletes a set, and later its objects; false if an unfinished job uses it, or there is no such
   * set.
   */
  CompletableFuture<Boolean> delete(SharedSetId id);

  /** Deletes a set as {@link #delete} does, unless a use was stored in its time to live. */
  CompletableFuture<Boolean> deleteExpired(SharedSetId id, Instant now);

  /** Returns sets that no unfinished job uses, and whose last stored use is too long ago. */
  List<NamedSet> expired(Instant now);
}
