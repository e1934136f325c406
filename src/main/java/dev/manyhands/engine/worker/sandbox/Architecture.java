package dev.manyhands.engine.worker.sandbox;

import org.jspecify.annotations.Nullable;

/** Processors whose calls of the kernel a {@link CallFilter} knows by number. */
enum Architecture {
  X86_64(0xc000_003e, 317),
  ARM_64(0xc000_00b7, 277);

  /** Marks the numbers of a second set of calls, x32, which is reported as x86-64. */
  static final int X32 = 0x4000_0000;

  /** The kernel's name for the architecture, {@code AUDIT_ARCH_*}. */
  final int auditNumber;

  /** The number of {@code seccomp(2)}. */
  final int seccomp;

  Architecture(int auditNumber, int seccomp) {
    this.auditNumber = auditNumber;
    this.seccomp = seccomp;
  }

  /** Returns the architecture that this process runs on; null for any other. */
  static @Nullable Architecture here() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> X86_64;
      case "aarch64" -> ARM_64;
      default -> null;
    };
  }
}
