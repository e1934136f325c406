package dev.manyhands.jobs;

import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.intake.SharedSetRequest;
import dev.manyhands.model.JobId;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.model.SharedSetUse;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.NamedSetStore.Creation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, shows and deletes sets of shared objects for users, and deletes those that nobody has
 * used for their time to live. Safe for use by any thread; blocks the calling thread for the store.
 */
public final class NamedSets {
  private static final Logger log = LoggerFactory.getLogger(NamedSets.class);
  private static final int MOST_USERS_SHOWN = 100;

  /** A use is stored at most this often for each set. */
  private static final Duration LAZINESS = Duration.ofMinutes(1);

  private final NamedSetStore store;
  private final SharedSets sets;
  private final int most;
  private final Clock clock;
  private final RandomGenerator random;

  /** The last uses in the life of this service, by set. The store may have earlier ones. */
  private final ConcurrentMap<SharedSetId, Use> uses = new ConcurrentHashMap<>();

  /**
   * @param last when the set was last used
   * @param stored the last use that was sent to the store
   */
  private record Use(Instant last, Instant stored) {}

  /**
   * @param most how many sets there may be
   */
  public NamedSets(
      NamedSetStore store, SharedSets sets, int most, Clock clock, RandomGenerator random) {
    this.store = store;
    this.sets = sets;
    this.most = most;
    this.clock = clock;
    this.random = random;
  }

  /** A set that is there after its creation. */
  public record Created(NamedSet set, boolean isNew) {}

  /**
   * Creates a set. If there is a set with this name and an equal declaration, the call is a use of
   * the set, and sets its time to live.
   *
   * @throws Refusal if a set with this name has another declaration, or there are too many sets
   */
  public Created create(String name, SharedSetRequest request) {
    Instant now = clock.instant();
    Map<String, SharedObject> outlines = new LinkedHashMap<>();
    request.objects().forEach((object, declared) -> outlines.put(object, declared.outline()));
    SharedSetId id = SharedSetId.next(clock, random);
    var set =
        new NamedSet(
            id, name, request.digest(), outlines, request.values(), request.ttl(), now, now);
    Creation creation =
        store.create(set, SharedSets.firstState(request.objects(), id), most).join();
    NamedSet there = creation.set();
    if (there == null) {
      throw Refusal.conflict(
          "there are %d sets of shared objects, the most this service holds (manyhands.shared.sets); delete one (GET /api/v1/shared lists all), or wait until the 'ttl' of one is over"
              .formatted(most));
    }
    if (!there.digest().equals(set.digest())) {
      throw Refusal.conflict(
          "the set '%s' was created with another declaration ('shared' or 'values'); delete it first, or take another name"
              .formatted(name));
    }
    used(there);
    return new Created(there, creation.created());
  }

  /**
   * Returns a set, which counts as a use.
   *
   * @throws Refusal if there is no such set
   */
  public NamedSet use(String name) {
    return used(store.find(name).orElseThrow(() -> none(name)));
  }

  /**
   * Returns the set that a job uses, which counts as a use.
   *
   * @throws Refusal if the set is gone
   */
  public NamedSet use(SharedSetUse use) {
    return used(
        store
            .find(use.id())
            .orElseThrow(() ->
                Refusal.notFound(
                    "the set of shared objects '%s' is gone: it was deleted, or its 'ttl' is over; a new set with this name has other objects"
                        .formatted(use.name()))));
  }

  private static Refusal none(String name) {
    return Refusal.notFound(
        "there is no set of shared objects '%s'; create it with PUT /api/v1/shared/{name}"
            .formatted(name));
  }

  private NamedSet used(NamedSet set) {
    Instant now = clock.instant();
    Use use =
        uses.compute(
            set.id(),
            (id, before) -> {
              Instant stored = before == null ? set.usedAt() : before.stored();
              boolean isDue = Duration.between(stored, now).compareTo(LAZINESS) >= 0;
              return new Use(now, isDue ? now : stored);
            });
    if (use.stored().equals(now)) {
      store(set.id(), now);
    }
    return set.withUse(now);
  }

  private void store(SharedSetId id, Instant at) {
    CompletableFuture<?> _ =
        store
            .used(id, at)
            .exceptionally(failure -> {
              log.warn("the use of a set was not stored, set={}", id, failure);
              return null;
            });
  }

  /** Returns all sets, sorted by name. */
  public List<NamedSet> list() {
    return store.list().stream().map(this::withNewestUse).toList();
  }

  private NamedSet withNewestUse(NamedSet set) {
    Use use = uses.get(set.id());
    return use == null || use.last().isBefore(set.usedAt()) ? set : set.withUse(use.last());
  }

  /** Returns how many unfinished jobs use each set that at least one uses. */
  public Map<SharedSetId, Long> useCounts() {
    return store.useCounts();
  }

  /** Returns unfinished jobs that use a set, the oldest first, but not all of very many. */
  public List<JobId> users(NamedSet set) {
    return store.users(set.id(), MOST_USERS_SHOWN);
  }

  /** Returns whether the set is still there. */
  public boolean isThere(NamedSet set) {
    return store.find(set.id()).isPresent();
  }

  /**
   * Deletes a set.
   *
   * @throws Refusal if there is no such set, or unfinished jobs use it
   */
  public void delete(String name) {
    while (true) {
      NamedSet set = store.find(name).orElseThrow(() -> none(name));
      if (store.delete(set.id()).join()) {
        forget(set.id());
        return;
      }
      List<JobId> users = users(set);
      if (!users.isEmpty()) {
        throw Refusal.conflict(
            "unfinished jobs use the set '%s': %s; cancel them first, or wait until they have ended"
                .formatted(name, shown(users)));
      }
      // Deleted meanwhile, or the last job that used the set has just ended.
    }
  }

  private static String shown(List<JobId> users) {
    String ids = String.join(", ", users.stream().limit(10).map(JobId::toString).toList());
    return users.size() > 10 ? ids + ", …" : ids;
  }

  private void forget(SharedSetId id) {
    uses.remove(id);
    sets.end(id);
  }

  /** Deletes sets whose time to live is over, and takes sets that nobody uses out of memory. */
  public void sweep() {
    Instant now = clock.instant();
    for (NamedSet set : store.expired(now)) {
      NamedSet newest = withNewestUse(set);
      if (newest.expiresAt().isAfter(now)) {
        uses.put(set.id(), new Use(newest.usedAt(), newest.usedAt()));
        store(set.id(), newest.usedAt());
      } else if (store.deleteExpired(set.id(), now).join()) {
        forget(set.id());
      }
    }
    sets.rest();
  }
}
