package dev.manyhands.engine.worker;

/**
 * A worker did what the worker protocol forbids. The worker is killed, which counts as a crash.
 * Other workers go on.
 */
public class BrokenProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BrokenProtocolException(String message) {
    super(message);
  }
}
