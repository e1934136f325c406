package dev.manyhands.function;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.manyhands.model.Bundle.Kind;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.Refusal.Reason;
import dev.manyhands.support.DirectoryTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unpacking of zips: accepted entries and refused ones. */
class UnpackingTest {
  private static final int LIST_ENTRY = 0x02014b50;
  private static final BundleLimits LIMITS = new BundleLimits(64 << 20, 24 << 20, 100);

  @TempDir private Path directory;

  // ---- what is fine

  @Test
  void filesAndDirectoriesComeOut() throws IOException {
    assertThat(unpack(zip("a.py", "1", "p/", "", "p/q/b.txt", "two", "./c", "3"))).isEqualTo(3);
    assertThat(out().resolve("p/q/b.txt")).hasContent("two");
    assertThat(out().resolve("c")).hasContent("3");
  }

  @Test
  void aDirectoryMayBeNamedAfterItsFiles() throws IOException {
    assertThat(unpack(zip("p/a", "1", "p/", "", "p/b", "2"))).isEqualTo(2);
  }

  @Test
  void aLargeFileOfOrdinaryDataComesOut() throws IOException {
    var text = new StringBuilder();
    var random = new Random(1);
    while (text.length() < 17 << 20) {
      text.append(random.nextInt(1000)).append(',');
    }
    assertThat(unpack(zip("table.csv", text.toString()))).isEqualTo(1);
  }

  @Test
  void whatIsStoredForWorkersIsReadOnlyAndGoesAgain() throws IOException {
    Path file = Files.write(directory.resolve("file"), zip("p/run", "x"));
    var cache = new BundleCache(directory.resolve("cache"), new NoBundles(), LIMITS);
    Path staged;
    try (var bundle = cache.stage(file, Kind.ZIP, "p.zip")) {
      staged = bundle.directory();
      assertThat(Files.getPosixFilePermissions(staged.resolve("p/run")).toString())
          .doesNotContain("WRITE")
          .contains("OWNER_EXECUTE", "OTHERS_EXECUTE");
      assertThat(Files.getPosixFilePermissions(staged.resolve("p")).toString())
          .doesNotContain("WRITE");
    }
    assertThat(staged).doesNotExist();
  }

