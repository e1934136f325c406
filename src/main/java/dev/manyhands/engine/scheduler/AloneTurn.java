package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobId;

/**
 * The turn of a suspected job, for which other jobs wait.
 *
 * @param job the job, whose items may have ended the service and run alone
 * @param runs whether items of the job run now; else free slots wait with the job until the service
 *     is idle
 */
public record AloneTurn(JobId job, boolean runs) {}
