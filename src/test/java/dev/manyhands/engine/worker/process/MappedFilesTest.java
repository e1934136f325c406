package dev.manyhands.engine.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappedFilesTest {
  private static final String MAPS =
      """
      7f01-7f02 rw-s 00000000 fe:00 12   /tmp/hsperfdata_a b/1234
      7f03-7f04 r--p 00000000 fe:00 13   /tmp/sqlite-3.54.1-1b2c-libsqlitejdbc.so
      7f04-7f05 r-xp 00001000 fe:00 13   /tmp/sqlite-3.54.1-1b2c-libsqlitejdbc.so
      7f06-7f07 rw-s 00000000 fe:00 14   /tmp/hsperfdata_root/99 (deleted)
      7f08-7f09 r-xp 00000000 fe:00 15   /opt/java/lib/libjava.so
      7f0a-7f0b r-xp 00000000 fe:00 16   /app/native/libsqlitejdbc.so
      7f0c-7f0d rw-p 00000000 00:00 0    [heap]
      """;

  @Test
  void onlyFilesThatNobodyElseNeedsAreFound() {
    assertThat(MappedFiles.in(MAPS))
        .containsExactly(
            Path.of("/tmp/hsperfdata_a b/1234"),
            Path.of("/tmp/sqlite-3.54.1-1b2c-libsqlitejdbc.so"));
  }
}
