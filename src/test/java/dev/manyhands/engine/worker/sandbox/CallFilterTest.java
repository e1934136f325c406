package dev.manyhands.engine.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.manyhands.engine.worker.sandbox.CallFilter.Instruction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter's program, played to an interpreter as the kernel would play it. */
class CallFilterTest {
  private static final long X86_64 = 0xc000003eL;
  private static final long ARM_64 = 0xc00000b7L;
  private static final long I386 = 0x40000003L;
  private static final long ARM_32 = 0x40000028L;

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int ALLOWED = 0;

  /** The error that a call gets; 0 for none. */
  private static int answer(Architecture filter, long architecture, long number, long... given) {
    long[] arguments = new long[6];
    System.arraycopy(given, 0, arguments, 0, given.length);
    List<Instruction> program = CallFilter.program(filter);
    int loaded = 0;
    for (int at = 0; ; at++) {
      Instruction next = program.get(at);
      switch (next.code()) {
        case 0x20 -> loaded = word(next.operand(), architecture, number, arguments);
        case 0x15 -> at += loaded == next.operand() ? next.yes() : next.no();
        case 0x35 ->
            at += Integer.compareUnsigned(loaded, next.operand()) >= 0 ? next.yes() : next.no();
        case 0x06 -> {
          return error(next.operand());
        }
        default -> throw new AssertionError("no such instruction: " + next);
      }
    }
  }

  /**
   * Returns a word of {@code struct seccomp_data}, on a processor that stores the lower half first.
   */
  private static int word(int offset, long architecture, long number, long[] arguments) {
    return switch (offset) {
      case 0 -> (int) number;
      case 4 -> (int) architecture;
      default -> {
        assertThat(offset).isBetween(16, 60);
        long argument = arguments[(offset - 16) / 8];
        yield (int) (offset % 8 == 0 ? argument : argument >>> 32);
      }
    };
  }

  private static int error(int verdict) {
    if (verdict == 0x7fff0000) {
      return ALLOWED;
    }
    assertThat(verdict >>> 16).as("an error for the caller").isEqualTo(5);
    assertThat(verdict & 0xffff).isNotZero();
    return verdict & 0xffff;
  }

