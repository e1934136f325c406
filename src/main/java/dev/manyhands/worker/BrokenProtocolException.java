package dev.manyhands.worker;

/**
 * A worker did what the worker protocol forbids. The worker is killed, and nothing else is lost.
 */
class BrokenProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenProtocolException(String message) {
    super(message);
  }
}
