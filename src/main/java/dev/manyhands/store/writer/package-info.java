/**
 * Commits writes in groups by one thread, proves that this service owns the database, and decides
 * commits in doubt. May use {@code store}, {@code model}, {@code support} and JDBC. Start with
 * {@link dev.manyhands.store.writer.GroupCommit}, {@link dev.manyhands.store.writer.WriterSession}
 * and {@link dev.manyhands.store.writer.Dialect}.
 */
@NullMarked
package dev.manyhands.store.writer;

import org.jspecify.annotations.NullMarked;