  @Test
  void nothingOfARefusedZipRemains() throws IOException {
    Path file = Files.write(directory.resolve("file"), zip("a", "1", "../b", "2"));
    Path place = directory.resolve("cache");
    var cache = new BundleCache(place, new NoBundles(), LIMITS);
    catchThrowableOfType(Refusal.class, () -> cache.stage(file, Kind.ZIP, "p.zip"));
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void whatAnEarlierServiceLeftIsRemovedAtTheStart() throws IOException {
    Path place = Files.createDirectory(directory.resolve("cache"));
    Path left = Files.createDirectories(place.resolve("new-1/p"));
    Files.writeString(left.resolve("a"), "1");
    assertThat(left.toFile().setWritable(false, false)).isTrue();
    Files.writeString(place.resolve("upload-1"), "half");
    assertThat(new BundleCache(place, new NoBundles(), LIMITS).limits()).isEqualTo(LIMITS);
    assertThat(place).isEmptyDirectory();
  }

  // ---- names

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "a/..",
        "/etc/evil",
        "//evil",
        "\\evil",
        "a\\..\\evil",
        "C:/evil",
        "c:evil",
        "a\nb",
        "a\u0007b"
      })
  void noNameLeadsOutOfTheDirectory(String name) throws IOException {
    assertThat(refusal(zip("first", "1", name, "2"))).contains("name in it");
    assertThat(directory.resolve("evil")).doesNotExist();
    assertThat(directory.getParent().resolve("evil")).doesNotExist();
  }

  @Test
  void aNameWithNulIsRefused() throws IOException {
    assertThat(refusal(renamed(zip("a.txtXpy", "1"), "a.txtXpy", "a.txt\0py")))
        .contains("no file should have, 'a.txt?py'");
  }

  @Test
  void longNamesAreRefused() throws IOException {
    assertThat(refusal(zip("x".repeat(256), "1"))).contains("no file should have");
    assertThat(refusal(zip("é".repeat(128), "1"))).contains("no file should have");
    assertThat(refusal(zip("x/".repeat(501), ""))).contains("no file should have");
  }

  @Test
  void aFileIsThereOnce() throws IOException {
    assertThat(refusal(renamed(zip("a.py", "1", "b.py", "2"), "b.py", "a.py"))).contains("twice");
    assertThat(refusal(zip("a.py", "1", "./a.py", "2"))).contains("twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A.py", "a.py/b", "x/../a.py", "A.PY/"})
  void noTwoNamesAreOneWhereCaseDoesNotCount(String name) throws IOException {
    assertThat(refusal(zip("a.py", "1", name, ""))).isNotEmpty();
  }

  @Test
  void directoriesAndAccentsCountAsWell() throws IOException {
    assertThat(refusal(zip("Pack/a", "1", "pack/b", "2"))).contains("where case does not count");
    assertThat(refusal(zip("\u00e9", "1", "e\u0301", "2"))).contains("where case does not count");
  }

  // ---- what is no plain file

  @Test
  void linksAndDevicesAreRefused() throws IOException {
    assertThat(refusal(withMode(zip("link", "/etc/passwd"), 0120777))).contains("symbolic link");
    assertThat(refusal(withMode(zip("fifo", ""), 0010644))).contains("is no file");
    assertThat(unpack(withMode(zip("plain", "1"), 0100644))).isEqualTo(1);
  }

  @Test
  void encryptedZipsAreRefused() throws IOException {
    byte[] zip = zip("a", "1");
    zip[list(zip) + 8] |= 1;
    assertThat(refusal(zip)).contains("encrypted");
  }

  // ---- damage

  @Test
  void noPrefixOfAZipPassesForOne() throws IOException {
    byte[] zip = zip("a.py", "print(1)", "b.py", "print(2)");
    for (int length = 0; length < zip.length; length++) {
      assertThat(refusal(Arrays.copyOf(zip, length))).isNotEmpty();
    }
  }

  @Test
  void whatIsNoZipSaysSo() throws IOException {
    assertThat(refusal("def f(x): return x".getBytes(UTF_8))).contains("is not a zip");
    assertThat(refusal(zip())).contains("without a file");
  }

  /** A wrong byte is either refused or harmless, and never causes an error of another kind. */
  @Test
  void aWrongByteIsNoFaultOfTheService() throws IOException {
    byte[] zip = zip("a.py", "print('one')", "p/b.py", "print('two')");
    for (int at = 0; at < zip.length; at++) {
      for (int bit : new int[] {1, 0x80}) {
        byte[] damaged = zip.clone();
        damaged[at] ^= (byte) bit;
        try {
          unpack(damaged);
        } catch (Refusal expected) {
          assertThat(expected.faults().getFirst().pointer()).isEqualTo("file");
        }
      }
    }
  }

  @Test
  void changedContentIsFoundByItsSum() throws IOException {
    byte[] zip = stored("a.py", "print(1)");
    assertThat(refusal(renamed(zip, "print(1)", "print(2)"))).contains("not what was packed");
  }

  // ---- bombs

  @Test
  void aBombIsStoppedByItsRatioWhateverItSays() throws IOException {
    byte[] bomb = zip("zeros", "\0".repeat(20 << 20));
    ByteBuffer.wrap(bomb).order(ByteOrder.LITTLE_ENDIAN).putInt(list(bomb) + 24, 10);
    var refusal = catchThrowableOfType(Refusal.class, () -> unpack(bomb));
    assertThat(refusal).isNotNull();
    byte[] honest = zip("zeros", "\0".repeat(20 << 20));
    assertThat(tooLarge(honest)).contains("100 times");
    try (Stream<Path> files = Files.walk(out())) {
      assertThat(files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum())
          .isLessThan(18 << 20);
    }
  }

  @Test
  void allThatComesOutIsCounted() throws IOException {
    var noise = new byte[9 << 20];
    new Random(1).nextBytes(noise);
    String one = new String(noise, ISO_8859_1);
    assertThat(tooLarge(zip("a", one, "b", one, "c", one))).contains("bundle-unpacked");
  }

  @Test
  void entriesAreCountedBeforeTheyAreTaken() throws IOException {
    var many = new String[2 * 101];
    for (int i = 0; i < 101; i++) {
      many[2 * i] = "f" + i + "/";
      many[2 * i + 1] = "";
    }
    assertThat(tooLarge(zip(many))).contains("100 entries");
    assertThat(out()).isEmptyDirectory();
  }

  // ---- zips

  private int unpack(byte[] zip) throws IOException {
    DirectoryTree.delete(out());
    Files.createDirectory(out());
    return new Unpacking(Files.write(directory.resolve("zip"), zip), out(), LIMITS).run();
  }

  private Path out() {
    return directory.resolve("out");
  }

  private String refusal(byte[] zip) {
    return refusal(zip, Reason.INVALID);
  }

  private String tooLarge(byte[] zip) {
    return refusal(zip, Reason.TOO_LARGE);
  }

  private String refusal(byte[] zip, Reason reason) {
    var refusal = catchThrowableOfType(Refusal.class, () -> unpack(zip));
    assertThat(refusal).as("it was unpacked").isNotNull();
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.faults().getFirst().pointer()).isEqualTo("file");
    return refusal.faults().getFirst().detail();
  }

  private static byte[] zip(String... namesAndContents) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndContents[i]));
        zip.write(namesAndContents[i + 1].getBytes(ISO_8859_1));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] stored(String name, String content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.setLevel(0);
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content.getBytes(ISO_8859_1));
    }
    return bytes.toByteArray();
  }

  private static byte[] renamed(byte[] zip, String from, String to) {
    return new String(zip, ISO_8859_1).replace(from, to).getBytes(ISO_8859_1);
  }

  private static byte[] withMode(byte[] zip, int mode) {
    ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(list(zip) + 38, mode << 16);
    return zip;
  }

  /** Where the list at the end begins. */
  private static int list(byte[] zip) {
    var bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.getInt(at) != LIST_ENTRY) {
      at++;
    }
    return at;
  }
}
