/**
 * Implements the ports on SQLite and PostgreSQL with one set of statements. May use {@code store},
 * {@code store.writer}, {@code model}, {@code support}, SQL, Flyway and connection pools. Start
 * with {@link dev.manyhands.store.sql.SqlStores}, {@link dev.manyhands.store.sql.SqlJobStore} and
 * {@link dev.manyhands.store.sql.JobWrites}.
 */
@NullMarked
package dev.manyhands.store.sql;

import org.jspecify.annotations.NullMarked;
