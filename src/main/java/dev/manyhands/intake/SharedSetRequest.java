package dev.manyhands.intake;

import dev.manyhands.model.JobSpec;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedObject;
import dev.manyhands.support.DigestedText;
import dev.manyhands.support.Sha256;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code PUT /shared/{name}}: a set of shared objects.
 *
 * @param objects by name, in the order of their declaration, with their first entries
 * @param values the form of the values
 * @param ttl how long the set is kept after its last use
 */
public record SharedSetRequest(
    Map<String, SharedObject> objects, JobSpec.Values values, Duration ttl) {
  private static final String EVENTS = "events";
  private static final Duration DEFAULT_TTL = Duration.ofHours(1);

  /** The members of the body. Null means that the client did not set the field. */
  record Body(
      @Nullable Map<String, @Nullable Map<String, @Nullable Verbatim>> shared,
      @Nullable Double ttl,
      @Nullable String values) {}

  /**
   * Reads the body.
   *
   * @throws Refusal if a field is invalid
   */
  public static SharedSetRequest read(byte[] body, StrictJson json, ApiLimits limits) {
    Body given = json.read(body, Body.class, "");
    var objects = SharedReader.read(given.shared(), limits.maxSharedBytes());
    if (objects.isEmpty()) {
      throw Refusal.malformed(
          "/shared", "is required: at least one object, such as {\"seen\": {\"dict\": {}}}");
    }
    if (objects.containsKey(EVENTS)) {
      throw Refusal.invalid(
          "/shared/" + EVENTS,
          "is no name of an object in a set: GET /api/v1/shared/{name}/events is the stream of its"
              + " events");
    }
    Duration ttl = JobOptions.seconds(given.ttl(), "/ttl");
    return new SharedSetRequest(
        objects,
        JobOptions.oneOf(JobSpec.Values.class, given.values(), JobSpec.Values.JSON, "/values"),
        ttl == null ? DEFAULT_TTL : ttl);
  }

  /**
   * Checks the name of a set.
   *
   * @throws Refusal if it is no name
   */
  public static String name(String name) {
    if (!NamedSet.NAME.matcher(name).matches()) {
      throw Refusal.invalid(
          "name",
          "must have at most 64 letters, digits, '_', '.' and '-', and begin with a letter or '_'");
    }
    return name;
  }

  /**
   * Returns the digest of the declaration: objects with their first entries, and the form of
   * values. The order of the objects and the time to live are no part of it.
   */
  public String digest() {
    var declaration = new TreeMap<>(objects) + values.name();
    return HexFormat.of().formatHex(Sha256.digest().digest(DigestedText.of(declaration)));
  }
}
