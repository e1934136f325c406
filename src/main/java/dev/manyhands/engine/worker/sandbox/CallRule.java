package dev.manyhands.engine.worker.sandbox;

import java.util.ArrayList;
import java.util.List;

/**
 * A rule that decides by the arguments of a call of the kernel. The first matching step decides.
 * Without one, the verdict is {@code otherwise}.
 *
 * <p>Process ids and small choices are compared by their lower half only, because the kernel reads
 * no other part of them.
 */
record CallRule(List<Step> steps, Verdict otherwise) {

  /** An answer of a filter, as {@code seccomp(2)} numbers it. */
  enum Verdict {
    ALLOWED(0x7fff_0000),
    /** The caller gets {@code EPERM}. */
    NOT_PERMITTED(0x0005_0000 | 1),
    /** The caller gets {@code ENOSYS}. */
    NO_SUCH_CALL(0x0005_0000 | 38);

    final int number;

    Verdict(int number) {
      this.number = number;
    }
  }

  /**
   * Compares one half of an argument.
   *
   * @param half twice the number of the argument, and one more for its upper half
   * @param isEqual true if an equal half matches the step, false if an unequal one does
   */
  record Step(int half, int value, boolean isEqual, Verdict verdict) {}

  CallRule {
    steps = List.copyOf(steps);
  }

  static CallRule refused() {
    return new CallRule(List.of(), Verdict.NOT_PERMITTED);
  }

  static CallRule allowed() {
    return new CallRule(List.of(), Verdict.ALLOWED);
  }

  /** Allows only 0 in this argument, which means the caller. */
  static CallRule onItself(int argument) {
    return allowed().unless(argument, 0);
  }

  /** Also refuses the call if this argument has this value. */
  CallRule except(int argument, int value) {
    return with(new Step(2 * argument, value, true, Verdict.NOT_PERMITTED));
  }

  /** Also refuses the call if this argument has another value. */
  private CallRule unless(int argument, int value) {
    return with(new Step(2 * argument, value, false, Verdict.NOT_PERMITTED));
  }

  /** Refuses the call only for another process <em>and</em> with an address in this argument. */
  static CallRule onItselfOrWithoutAddress(int pid, int address) {
    return new CallRule(
        List.of(
            new Step(2 * pid, 0, true, Verdict.ALLOWED),
            new Step(2 * address, 0, false, Verdict.NOT_PERMITTED),
            new Step(2 * address + 1, 0, false, Verdict.NOT_PERMITTED)),
        Verdict.ALLOWED);
  }

  private CallRule with(Step step) {
    var all = new ArrayList<>(steps);
    all.add(step);
    return new CallRule(all, otherwise);
  }
}
