/**
 * Names what is durable: the ports through which jobs, functions, bundles, callback deliveries,
 * comparisons and the memo are stored. May use {@code model} and nothing else. Start with {@link
 * dev.manyhands.store.JobStore} and {@link dev.manyhands.store.StoreException}.
 */
@NullMarked
package dev.manyhands.store;

import org.jspecify.annotations.NullMarked;
