package dev.manyhands.intake;

import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpecBuilder;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.support.Word;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the objects that the items of a job share, and refuses those that it cannot have. */
final class SharedReader {
  private static final int MAX_PERMITS = 1_000_000;
  private static final long MAX_QUEUE = 1_000_000;
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");

  private static final String KINDS =
      Arrays.stream(SharedKind.values())
          .map(kind -> "'" + Word.of(kind) + "'")
          .collect(Collectors.joining(", "));

  /** Each object as it was declared: by its kind. Null where the request has null. */
  private final Map<String, @Nullable Map<String, @Nullable Verbatim>> declared;

  private final long maxBytes;
  private long bytes;

  private SharedReader(
      Map<String, @Nullable Map<String, @Nullable Verbatim>> declared, long maxBytes) {
    this.declared = declared;
    this.maxBytes = maxBytes;
  }

  static Map<String, SharedObject> read(
      @Nullable Map<String, @Nullable Map<String, @Nullable Verbatim>> declared, long maxBytes) {
    return declared == null ? Map.of() : new SharedReader(declared, maxBytes).read();
  }

  /**
   * Sets the objects that the request declares, or those of the set that it names, in place of
   * others that the spec has.
   *
   * @param spec with its form of values
   * @param isDeclared whether the request decides on objects of the job's own
   * @param sets returns the set with a name
   */
  static void set(
      JobRequest job,
      JobSpecBuilder spec,
      boolean isDeclared,
      long maxBytes,
      Function<String, Optional<NamedSet>> sets) {
    String name = job.sharedSet();
    if (name == null) {
      if (isDeclared || spec.sharedSet() != null) {
        spec.shared(read(job.shared(), maxBytes)).sharedSet(null);
      }
      return;
    }
    if (job.shared() != null) {
      throw Refusal.invalid(
          "/sharedSet",
          "does not go with 'shared': a job has objects of its own, or those of a set");
    }
    NamedSet set =
        sets.apply(name)
            .orElseThrow(() ->
                Refusal.invalid(
                    "/sharedSet",
                    "there is no set of shared objects with this name; create it with PUT"
                        + " /api/v1/shared/{name} (GET /api/v1/shared lists all)"));
    if (set.values() != spec.values()) {
      throw Refusal.invalid(
          "/sharedSet",
          "the set has \"values\": \"%s\", and the job has \"%s\"; they must be equal, because the objects hold values of this form"
              .formatted(Word.of(set.values()), Word.of(spec.values())));
    }
    spec.shared(set.objects()).sharedSet(set.use());
  }

  /** Refuses objects that the function of the job cannot use, and options that they break. */
  static void check(JobSpec spec) {
    if (spec.shared().isEmpty()) {
      return;
    }
    if (spec.function().definition().runtime() == FunctionRuntime.COMMAND) {
      throw Refusal.invalid(
          spec.sharedSet() == null ? "/shared" : "/sharedSet",
          "must be absent for a command; only Python and Java functions reach shared objects");
    }
    if (spec.cache()) {
      throw Refusal.invalid(
          "/cache",
          "must be false for a job with shared objects: the value of an item may depend on what other"
              + " items have left there, and a value that is remembered would change nothing");
    }
  }

  private Map<String, SharedObject> read() {
    if (declared.size() > SharedObject.MOST_OBJECTS) {
      throw Refusal.invalid(
          "/shared",
          "may have at most %d objects; one 'dict' holds many values"
              .formatted(SharedObject.MOST_OBJECTS));
    }
    Map<String, SharedObject> objects = new LinkedHashMap<>();
    declared.forEach((name, object) -> {
      if (!NamedSet.NAME.matcher(name).matches()) {
        throw Refusal.invalid(
            pointer("/shared", name),
            "is no name of an object: it must have at most 64 letters, digits, '_', '.' and '-',"
                + " and begin with a letter or '_'");
      }
      objects.put(name, object(object, "/shared/" + name));
    });
    if (bytes > maxBytes) {
      throw Refusal.invalid(
          "/shared",
          "takes %d bytes, and the objects of a job may hold at most %d (manyhands.shared.max-bytes);"
                  .formatted(bytes, maxBytes)
              + " put what does not change into 'common'");
    }
    return objects;
  }

