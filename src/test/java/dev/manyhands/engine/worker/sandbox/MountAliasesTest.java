package dev.manyhands.engine.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where else mounts show a directory. */
class MountAliasesTest {
  private static final String MOUNTS =
      """
      21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
      22 21 0:20 / /proc rw,relatime - proc proc rw
      23 21 254:1 /volumes/data /data rw - ext4 /dev/vdb rw
      24 21 254:1 / /mnt/all rw - ext4 /dev/vdb rw
      25 21 254:1 /volumes/data/scratch /mnt/part rw - ext4 /dev/vdb rw
      26 21 254:1 /volumes/database /mnt/other rw - ext4 /dev/vdb rw
      27 21 254:0 /srv/with\\040space /mnt/again rw - ext4 /dev/vda rw
      28 22 0:4 net:[4026531840] /run/netns/one rw - nsfs nsfs rw
      29 21 0:30 / /srv/disk rw - tmpfs tmpfs rw
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/data | /mnt/all/volumes/data /mnt/part",
        "/data/deep | /mnt/all/volumes/data/deep",
        "/data/scratch | /mnt/all/volumes/data/scratch /mnt/part",
        "/mnt/all/volumes/data | /data /mnt/part",
        "/srv/with space/data | /mnt/again/data",
        "/srv/with | ''",
        "/srv | /mnt/again",
        "/srv/disk/data | ''",
      })
  void aDirectoryIsSeenWhereItsFileSystemIsMounted(Path directory, String aliases) {
    assertThat(MountAliases.of(directory, MOUNTS))
        .map(Path::toString)
        .containsExactlyInAnyOrder(aliases.isEmpty() ? new String[0] : aliases.split(" "));
  }
}
