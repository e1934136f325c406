package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A job that is on disk.
 *
 * @param end from {@link JobBoard#released}, taken before the job could end, so that it reports the
 *     end even of a job that has ended by now
 */
public record StoredJob(Job job, Optional<CompletableFuture<Optional<JobStatus>>> end) {}
