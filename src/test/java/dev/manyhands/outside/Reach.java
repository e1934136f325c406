package dev.manyhands.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * All ways by which one process can affect another one of its user, as a Python function. An item
 * specifies the way and the process ({@code "prlimit64 123"}). The value is {@code "done"} or the
 * name of the error ({@code "EPERM"}).
 */
final class Reach {
  static final String DONE = "done";

  private static final String SOURCE =
      """
      import ctypes, errno, mmap, os, platform, struct

      LIBC = ctypes.CDLL(None, use_errno=True)
      ON_ARM = platform.machine() == "aarch64"
      NUMBERS = {
          "setpriority": (141, 140), "ioprio_set": (251, 30), "prlimit64": (302, 261),
          "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
          "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "prctl": (157, 167),
          "migrate_pages": (256, 238), "move_pages": (279, 239), "kill": (62, 129),
          "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
          "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "ptrace": (101, 117),
          "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
          "process_madvise": (440, 440), "process_mrelease": (448, 448),
          "pidfd_getfd": (438, 438), "kcmp": (312, 272), "perf_event_open": (298, 241),
          "get_robust_list": (274, 100),
      }

      def call(name, *arguments):
          longs = [ctypes.c_long(argument) for argument in (NUMBERS[name][ON_ARM], *arguments)]
          if LIBC.syscall(*longs) == -1:
              raise OSError(ctypes.get_errno(), name)

      KEPT = []

      def at(form, *values):
          KEPT.append(ctypes.create_string_buffer(struct.pack(form, *values)))
          return ctypes.addressof(KEPT[-1])

      def limit(pid, which, most):
          call("prlimit64", pid, which, at("QQ", most, most), 0)

      def by_pidfd(name, *arguments):
          return lambda pid: call(name, os.pidfd_open(pid), *arguments)

      def one_place():
          return at("QQ", at("Q", 0), 8)

      def read_limit(pid):
          call("prlimit64", pid, 7, 0, at("QQ", 0, 0))

      def write(path):
          file = os.open(path, os.O_WRONLY)
          try:
              os.write(file, b"50000")
          finally:
              os.close(file)

      def second_architecture(pid):
          # setpriority(PRIO_PROCESS, pid, 5) by int 0x80, in a child: not each kernel has it.
          child = os.fork()
          if child == 0:
              page = mmap.mmap(-1, 4096, prot=7)
              page.write(bytes.fromhex("53 89f8 89f3 4189c8 89d1 4489c2 cd80 5b c3"))
              where = ctypes.addressof(ctypes.c_char.from_buffer(page))
              four = [ctypes.c_int] * 4
              answer = ctypes.CFUNCTYPE(ctypes.c_int, *four)(where)(97, 0, pid, 5)
              os._exit(max(0, -answer))
          code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
          if code:
              raise OSError(code if code > 0 else errno.ENOSYS, "int 0x80")

      def signal_by_file(pid):
          import fcntl
          reader, writer = os.pipe()
          fcntl.fcntl(reader, fcntl.F_SETOWN, pid)
          fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC)
          os.write(writer, b"x")

      INFO = at("iii116x", 0, 0, -1)
      WAYS = {
          "limit-queue": lambda pid: limit(pid, 12, 4096),
          "limit-core": lambda pid: limit(pid, 4, 1 << 20),
          "limit-cpu": lambda pid: limit(pid, 0, 1),
          "nice": lambda pid: call("setpriority", 0, pid, 5),
          "nice-group": lambda pid: call("setpriority", 1, os.getpgid(pid), 5),
          "nice-user": lambda pid: call("setpriority", 2, 0, 5),
          "nice-user-by-number": lambda pid: call("setpriority", 2, os.getuid(), 5),
          "io": lambda pid: call("ioprio_set", 1, pid, 3 << 13),
          "io-group": lambda pid: call("ioprio_set", 2, os.getpgid(pid), 3 << 13),
          "io-user": lambda pid: call("ioprio_set", 3, os.getuid(), 3 << 13),
          "scheduler": lambda pid: call("sched_setscheduler", pid, 3, at("i", 0)),
          "parameter": lambda pid: call("sched_setparam", pid, at("i", 0)),
          "attributes": lambda pid: call(
              "sched_setattr", pid, at("IIQiIQQQ", 48, 3, 0, 5, 0, 0, 0, 0), 0),
          "affinity": lambda pid: call("sched_setaffinity", pid, 8, at("Q", 1)),
          "core": lambda pid: call("prctl", 62, 2, pid, 0, 0),
          "migrate": lambda pid: call("migrate_pages", pid, 1, at("Q", 1), at("Q", 1)),
          "move": lambda pid: call("move_pages", pid, 0, 0, 0, 0, 0),
          "kill": lambda pid: call("kill", pid, 0),
          "kill-group": lambda pid: call("kill", -os.getpgid(pid), 0),
          "kill-all": lambda pid: call("kill", -1, 0),
          "tkill": lambda pid: call("tkill", pid, 0),
          "tgkill": lambda pid: call("tgkill", pid, pid, 0),
          "queue": lambda pid: call("rt_sigqueueinfo", pid, 0, INFO),
          "queue-thread": lambda pid: call("rt_tgsigqueueinfo", pid, pid, 0, INFO),
          "signal-pidfd": by_pidfd("pidfd_send_signal", 0, 0, 0),
          "attach": lambda pid: call("ptrace", 16, pid, 0, 0),
          "seize": lambda pid: call("ptrace", 0x4206, pid, 0, 0),
          "read-memory": lambda pid: call("process_vm_readv", pid, one_place(), 1, one_place(), 1, 0),
          "write-memory": lambda pid: call("process_vm_writev", pid, one_place(), 1, one_place(), 1, 0),
          "advise": by_pidfd("process_madvise", one_place(), 1, 20, 0),
          "release": by_pidfd("process_mrelease", 0),
          "descriptor": by_pidfd("pidfd_getfd", 0, 0),
          "compare": lambda pid: call("kcmp", pid, os.getpid(), 1, 0, 0),
          "perf": lambda pid: call("perf_event_open", at("IIQ104x", 1, 120, 1), pid, -1, -1, 0),
          "futexes": lambda pid: call("get_robust_list", pid, at("Q", 0), at("Q", 0)),
          "second-architecture": second_architecture,
          "signal-by-file": signal_by_file,
          "read-limit": read_limit,
          "write": write,
      }

      def reach(item):
          way, target = item.split(" ")
          try:
              WAYS[way](target if way == "write" else int(target))
              return "done"
          except OSError as refused:
              return errno.errorcode[refused.errno]
      """;

