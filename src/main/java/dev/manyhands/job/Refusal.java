package dev.manyhands.job;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
  private final transient Map<String, Object> facts;

  public Refusal(Reason reason, String detail, List<Fault> faults) {
    this(reason, detail, faults, Map.of());
  }

  private Refusal(Reason reason, String detail, List<Fault> faults, Map<String, Object> facts) {
    // Part of the ordinary course of things: a stack trace would cost more than the answer.
    super(excerpt(detail), null, false, false);
    this.reason = reason;
    this.faults = List.copyOf(faults);
    this.facts = Map.copyOf(facts);
  }

  /**
   * Returns a copy that also says what is left of the request.
   *
   * @param name of the fact, for programs
   * @param inWords for people; a part of a sentence
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

  /** Returns facts about the rest of the request, by name. */
  public Map<String, Object> facts() {
    return facts;
  }

  /** All that is wrong, and where, in one sentence. */
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
