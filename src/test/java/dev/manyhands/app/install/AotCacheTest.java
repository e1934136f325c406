package dev.manyhands.app.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotCacheTest {
  @TempDir private Path directory;

  @Test
  void aCacheThatIsMappedIsUsed() throws IOException {
    Path cache = Files.writeString(directory.resolve("a cache.aot"), "x").toRealPath();
    Path link = Files.createSymbolicLink(directory.resolve("link"), cache);
    Path maps = directory.resolve("maps");
    Files.writeString(maps, "7f00-7f01 r--p 00001000 fe:00 18 /lib/libc.so\n");
    assertThat(AotCache.isMapped(cache, maps)).isFalse();
    Files.writeString(maps, "7f00-7f01 rw-p 00001000 fe:00 19       " + cache + "\n7f02-7f03 rw-p");
    assertThat(AotCache.isMapped(cache, maps)).isTrue();
    assertThat(AotCache.isMapped(link, maps)).isTrue();
    assertThat(AotCache.isMapped(link, directory.resolve("no maps"))).isTrue();
  }

  @Test
  void aTestHasNone() {
    assertThat(AotCache.ofThisProcess()).isEqualTo(new AotCache.NotNamed());
  }
}
