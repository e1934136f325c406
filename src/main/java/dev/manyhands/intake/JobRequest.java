package dev.manyhands.intake;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code POST /jobs} without an array of inputs, as it arrived. Null means that the
 * client did not set the field.
 */
record JobRequest(
    @Nullable String name,
    @Nullable String description,
    @Nullable JsonNode function,
    @Nullable Verbatim inputs,
    @Nullable String call,
    @Nullable Verbatim common,
    @Nullable Integer workers,
    @Nullable Integer threads,
    @Nullable ChunkingRequest chunking,
    @Nullable String reduce,
    @Nullable JsonNode stopWhen,
    @Nullable String nonFinite,
    @Nullable String values,
    @Nullable JsonNode maxFailures,
    @Nullable String onError,
    @Nullable RetryRequest retry,
    @Nullable TimeoutsRequest timeouts,
    @Nullable JsonNode memory,
    @Nullable InitializerRequest initializer,
    @Nullable RecycleRequest recycle,
    @Nullable Boolean fresh,
    @Nullable Long seed,
    @Nullable Integer priority,
    @Nullable Boolean paused,
    @Nullable Boolean cache,
    @Nullable List<String> after,
    @Nullable String notBefore,
    @Nullable Double ttl,
    @Nullable CallbackRequest callback,
    @Nullable Map<String, String> labels,
    @Nullable Map<String, @Nullable Map<String, @Nullable Verbatim>> shared,
    @Nullable String sharedSet) {

  record ChunkingRequest(@Nullable JsonNode size, @Nullable Long count, @Nullable String order) {}

  record RetryRequest(
      @Nullable Integer crash,
      @Nullable Integer timeout,
      @Nullable Integer error,
      @Nullable Double backoff) {}

  record InitializerRequest(@Nullable String entry, @Nullable Verbatim args) {}

  record RecycleRequest(@Nullable Long items) {}

  record CallbackRequest(@Nullable String url, @Nullable String secret) {}

  /** Seconds. */
  record TimeoutsRequest(@Nullable Double item, @Nullable Double job, @Nullable Double cpu) {}
}
