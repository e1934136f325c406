package dev.manyhands.intake;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.Variant;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds the job that a comparison runs in several ways, as text, before a variant changes it. Used
 * once, by one thread.
 */
public final class BaseJob {
  /** The key of the label that marks the jobs of a comparison; its value is the comparison's id. */
  public static final String LABEL = "comparison";

  /** The fields of the job that a variant may change. */
  static final List<String> VARIED = List.of("workers", "threads", "chunking");

  private static final JsonMapper MAPPER =
      // Halves of surrogate pairs have no UTF-8 form, and are therefore written as escapes.
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final Map<String, String> fields;
  private final Inputs.@Nullable Listed listed;
  private final SpecReader specs;
  private final StrictJson json;

  private record Labelled(@Nullable Map<String, @Nullable String> labels) {}

  BaseJob(JobText job, ComparisonId id, SpecReader specs, StrictJson json) {
    this.fields = new LinkedHashMap<>(job.fields());
    this.listed = job.listed() == null ? null : new Inputs.Listed(job.listed());
    this.specs = specs;
    this.json = json;
    for (String field : VARIED) {
      // Each field is written anew: it is stored once for each variant and may contain any amount
      // of white space.
      fields.computeIfPresent(field, (name, text) -> value(text, name).toString());
    }
    fields.put("labels", labels(fields.get("labels"), id));
  }

  private JsonNode value(String text, String field) {
    return json.read(text.getBytes(StandardCharsets.UTF_8), JsonNode.class, "/job/" + field);
  }

  private String labels(@Nullable String text, ComparisonId id) {
    var labels = new LinkedHashMap<String, @Nullable String>();
    if (text != null) {
      byte[] labelled = JobText.object(Map.of("labels", text)).getBytes(StandardCharsets.UTF_8);
      var given = json.read(labelled, Labelled.class, "/job").labels();
      labels.putAll(given == null ? Map.of() : given);
    }
    labels.put(LABEL, id.toString());
    return MAPPER.writeValueAsString(labels);
  }

  /**
   * Returns the job with the given fields in place of its own.
   *
   * @throws Refusal as {@code POST /jobs} would, with pointers into the job
   */
  JobSpec check(Map<String, String> own) {
    var all = with(own);
    if (listed != null) {
      all.remove("inputs");
    }
    return specs.read(JobText.object(all).getBytes(StandardCharsets.UTF_8), listed);
  }

  private Map<String, String> with(Map<String, String> own) {
    var all = new LinkedHashMap<>(fields);
    all.putAll(own);
    return all;
  }

  /** Whether the job itself gives this field a value. */
  boolean says(String field) {
    return !fields.getOrDefault(field, "null").equals("null");
  }

  /**
   * Pins the version of a function that is given by its name. All jobs of the comparison then run
   * the function that was checked, even if another version is registered in between.
   */
  void pin(JobSpec checked) {
    if (fields.getOrDefault("function", "").startsWith("\"")) {
      String version = checked.function().name() + "@" + checked.function().digest();
      fields.put("function", MAPPER.writeValueAsString(version));
    }
  }

  /**
   * Returns the variant with this name. The variant has been checked.
   *
   * @param own its fields, as JSON
   */
  Variant variant(String name, Map<String, String> own, JobSpec checked, int slots) {
    var options = with(own);
    options.keySet().retainAll(VARIED);
    if (checked.name().isEmpty()) {
      options.put("name", MAPPER.writeValueAsString(name));
    }
    String threads = options.getOrDefault("threads", "null");
    return new Variant(
        name,
        checked.workers() == null ? slots : Math.min(checked.workers(), slots),
        threads.equals("null") ? 1 : Integer.parseInt(threads),
        JobText.object(options));
  }

  /** Returns the fields that no variant changes, as a JSON object. */
  String common() {
    var common = new LinkedHashMap<>(fields);
    common.keySet().removeAll(VARIED);
    if (fields.getOrDefault("name", "\"\"").matches("null|\"\"")) {
      common.remove("name");
    }
    return JobText.object(common);
  }
}
