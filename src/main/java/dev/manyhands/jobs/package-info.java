/**
 * Everything that can be done with a job: submit, wait, change, cancel and delete. May use the
 * intake, the engine, functions, the store and the model, but no HTTP and no framework. Start with
 * {@link dev.manyhands.jobs.SubmissionListener}.
 */
@NullMarked
package dev.manyhands.jobs;

import org.jspecify.annotations.NullMarked;
