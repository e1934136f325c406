/**
 * Stores the output of user code, job by job, in files of a bounded size: threads that read
 * workers' pipes never wait for it, one thread writes it, and the API reads it. May use {@code
 * worker} and the domain packages ({@code job}, {@code json}, {@code combine}, {@code support}),
 * but no framework; from {@code worker} it uses only {@code LogSink}. Start with {@link
 * dev.manyhands.logs.JobLogs} and {@link dev.manyhands.logs.LogFile}.
 */
@NullMarked
package dev.manyhands.logs;

import org.jspecify.annotations.NullMarked;
