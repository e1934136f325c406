package dev.manyhands.engine.worker.sandbox;

import dev.manyhands.engine.worker.sandbox.CallRule.Step;
import dev.manyhands.engine.worker.sandbox.CallRule.Verdict;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Applies the rules of the {@link GuardedCall}s to the calling thread, and to all that it starts,
 * for ever ({@code seccomp(2)}). The kernel runs the filter program before each call of these
 * threads. From Linux 5.11, the kernel remembers the calls that the program always allows, and they
 * cost nothing.
 *
 * <p>A kernel may accept calls by the numbers of a second architecture. The filter refuses all of
 * those calls, because there each number means another call.
 */
final class CallFilter {
  private static final int LOAD = 0x20;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_AT_LEAST = 0x35;
  private static final int RETURN = 0x06;

  /**
   * Offsets in the description of a call that a filter program sees ({@code struct seccomp_data}).
   */
  private static final int NUMBER = 0;

  private static final int ARCHITECTURE = 4;
  private static final int ARGUMENTS = 16;

  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int SET_MODE_FILTER = 1;

  /**
   * Leaves the processor's speculation unchanged, because the filter guards no secret in memory.
   */
  private static final int FLAG_SPEC_ALLOW = 1 << 2;

  /**
   * One instruction of the kernel's packet filter language.
   *
   * @param yes how many instructions to skip if the condition is met
   * @param no how many instructions to skip otherwise
   */
  record Instruction(int code, int yes, int no, int operand) {}

  private CallFilter() {}

  /** Returns the program for an architecture. */
  static List<Instruction> program(Architecture architecture) {
    var program = new ArrayList<Instruction>();
    program.add(load(ARCHITECTURE));
    program.add(new Instruction(IF_EQUAL, 1, 0, architecture.auditNumber));
    program.add(end(Verdict.NO_SUCH_CALL));
    program.add(load(NUMBER));
    // No call of arm64 has such a large number either.
    program.add(new Instruction(IF_AT_LEAST, 0, 1, Architecture.X32));
    program.add(end(Verdict.NO_SUCH_CALL));
    for (GuardedCall call : GuardedCall.values()) {
      List<Instruction> body = body(call.rule);
      program.add(new Instruction(IF_EQUAL, 0, body.size(), call.number(architecture)));
      program.addAll(body);
    }
    program.add(end(Verdict.ALLOWED));
    return List.copyOf(program);
  }

  private static List<Instruction> body(CallRule rule) {
    var body = new ArrayList<Instruction>();
    for (Step step : rule.steps()) {
      body.add(load(ARGUMENTS + step.half() * Integer.BYTES));
      body.add(
          new Instruction(IF_EQUAL, step.isEqual() ? 0 : 1, step.isEqual() ? 1 : 0, step.value()));
      body.add(end(step.verdict()));
    }
    body.add(end(rule.otherwise()));
    return body;
  }

  private static Instruction load(int offset) {
    return new Instruction(LOAD, 0, 0, offset);
  }

  private static Instruction end(Verdict verdict) {
    return new Instruction(RETURN, 0, 0, verdict.number);
  }

  /**
   * Puts the calling thread under the filter of this machine.
   *
   * @throws IOException if the system refuses; the thread's rights are then unchanged
   */
  static void enforce() throws IOException {
    var architecture = Architecture.here();
    if (architecture == null || !SystemCalls.areThere()) {
      throw new IOException("there is no filter for this system");
    }
    List<Instruction> program = program(architecture);
    try (var arena = Arena.ofConfined()) {
      var code = arena.allocate(8L * program.size(), 8);
      for (int i = 0; i < program.size(); i++) {
        Instruction instruction = program.get(i);
        code.set(ValueLayout.JAVA_SHORT, 8L * i, (short) instruction.code);
        code.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) instruction.yes);
        code.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) instruction.no);
        code.set(ValueLayout.JAVA_INT, 8L * i + 4, instruction.operand);
      }
      // The structure has the number of instructions, a gap, and their address.
      var whole = arena.allocateFrom(ValueLayout.JAVA_LONG, program.size(), code.address());
      check(SystemCalls.control(PR_SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)");
      int done =
          SystemCalls.call(
              architecture.seccomp, SET_MODE_FILTER, FLAG_SPEC_ALLOW, whole.address(), 0);
      check(done, "seccomp");
    }
  }

  private static void check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + " fails with error " + -result);
    }
  }
}
