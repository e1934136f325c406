package dev.manyhands.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResidentMemoryTest {
  @Test
  void theLineOfTheKernelIsRead() {
    assertThat(ResidentMemory.in("Name:\tjava\nVmHWM:\t 9 kB\nVmRSS:\t   1024 kB\nThreads:\t3\n"))
        .isEqualTo(1L << 20);
    assertThat(ResidentMemory.in("Name:\tVmRSS:\n")).isNull();
  }
}
