package dev.manyhands.intake;

import dev.manyhands.model.ErrorPattern;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Refusal;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /jobs/{id}/retry}: which items are tried again, and options that replace
 * options of the job. The options are those of {@code POST /jobs}, read by {@link SpecReader}.
 *
 * @param only the items, unless {@code items} names them or {@code group} selects them
 * @param items the items by their ranges; null if {@code only} or {@code group} selects them
 * @param group selects the items whose error has this pattern; null for any error
 * @param given the names of the options in the body
 * @param options the options, as a JSON object
 */
public record RetryBody(
    Only only,
    @Nullable List<ItemRange> items,
    @Nullable ErrorPattern group,
    Set<String> given,
    byte[] options) {

  /** Selects the items that are tried again. */
  public enum Only {
    /** Items with an error. */
    FAILED,
    /** Items with an error, and items without an outcome. */
    UNFINISHED
  }

  /** Fields of a job that a retry keeps, and the remedy for each. */
  private static final Map<String, String> KEPT =
      Map.of(
          "inputs",
          "are those of the job that is tried again; to run other inputs, submit a job"
              + " (POST /api/v1/jobs)",
          "reduce",
          "stays as it is, because the results of both jobs belong together; to reduce in another"
              + " way, submit a job (POST /api/v1/jobs)",
          "values",
          "stays as it is, because the items of the job have this form");

  private record ItemsRequest(
      @Nullable String only,
      @Nullable List<@Nullable List<@Nullable Long>> items,
      @Nullable GroupRequest group) {}

  private record GroupRequest(
      @Nullable String kind, @Nullable String type, @Nullable String message) {}

  /** Reads the body. An empty body counts as an empty object. */
  static RetryBody read(byte[] body, StrictJson json, ApiLimits limits) {
    Map<String, String> fields =
        body.length == 0 ? new LinkedHashMap<>() : JobText.whole(body, limits.json()).fields();
    String only = fields.remove("only");
    String items = fields.remove("items");
    String group = fields.remove("group");
    if (group != null && (only != null || items != null)) {
      throw Refusal.malformed(
          "/group", "selects the items; leave out 'only' and 'items', which select others");
    }
    if (only != null && items != null) {
      throw Refusal.malformed("/items", "names the items; leave out 'only', which selects others");
    }
    for (String name : fields.keySet()) {
      check(name);
    }
    return new RetryBody(
        only == null ? Only.FAILED : only(only, json),
        items == null ? null : NamedItems.read(request("items", items, json).items()),
        group == null ? null : group(request("group", group, json).group()),
        Set.copyOf(fields.keySet()),
        JobText.object(fields).getBytes(StandardCharsets.UTF_8));
  }

  private static Only only(String text, StrictJson json) {
    return JobOptions.oneOf(Only.class, request("only", text, json).only(), Only.FAILED, "/only");
  }

  private static ErrorPattern group(@Nullable GroupRequest group) {
    if (group == null) {
      throw Refusal.malformed("/group", "must be an object with 'kind', 'type' and 'message'");
    }
    String kind = required(group.kind(), "/group/kind");
    for (var known : ItemError.Kind.values()) {
      if (known.name().equals(kind)) {
        return new ErrorPattern(
            known,
            required(group.type(), "/group/type"),
            required(group.message(), "/group/message"));
      }
    }
    throw Refusal.invalid("/group/kind", "must be one of " + List.of(ItemError.Kind.values()));
  }

  private static String required(@Nullable String text, String pointer) {
    if (text == null) {
      throw Refusal.malformed(pointer, "is missing; copy it from a group of GET …/errors");
    }
    return text;
  }

  private static ItemsRequest request(String field, String text, StrictJson json) {
    byte[] request = ("{\"" + field + "\":" + text + "}").getBytes(StandardCharsets.UTF_8);
    return json.read(request, ItemsRequest.class, "");
  }

  private static void check(String name) {
    String remedy = KEPT.get(name);
    if (remedy != null) {
      throw Refusal.invalid("/" + name, remedy);
    }
    var known = new TreeSet<>(Set.of("only", "items", "group"));
    Arrays.stream(JobRequest.class.getRecordComponents())
        .map(RecordComponent::getName)
        .filter(option -> !KEPT.containsKey(option))
        .forEach(known::add);
    if (!known.contains(name)) {
      throw Refusal.malformed(
          "/" + name, "there is no such field; there are: " + String.join(", ", known));
    }
  }
}
