/**
 * Worker subprocesses: how they are started, spoken to, watched, stopped and kept warm. Speaks to
 * its user in slots and chunks; knows nothing of jobs' lives, of HTTP or of SQL.
 */
@NullMarked
package dev.manyhands.worker;

import org.jspecify.annotations.NullMarked;
