package dev.manyhands.engine.shared;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation on a shared object.
 *
 * @param object the name of the object
 * @param operation the word of docs/reference/worker-protocol.md
 * @param arguments valid JSON values
 * @param patience how many seconds the call may wait; null for no limit, 0 for a call that does not
 *     wait
 */
public record SharedCall(
    String object, String operation, List<byte[]> arguments, @Nullable Double patience) {}
