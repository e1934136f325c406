package dev.manyhands.sdk;

/**
 * Thrown when a shared object cannot hold more, or all objects of the job together cannot. Nothing
 * has changed then. The message has the limit.
 */
public class SharedFullException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /** Creates the exception. */
  public SharedFullException(String message) {
    super(message);
  }
}
