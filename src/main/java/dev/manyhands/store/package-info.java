/**
 * Durable jobs, inputs and outcomes: one port, one SQL implementation for SQLite and PostgreSQL,
 * one writer that group-commits.
 */
@NullMarked
package dev.manyhands.store;

import org.jspecify.annotations.NullMarked;
