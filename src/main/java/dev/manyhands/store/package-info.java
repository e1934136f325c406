/**
 * Stores jobs, functions, bundles, callback deliveries, comparisons and the memo in one SQLite or
 * PostgreSQL database, by one writer that commits in groups. The package may use {@code
 * comparison}, {@code combine}, {@code json}, {@code support} and {@code job}, and also SQL and
 * Spring's JDBC classes. Start reading with {@link dev.manyhands.store.JobStore}, which is the most
 * important port, and with {@link dev.manyhands.store.SqlStores}, which opens its implementation.
 */
@NullMarked
package dev.manyhands.store;

import org.jspecify.annotations.NullMarked;
