/**
 * Stores the output of user code, job by job, in files of a bounded size: threads that read
 * workers' pipes never wait for it, one thread writes it, and the API reads it. May use {@code
 * LogSink} of {@code engine.worker} and {@code model}, but no framework. Start with {@link
 * dev.manyhands.engine.logs.JobLogs} and {@link dev.manyhands.engine.logs.LogFile}.
 */
@NullMarked
package dev.manyhands.engine.logs;

import org.jspecify.annotations.NullMarked;
