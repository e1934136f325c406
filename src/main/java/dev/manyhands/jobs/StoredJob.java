package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A job that is on disk.
 *
 * @param end from {@link JobBoard#released}. For a new job it was taken before the job could end,
 *     and thus reports the end in any case. Empty if the job of an earlier request had ended.
 */
public record StoredJob(Job job, Optional<CompletableFuture<Optional<JobStatus>>> end) {}
