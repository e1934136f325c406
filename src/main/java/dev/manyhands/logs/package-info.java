/**
 * What user code printed, job by job, in files of a bounded size: taken from the threads that read
 * workers' pipes without holding them up, written by one thread of its own, read by the API.
 */
@NullMarked
package dev.manyhands.logs;

import org.jspecify.annotations.NullMarked;
