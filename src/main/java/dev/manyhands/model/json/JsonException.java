package dev.manyhands.model.json;

/** Thrown if the bytes are not what JSON (RFC 8259) or a limit allows. */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kind of the fault. */
  public enum Problem {
    /** The text is not JSON. */
    SYNTAX,
    /** The text is JSON, but its arrays and objects are nested too deeply. */
    TOO_DEEP,
    /** The text is JSON, but a number has too many characters. */
    NUMBER_TOO_LONG,
    /** The text is JSON so far, but one value has too many bytes. */
    VALUE_TOO_LARGE
  }

  private final transient Problem problem;
  private final long offset;

  JsonException(Problem problem, String message, long offset) {
    // Common after errors of clients: a stack trace would cost more than the check.
    super(message, null, false, false);
    this.problem = problem;
    this.offset = offset;
  }

  /** Returns the fault and its place. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  public Problem problem() {
    return problem;
  }

  /** Returns the number of bytes before the place where the fault was noticed. */
  public long offset() {
    return offset;
  }
}
