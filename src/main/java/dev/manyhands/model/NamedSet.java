package dev.manyhands.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A set of shared objects that was created alone. Jobs use the set by its name.
 *
 * @param name unique among the sets of a service
 * @param digest of the declaration: objects with their first state, and the form of values
 * @param objects the objects by name, in the order of their declaration, without their first
 *     entries
 * @param values the form of the values, which a job that uses the set must have, too
 * @param ttl how long the set is kept after its last use
 * @param usedAt the last use that was stored; a job that has not ended uses its set all the time
 */
public record NamedSet(
    SharedSetId id,
    String name,
    String digest,
    Map<String, SharedObject> objects,
    JobSpec.Values values,
    Duration ttl,
    Instant createdAt,
    Instant usedAt) {

  /** The names of sets, and of objects. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

  public NamedSet {
    objects = Collections.unmodifiableMap(new LinkedHashMap<>(objects));
  }

  /** Returns when the set expires, unless it is used before. */
  public Instant expiresAt() {
    return usedAt.plus(ttl);
  }

  /** Returns the set with another time to live. */
  public NamedSet withTtl(Duration newTtl) {
    return new NamedSet(id, name, digest, objects, values, newTtl, createdAt, usedAt);
  }

  /** Returns the set after a use. */
  public NamedSet withUse(Instant at) {
    return new NamedSet(id, name, digest, objects, values, ttl, createdAt, at);
  }

  /** Returns the use of this set by a job. */
  public SharedSetUse use() {
    return new SharedSetUse(name, id);
  }
}