  private static String pointer(String at, String name) {
    return at + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  private SharedObject object(@Nullable Map<String, @Nullable Verbatim> object, String at) {
    if (object == null || object.size() != 1) {
      throw Refusal.malformed(
          at, "must be an object with one member, such as {\"dict\": {}}; one of " + KINDS);
    }
    String word = object.keySet().iterator().next();
    SharedKind kind =
        Arrays.stream(SharedKind.values())
            .filter(one -> Word.of(one).equals(word))
            .findFirst()
            .orElseThrow(() ->
                Refusal.invalid(pointer(at, word), "is no kind of object; there are: " + KINDS));
    Verbatim content = object.get(word);
    String json = content == null ? "null" : content.json();
    return read(kind, json, at + "/" + word);
  }

  private SharedObject read(SharedKind kind, String json, String at) {
    return switch (kind) {
      case VALUE -> new SharedObject(kind, value(json, at), null);
      case LOCK -> {
        if (!json.equals("{}")) {
          throw Refusal.malformed(at, "must be {}: a lock has no options");
        }
        yield new SharedObject(kind, "null", null);
      }
      case SEMAPHORE -> {
        String range = "must be the number of permits, from 1 to " + MAX_PERMITS;
        long permits = integer(json, range, at);
        if (permits < 1 || permits > MAX_PERMITS) {
          throw Refusal.invalid(at, range);
        }
        yield new SharedObject(kind, Long.toString(permits), null);
      }
      case DICT -> {
        entries(json, true, at);
        yield new SharedObject(kind, json, null);
      }
      case LIST -> {
        entries(json, false, at);
        yield new SharedObject(kind, json, null);
      }
      case QUEUE -> new SharedObject(kind, "[]", size(json, at));
    };
  }

  private static String value(String json, String at) {
    if (json.equals("true") || json.equals("false")) {
      return json;
    }
    char first = json.charAt(0);
    if (first != '-' && (first < '0' || first > '9')) {
      throw Refusal.invalid(
          at, "must be true, false or a number; use a dict for others: {\"dict\": {\"value\": …}}");
    }
    if (INTEGER.matcher(json).matches()) {
      String wanted =
          "must be an integer of 64 bits; write %s.0 for a number with a fraction"
              .formatted(shortened(json));
      return Long.toString(integer(json, wanted, at));
    }
    if (!Double.isFinite(Double.parseDouble(json))) {
      throw Refusal.invalid(at, "is beyond the largest number of 64 bits");
    }
    return json;
  }

  private static String shortened(String number) {
    return number.length() > 40 ? number.substring(0, 40) + "…" : number;
  }

  private static long integer(String json, String wanted, String at) {
    try {
      return Long.parseLong(json);
    } catch (NumberFormatException e) {
      throw Refusal.invalid(at, wanted);
    }
  }

  private static @Nullable Long size(String json, String at) {
    if (json.equals("{}")) {
      return null;
    }
    String form = "must be {}, or {\"size\": n} for a queue of at most n elements";
    String start = "{\"size\":";
    if (!json.startsWith(start) || !INTEGER.matcher(body(json, start)).matches()) {
      throw Refusal.malformed(at, form + "; its elements are put by items");
    }
    String range = "must be between 1 and " + MAX_QUEUE;
    long size = integer(body(json, start), range, at + "/size");
    if (size < 1 || size > MAX_QUEUE) {
      throw Refusal.invalid(at + "/size", range);
    }
    return size;
  }

  private static String body(String json, String start) {
    return json.substring(start.length(), json.length() - 1);
  }

  /** Checks the first entries of a dict or a list. The text is valid JSON. */
  private void entries(String json, boolean hasKeys, String at) {
    if (!json.startsWith(hasKeys ? "{" : "[")) {
      throw Refusal.malformed(
          at,
          hasKeys
              ? "must be an object with the first entries, such as {}"
              : "must be an array with the first elements, such as []");
    }
    var scanner = new JsonScanner(json.getBytes(StandardCharsets.UTF_8), JsonLimits.STORED);
    scanner.expect(hasKeys ? '{' : '[');
    char end = hasKeys ? '}' : ']';
    for (int count = 0; !scanner.take(end); count++) {
      if (count > 0) {
        scanner.expect(',');
      }
      if (count == SharedObject.MOST_ENTRIES) {
        throw Refusal.invalid(at, "may have at most " + SharedObject.MOST_ENTRIES + " entries");
      }
      if (hasKeys) {
        bytes += length(scanner, SharedObject.MOST_KEY_BYTES, "a key", at);
        scanner.expect(':');
      }
      bytes += length(scanner, SharedObject.MOST_VALUE_BYTES, "a value", at);
      bytes += SharedObject.ENTRY_BYTES;
    }
  }

  /** Takes a value; returns its length. */
  private static long length(JsonScanner scanner, int most, String what, String at) {
    int from = scanner.valueOfAnySize();
    int length = scanner.position() - from;
    if (length > most) {
      throw Refusal.invalid(at, "has " + what + " with more than " + most + " bytes");
    }
    return length;
  }
}
