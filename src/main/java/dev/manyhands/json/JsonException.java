package dev.manyhands.json;

/** The bytes are not what JSON (RFC 8259) or a limit allows. */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, apart from the text of the message. */
  public enum Problem {
    /** Not JSON at all. */
    SYNTAX,
    /** JSON, but arrays and objects lie too deep inside each other. */
    TOO_DEEP,
    /** JSON, but a number has too many characters. */
    NUMBER_TOO_LONG,
    /** JSON so far, but one value has too many bytes. */
    VALUE_TOO_LARGE
  }

  private final transient Problem problem;
  private final long offset;

  JsonException(Problem problem, String message, long offset) {
    // Expected and frequent where clients err: a stack trace would cost more than the check.
    super(message, null, false, false);
    this.problem = problem;
    this.offset = offset;
  }

  /** What is wrong, and where. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  public Problem problem() {
    return problem;
  }

  /** How many bytes into the input it was noticed. */
  public long offset() {
    return offset;
  }
}
