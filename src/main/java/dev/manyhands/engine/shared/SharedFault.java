package dev.manyhands.engine.shared;

/** A call asks for something that the object cannot do. The message is for the caller. */
final class SharedFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String word;

  private SharedFault(String word, String message) {
    super(message, null, false, false); // without a stack trace, because user code causes it
    this.word = word;
  }

  /** The arguments are not what the operation takes. */
  static SharedFault type(String message) {
    return new SharedFault("type", message);
  }

  /** The object cannot hold more. */
  static SharedFault full(String message) {
    return new SharedFault("full", message);
  }

  /** There is no such object or operation. */
  static SharedFault unknown(String message) {
    return new SharedFault("unknown", message);
  }

  /** The state was lost or cannot be stored. */
  static SharedFault failed(String message) {
    return new SharedFault("failed", message);
  }

  SharedAnswer answer() {
    return SharedAnswer.error(word, String.valueOf(getMessage()));
  }
}
