package dev.manyhands.engine.worker;

import java.time.Duration;

/**
 * The settings of the pool of workers.
 *
 * @param slots how many workers may run at once
 * @param maxIdle how many workers there may be beyond the number of slots
 * @param idleTimeout how long an idle worker is kept warm
 * @param maxItems how many items a worker runs before it is replaced; 0 for never
 * @param maxRssBytes a worker that holds more memory gets no more chunks, and is replaced; 0 for
 *     never
 * @param stopGrace how long a worker may take to stop its chunks after a request, before it is
 *     killed
 * @param startTimeout how long a worker may take to start and to load its function
 */
public record PoolSettings(
    int slots,
    int maxIdle,
    Duration idleTimeout,
    long maxItems,
    long maxRssBytes,
    Duration stopGrace,
    Duration startTimeout) {}
