package dev.manyhands.engine.shared;

/**
 * A value in an object.
 *
 * @param place its position: elements that came later have greater ones
 * @param value a JSON value
 */
record Element(long place, byte[] value) {}
