/**
 * One job run in several ways, to see which is the fastest: what is to run next, what the times add
 * up to, and a picture of it. Pure; whoever runs and stores it is elsewhere.
 */
@NullMarked
package dev.manyhands.comparison;

import org.jspecify.annotations.NullMarked;
