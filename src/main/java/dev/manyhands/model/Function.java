package dev.manyhands.model;

/**
 * User code that maps one input to one result.
 *
 * @param name the registered name, or the name of the entry point if the function came with the job
 * @param digest {@code sha256:} and 64 hex digits over the definition; a file counts by its
 *     content, not by its name
 * @param definition the parts that a worker loads
 */
public record Function(String name, String digest, FunctionDefinition definition) {}
