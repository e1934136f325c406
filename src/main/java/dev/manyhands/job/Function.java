package dev.manyhands.job;

/**
 * User code that maps one input to one result.
 *
 * @param name what it was registered as, or its entry point's name when it came with the job
 * @param digest {@code sha256:} and 64 hex digits over everything its definition holds
 * @param definition what a worker loads
 */
public record Function(String name, String digest, FunctionDefinition definition) {}
