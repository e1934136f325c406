package dev.manyhands.engine.worker.sandbox;

/**
 * Calls of the kernel by which a process could change, or look into, another process of its user.
 * Workers may make them for themselves only, or not at all.
 *
 * <p>Signals and {@code ptrace(2)} are missing here, because {@link Landlock} refuses them by
 * process, whereas a filter sees only a number. {@code pidfd_open(2)} is missing, because Python's
 * asyncio uses it to wait for subprocesses. Each use of a pidfd is guarded by itself. Names for
 * shared memory and message queues are like files: the service uses none.
 * docs/explanation/reliability.md has the whole list.
 */
enum GuardedCall {
  /** A limit on processor time can end a process, and a limit on open files can stop its work. */
  PRLIMIT64(302, 261, CallRule.onItselfOrWithoutAddress(0, 2)),
  /** {@code PRIO_USER}, which is 2, with 0 means all processes of the caller's user. */
  SETPRIORITY(141, 140, CallRule.onItself(1).except(0, 2)),
  /** {@code IOPRIO_WHO_USER}, which is 3, with 0 means all processes of the caller's user. */
  IOPRIO_SET(251, 30, CallRule.onItself(1).except(0, 3)),
  SCHED_SETPARAM(142, 118, CallRule.onItself(0)),
  SCHED_SETSCHEDULER(144, 119, CallRule.onItself(0)),
  SCHED_SETAFFINITY(203, 122, CallRule.onItself(0)),
  SCHED_SETATTR(314, 274, CallRule.onItself(0)),
  /**
   * {@code PR_SCHED_CORE}, which is 62, decides which threads of any process may share a processor
   * core.
   */
  PRCTL(157, 167, CallRule.allowed().except(0, 62)),
  MIGRATE_PAGES(256, 238, CallRule.onItself(0)),
  MOVE_PAGES(279, 239, CallRule.onItself(0)),
  /**
   * The argument -1 sends a signal to all processes of the user. Landlock refuses signals only from
   * Linux 6.12.
   */
  KILL(62, 129, CallRule.allowed().except(0, -1)),
  PROCESS_VM_READV(310, 270, CallRule.refused()),
  PROCESS_VM_WRITEV(311, 271, CallRule.refused()),
  PROCESS_MADVISE(440, 440, CallRule.refused()),
  PROCESS_MRELEASE(448, 448, CallRule.refused()),
  PIDFD_GETFD(438, 438, CallRule.refused()),
  KCMP(312, 272, CallRule.refused()),
  PERF_EVENT_OPEN(298, 241, CallRule.refused());

  private final int onX86;
  private final int onArm;

  /** Immutable, but its list does not have the annotation for it. */
  @SuppressWarnings("ImmutableEnumChecker")
  final CallRule rule;

  GuardedCall(int onX86, int onArm, CallRule rule) {
    this.onX86 = onX86;
    this.onArm = onArm;
    this.rule = rule;
  }

  int number(Architecture architecture) {
    return switch (architecture) {
      case X86_64 -> onX86;
      case ARM_64 -> onArm;
    };
  }
}
