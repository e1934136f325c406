package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobId;

/**
 * The turn of a suspected job, for which other jobs wait.
 *
 * @param job the job, whose items may have ended the service and run alone
 * @param runs whether items of the job run now; else free slots get no chunks until the service is
 *     idle and the job can run
 */
public record AloneTurn(JobId job, boolean runs) {}
