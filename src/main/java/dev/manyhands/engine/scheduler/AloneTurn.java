package dev.manyhands.engine.scheduler;

import dev.manyhands.model.JobId;

/**
 * The turn of a suspected job, for which other jobs wait.
 *
 * @param job the job, whose items may have ended the service and run alone
 * @param runs whether items of the job run now; else free slots get no chunks until the service is
 *     idle, or the wait of {@link SuspectTurn} is over
 */
public record AloneTurn(JobId job, boolean runs) {}
