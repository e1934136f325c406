package dev.manyhands.engine.worker;

/**
 * A worker did what the worker protocol forbids. The worker is killed, and nothing else is lost.
 */
public class BrokenProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BrokenProtocolException(String message) {
    super(message);
  }
}
