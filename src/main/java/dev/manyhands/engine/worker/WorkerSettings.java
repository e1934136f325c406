package dev.manyhands.engine.worker;

import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import java.nio.file.Path;

/**
 * The settings of workers.
 *
 * @param dataDirectory the directory of all data of the service, which {@code isolation} may hide
 *     from workers
 * @param scratch the directory that contains a directory for each worker
 * @param limits the resources that each worker may use
 * @param isolation the protection of all else from workers
 */
public record WorkerSettings(
    PoolSettings pool,
    ChannelLimits channel,
    RuntimeSettings runtimes,
    Path dataDirectory,
    Path scratch,
    WorkerLimits limits,
    Isolation isolation) {}
