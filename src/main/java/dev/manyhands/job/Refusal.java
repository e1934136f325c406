package dev.manyhands.job;

import java.util.List;

/**
 * Something a client asked for that will not be done, in words for the client: which field, what is
 * wrong with it, what to do. Thrown where the fact is known; the API turns it into a problem in one
 * place.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Whose move it is, and what kind. */
  public enum Reason {
    /** The request is not in the form it must have. */
    MALFORMED,
    /** The form is right, but it makes no sense. */
    INVALID,
    /** There is no such thing. */
    NOT_FOUND,
    /** The state of things does not allow it now. */
    CONFLICT,
    /** It is more than the service takes at once. */
    TOO_LARGE,
    /** The body is in a form that the service does not read. */
    UNSUPPORTED,
    /** The service cannot take it now; the same may work later. */
    UNAVAILABLE
  }

  /**
   * One thing that is wrong.
   *
   * @param pointer JSON pointer (RFC 6901) into the body, or the name of a parameter or header
   */
  public record Fault(String pointer, String detail) {
    public Fault {
      pointer = excerpt(pointer);
      detail = excerpt(detail);
    }
  }

  /** Characters of a text in an answer. What a client sent is named, and not sent back whole. */
  private static final int MOST_CHARACTERS = 2_000;

  private final transient Reason reason;
  private final transient List<Fault> faults;

  public Refusal(Reason reason, String detail, List<Fault> faults) {
    // Part of the ordinary course of things: a stack trace would cost more than the answer.
    super(excerpt(detail), null, false, false);
    this.reason = reason;
    this.faults = List.copyOf(faults);
  }

  /** The beginning and the end: the first says where, the last what to do. */
  private static String excerpt(String text) {
    int half = MOST_CHARACTERS / 2;
    return text.length() <= MOST_CHARACTERS
        ? text
        : text.substring(0, half) + "…" + text.substring(text.length() - half);
  }

  public static Refusal malformed(String pointer, String detail) {
    return new Refusal(Reason.MALFORMED, detail, List.of(new Fault(pointer, detail)));
  }

  public static Refusal invalid(String pointer, String detail) {
    return new Refusal(Reason.INVALID, detail, List.of(new Fault(pointer, detail)));
  }

  public static Refusal tooLarge(String pointer, String detail) {
    return new Refusal(Reason.TOO_LARGE, detail, List.of(new Fault(pointer, detail)));
  }

  public static Refusal unsupported(String pointer, String detail) {
    return new Refusal(Reason.UNSUPPORTED, detail, List.of(new Fault(pointer, detail)));
  }

  public static Refusal notFound(String detail) {
    return new Refusal(Reason.NOT_FOUND, detail, List.of());
  }

  public static Refusal conflict(String detail) {
    return new Refusal(Reason.CONFLICT, detail, List.of());
  }

  public static Refusal unavailable(String detail) {
    return new Refusal(Reason.UNAVAILABLE, detail, List.of());
  }

  public Reason reason() {
    return reason;
  }

  public List<Fault> faults() {
    return faults;
  }
}
