package dev.manyhands.store.sql;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Failures;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobOutline;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.SharedObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON form of the parts of a job that no query looks into. Every later version must read the
 * JSON that this version writes. A new component therefore needs a value for when it is missing,
 * and the names of the kinds below never change.
 */
final class JobJson {

  private static final TypeReference<List<ItemError>> ITEM_ERRORS = new TypeReference<>() {};

  private static final TypeReference<LinkedHashMap<String, SharedObject>> SHARED =
      new TypeReference<>() {};

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addMixIn(JobSpec.class, Details.class)
          .addMixIn(FunctionDefinition.class, FunctionKinds.class)
          .addMixIn(Inputs.class, InputKinds.class)
          .changeDefaultPropertyInclusion(
              all -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
          .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          // A later version may have written the row.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // User text may hold halves of surrogate pairs, which have no UTF-8 form.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private JobJson() {}

  /**
   * The function of a job is stored apart from the job. Rows of earlier versions contain it, so it
   * is still read.
   */
  @JsonIgnoreProperties(value = "function", allowSetters = true)
  private interface Details {
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @SuppressWarnings("UnusedMethod") // Jackson reads its annotation
    Map<String, SharedObject> shared();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = FunctionDefinition.Python.class, name = "python"),
    @JsonSubTypes.Type(value = FunctionDefinition.JavaClass.class, name = "java"),
    @JsonSubTypes.Type(value = FunctionDefinition.Command.class, name = "command")
  })
  private interface FunctionKinds {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Inputs.Listed.class, name = "listed"),
    @JsonSubTypes.Type(value = Inputs.Open.class, name = "open"),
    @JsonSubTypes.Type(value = Inputs.Results.class, name = "results"),
    @JsonSubTypes.Type(value = Inputs.Range.class, name = "range"),
    @JsonSubTypes.Type(value = Inputs.Repeat.class, name = "repeat")
  })
  private interface InputKinds {}

  /** Returns the JSON of the spec without its function. */
  static String ofDetails(JobSpec spec) {
    return MAPPER.writeValueAsString(spec);
  }

  static JobSpec toSpec(String details, Function function) {
    return MAPPER.readValue(details, JobSpec.class).withFunction(function);
  }

  /** Reads a spec with its function, as it was stored before definitions had a table. */
  static JobSpec toWholeSpec(String json) {
    return MAPPER.readValue(json, JobSpec.class);
  }

  static String ofOutline(JobOutline outline) {
    return MAPPER.writeValueAsString(outline);
  }

  static JobOutline toOutline(String json) {
    return MAPPER.readValue(json, JobOutline.class);
  }

  static String ofDefinition(FunctionDefinition definition) {
    return MAPPER.writerFor(FunctionDefinition.class).writeValueAsString(definition);
  }

  static FunctionDefinition toDefinition(String json) {
    return MAPPER.readValue(json, FunctionDefinition.class);
  }

  static String ofShared(Map<String, SharedObject> objects) {
    return MAPPER.writeValueAsString(objects);
  }

  static Map<String, SharedObject> toShared(String json) {
    return MAPPER.readValue(json, SHARED);
  }

  static @Nullable String ofJobError(@Nullable JobError error) {
    return error == null ? null : MAPPER.writeValueAsString(error);
  }

  static @Nullable JobError toJobError(@Nullable String json) {
    return json == null ? null : MAPPER.readValue(json, JobError.class);
  }

  static @Nullable String ofChunkSizes(ChunkSizes sizes) {
    return sizes.equals(ChunkSizes.NONE) ? null : MAPPER.writeValueAsString(sizes);
  }

  static ChunkSizes toChunkSizes(@Nullable String json) {
    return json == null ? ChunkSizes.NONE : MAPPER.readValue(json, ChunkSizes.class);
  }

  static @Nullable String ofFailures(Failures failures) {
    return failures.equals(Failures.NONE) ? null : MAPPER.writeValueAsString(failures);
  }

  static Failures toFailures(@Nullable String json) {
    return json == null ? Failures.NONE : MAPPER.readValue(json, Failures.class);
  }

  /** Returns null for no errors, as in nearly all rows. */
  static @Nullable String ofItemErrors(List<ItemError> errors) {
    return errors.isEmpty() ? null : MAPPER.writerFor(ITEM_ERRORS).writeValueAsString(errors);
  }

  static List<ItemError> toItemErrors(@Nullable String json) {
    return json == null ? List.of() : MAPPER.readValue(json, ITEM_ERRORS);
  }
}
