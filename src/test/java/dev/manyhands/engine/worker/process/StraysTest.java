package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StraysTest {
  @TempDir private Path data;

  private static Process started(Path directory, String... command) throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc");
    return new ProcessBuilder(command).directory(directory.toFile()).start();
  }

  @Test
  void aProcessInTheDirectoryIsEnded() throws Exception {
    Path own = Files.createDirectories(data.resolve("scratch/worker-1"));
    Process process = started(own, "sleep", "60");
    try {
      assertThat(Strays.end(own)).isPositive();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aLinkInThePlaceOfTheDirectoryEndsNobodyElsewhere() throws Exception {
    Path elsewhere = Files.createDirectory(data.resolve("elsewhere"));
    Path own = Files.createDirectories(data.resolve("scratch")).resolve("worker-1");
    Files.createSymbolicLink(own, elsewhere);
    Process process = started(elsewhere, "sleep", "60");
    try {
      assertThat(Strays.end(own)).isZero();
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** A process may point the kernel to any memory of its own as its environment. */
  @Test
  void anEnvironmentOfGigabytesIsNotReadWhole() throws Exception {
    String claim =
        """
        import ctypes, mmap, sys
        BYTES = 4 << 30
        memory = mmap.mmap(-1, BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        prctl = ctypes.CDLL(None).prctl
        prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
        failed = prctl(35, 10, start, 0, 0) or prctl(35, 11, start + BYTES, 0, 0)
        print("refused" if failed else "done", flush=True)
        sys.stdin.read()
        """;
    Process process = started(data, "python3", "-c", claim);
    try {
      String outcome = process.inputReader().readLine();
      assumeTrue("done".equals(outcome), "this kernel does not let processes claim that");
      assertThat(Strays.end(data.resolve("scratch/worker-1"))).isZero();
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }
}
