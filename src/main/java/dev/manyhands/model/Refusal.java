package dev.manyhands.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Thrown when a request of a client is refused, with a message for the client: the field, the fault
 * and the remedy. Thrown where the fact is known. The API turns refusals into problems in one
 * place.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The kind of a refusal, which also shows whether the client or the service must act. */
  public enum Reason {
    /** The request has a wrong form. */
    MALFORMED,
    /** The form is right, but the content makes no sense. */
    INVALID,
    /** The named object does not exist. */
    NOT_FOUND,
    /** The present state does not allow the request. */
    CONFLICT,
    /** The request is larger than the service accepts at once. */
    TOO_LARGE,
    /** The service does not read bodies of this form. */
    UNSUPPORTED,
    /** The service cannot accept the request now; it may succeed later. */
    UNAVAILABLE
  }

  /**
   * One fault of the request.
   *
   * @param pointer JSON pointer (RFC 6901) into the body, or the name of a parameter or header
   */
  public record Fault(String pointer, String detail) {
    public Fault {
      pointer = excerpt(pointer);
      detail = excerpt(detail);
    }
  }

  /**
   * The most characters of a text in an answer. The client's own text is quoted, but never at full
   * length.
   */
  private static final int MOST_CHARACTERS = 2_000;

  private final transient Reason reason;
  private final transient List<Fault> faults;
  private final transient Map<String, Object> facts;

  public Refusal(Reason reason, String detail, List<Fault> faults) {
    this(reason, detail, faults, Map.of());
  }

  private Refusal(Reason reason, String detail, List<Fault> faults, Map<String, Object> facts) {
    // Refusals are ordinary events: a stack trace would cost more than the answer.
    super(excerpt(detail), null, false, false);
    this.reason = reason;
    this.faults = List.copyOf(faults);
    this.facts = Map.copyOf(facts);
  }

  /**
   * Returns a copy with a fact about the whole request, such as how much of it was done.
   *
   * @param name of the fact, for programs
   * @param inWords the fact for people, as a part of a sentence; ends the detail, and the detail of
   *     the last fault
   */
  public Refusal with(String name, Object fact, String inWords) {
    var more = new HashMap<>(facts);
    more.put(name, fact);
    String end = "; " + inWords;
    var longer = new ArrayList<>(faults);
    if (!longer.isEmpty()) {
      Fault last = longer.removeLast();
      longer.add(new Fault(last.pointer(), last.detail() + end));
    }
    return new Refusal(reason, getMessage() + end, longer, more);
  }

  /** Keeps the beginning and the end: the beginning has the place, the end the remedy. */
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

  /** Returns the facts that {@link #with} has added, by name. */
  public Map<String, Object> facts() {
    return facts;
  }

  /** Returns a copy whose pointers begin with this member, for a part of a larger body. */
  public Refusal inside(String pointer) {
    var moved =
        faults.stream().map(fault -> new Fault(pointer + fault.pointer(), fault.detail())).toList();
    return new Refusal(reason, String.valueOf(getMessage()), moved, facts);
  }

  /** Returns all faults and their places, in one sentence. */
  public String sentence() {
    if (faults.isEmpty()) {
      return String.valueOf(getMessage());
    }
    return faults.stream()
        .map(fault ->
            fault.pointer().isEmpty() ? fault.detail() : fault.pointer() + ": " + fault.detail())
        .collect(Collectors.joining("; "));
  }
}
