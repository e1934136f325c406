package dev.manyhands.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The small part of a {@link JobSpec}: all fields that a list of jobs shows. It is stored on its
 * own, so that a list reads neither code nor common arguments.
 *
 * @param after the jobs that must have succeeded before this one runs
 * @param idle the time without any request after which the open job is abandoned; null for never
 */
public record JobOutline(
    String name,
    @Nullable String description,
    @Nullable Integer workers,
    int threads,
    @Nullable Long memory,
    long maxFailures,
    @Nullable Double maxFailuresPercent,
    boolean paused,
    @Nullable JobId parent,
    List<JobId> after,
    @Nullable Instant notBefore,
    @Nullable Duration ttl,
    @Nullable Duration idle,
    int priority,
    @Nullable Long seed,
    JobSpec.Values values,
    Map<String, String> labels) {

  public JobOutline {
    after = List.copyOf(Objects.requireNonNullElse(after, List.of()));
    values = Objects.requireNonNullElse(values, JobSpec.Values.JSON);
    labels = Map.copyOf(Objects.requireNonNullElse(labels, Map.of()));
  }
}
