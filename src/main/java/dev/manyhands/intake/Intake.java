package dev.manyhands.intake;

/**
 * The parts that every request with a job goes through.
 *
 * @param specs makes a spec of the request
 * @param limits of the request
 * @param memory for its bytes while they are read
 */
public record Intake(SpecReader specs, ApiLimits limits, BodyMemory memory) {}
