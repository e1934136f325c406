package dev.manyhands.engine.shared;

/** A set of shared objects was deleted, or has expired. */
public final class SharedSetGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SharedSetGoneException(SharedDeclaration set) {
    super("the " + set + " of shared objects is gone");
  }
}