  /** Each call by its numbers on x86-64 and arm64, its arguments, and the error it gets. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      textBlock =
          """
          prlimit64 of another, new limits        | 302 | 261 | 77, 0, 0x7fff12345678, 0            | 1
          prlimit64, an address of round numbers  | 302 | 261 | 77, 0, 0x100000000, 0               | 1
          prlimit64 of another, to read           | 302 | 261 | 77, 0, 0, 0x7fff12345678            | 0
          prlimit64 of itself                     | 302 | 261 | 0, 7, 0x7fff12345678, 0             | 0
          prlimit64, upper half ignored           | 302 | 261 | 0x100000000, 7, 0x7fff12345678, 0   | 0
          prlimit64 of a negative process         | 302 | 261 | -5, 7, 0x7fff12345678, 0            | 1
          setpriority of another                  | 141 | 140 | 0, 77, 19                           | 1
          setpriority of another's group          | 141 | 140 | 1, 77, 19                           | 1
          setpriority of the user                 | 141 | 140 | 2, 0, 19                            | 1
          setpriority of the user, by number      | 141 | 140 | 2, 65534, 19                        | 1
          setpriority of itself                   | 141 | 140 | 0, 0, 19                            | 0
          setpriority of its group                | 141 | 140 | 1, 0, 19                            | 0
          ioprio_set of another                   | 251 | 30  | 1, 77, 0                            | 1
          ioprio_set of another's group           | 251 | 30  | 2, 77, 0                            | 1
          ioprio_set of the user                  | 251 | 30  | 3, 0, 0                             | 1
          ioprio_set of itself                    | 251 | 30  | 1, 0, 0                             | 0
          ioprio_set of its group                 | 251 | 30  | 2, 0, 0                             | 0
          sched_setparam of another               | 142 | 118 | 77, 0x1000                          | 1
          sched_setparam of itself                | 142 | 118 | 0, 0x1000                           | 0
          sched_setscheduler of another           | 144 | 119 | 77, 5, 0x1000                       | 1
          sched_setscheduler of itself            | 144 | 119 | 0, 5, 0x1000                        | 0
          sched_setaffinity of another            | 203 | 122 | 77, 8, 0x1000                       | 1
          sched_setaffinity of itself             | 203 | 122 | 0, 8, 0x1000                        | 0
          sched_setattr of another                | 314 | 274 | 77, 0x1000, 0                       | 1
          sched_setattr of itself                 | 314 | 274 | 0, 0x1000, 0                        | 0
          prctl, core scheduling                  | 157 | 167 | 62, 2, 77, 0, 0                     | 1
          prctl, name of the thread               | 157 | 167 | 15, 0x1000                          | 0
          migrate_pages of another                | 256 | 238 | 77, 1, 0x1000, 0x1000               | 1
          migrate_pages of itself                 | 256 | 238 | 0, 1, 0x1000, 0x1000                | 0
          move_pages of another                   | 279 | 239 | 77, 0                               | 1
          move_pages of itself                    | 279 | 239 | 0, 0                                | 0
          kill all                                | 62  | 129 | -1, 9                               | 1
          kill all, as a whole number             | 62  | 129 | 0xffffffff, 9                       | 1
          kill its group                          | 62  | 129 | 0, 9                                | 0
          kill a process, which Landlock guards   | 62  | 129 | 77, 9                               | 0
          process_vm_readv                        | 310 | 270 | 77                                  | 1
          process_vm_writev                       | 311 | 271 | 77                                  | 1
          process_madvise                         | 440 | 440 | 3                                   | 1
          process_mrelease                        | 448 | 448 | 3                                   | 1
          pidfd_getfd                             | 438 | 438 | 3, 0                                | 1
          kcmp                                    | 312 | 272 | 77, 77, 1                           | 1
          perf_event_open                         | 298 | 241 | 0x1000, 77                          | 1
          pidfd_open, for asyncio                 | 434 | 434 | 77, 0                               | 0
          getpriority                             | 140 | 141 | 0, 77                               | 0
          read                                    | 0   | 63  | 0, 0x1000, 1                        | 0
          execve                                  | 59  | 221 | 0x1000                              | 0
          a call of the future                    | 999 | 999 | 77                                  | 0
          """)
  void eachCallHasItsAnswer(String what, long onX86, long onArm, String arguments, int error) {
    long[] given = List.of(arguments.split(", ")).stream().mapToLong(Long::decode).toArray();
    assertThat(answer(Architecture.X86_64, X86_64, onX86, given)).as(what).isEqualTo(error);
    assertThat(answer(Architecture.ARM_64, ARM_64, onArm, given)).as(what).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 20, 62, 97, 302, 340, 0x4000_0000L + 302})
  void callsOfASecondArchitectureAreRefusedOneAndAll(long number) {
    assertThat(answer(Architecture.X86_64, I386, number)).isEqualTo(ENOSYS);
    assertThat(answer(Architecture.X86_64, ARM_64, number)).isEqualTo(ENOSYS);
    assertThat(answer(Architecture.ARM_64, ARM_32, number)).isEqualTo(ENOSYS);
    assertThat(answer(Architecture.ARM_64, X86_64, number)).isEqualTo(ENOSYS);
    assertThat(answer(Architecture.X86_64, X86_64, 0x4000_0000L | number)).isEqualTo(ENOSYS);
  }

  @Test
  void theKernelTakesItAndRefusesByIt() throws Exception {
    assumeTrue(SystemCalls.areThere(), "this is no Linux");
    assertThat(FilterTrial.fault()).isNull();
    var architecture = Architecture.here();
    int setpriority = GuardedCall.SETPRIORITY.number(architecture);
    int self = (int) ProcessHandle.current().pid();
    var ofOther = new CompletableFuture<Integer>();
    var ofItself = new CompletableFuture<Integer>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            CallFilter.enforce();
            ofOther.complete(SystemCalls.call(setpriority, 0, self, 0, 0));
            ofItself.complete(SystemCalls.call(setpriority, 0, 0, 0, 0));
          } catch (Exception e) {
            ofOther.completeExceptionally(e);
          }
        });
    assertThat(ofOther.get()).isEqualTo(-EPERM);
    assertThat(ofItself.get()).isZero();
    // This thread has given up nothing.
    assertThat(SystemCalls.call(setpriority, 0, self, 0, 0)).isZero();
  }
}