  /** Those that are refused in every sandbox but {@code none}. */
  private static final List<String> REFUSED =
      List.of(
          "limit-queue",
          "limit-core",
          "nice",
          "nice-group",
          "nice-user",
          "nice-user-by-number",
          "io",
          "io-group",
          "io-user",
          "scheduler",
          "parameter",
          "attributes",
          "affinity",
          "core",
          "migrate",
          "move",
          "kill",
          "kill-group",
          "kill-all",
          "tkill",
          "tgkill",
          "queue",
          "queue-thread",
          "signal-pidfd",
          "attach",
          "seize",
          "read-memory",
          "write-memory",
          "advise",
          "release",
          "descriptor",
          "compare",
          "perf",
          "futexes",
          // Last, because it ends a process that it reaches.
          "limit-cpu");

  private Reach() {}

  /** The function's member of a job. */
  static String function() {
    return "{\"runtime\": \"python\", \"code\": %s, \"entry\": \"reach\"}"
        .formatted(Service.quote(SOURCE));
  }

  /** Items that must be refused, for a process of the machine of the test. */
  static List<String> itemsFor(long pid) {
    var items = new ArrayList<String>();
    if (System.getProperty("os.arch").equals("amd64")) {
      items.add("second-architecture " + pid);
    }
    REFUSED.forEach(way -> items.add(way + " " + pid));
    return items;
  }

  /** Items that write to the process's own files. */
  static List<String> filesOf(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    return Stream.of(process, process.resolve("task/" + pid))
        .flatMap(directory -> writable(directory).stream())
        .map(file -> "write " + file)
        .toList();
  }

  /** By their modes alone. */
  private static List<Path> writable(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Reach::isWritable).sorted().toList();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  private static boolean isWritable(Path file) {
    try {
      return Files.isRegularFile(file)
          && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_WRITE);
    } catch (IOException gone) {
      return false;
    }
  }
}
