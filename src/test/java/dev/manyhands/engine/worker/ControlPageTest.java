package dev.manyhands.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker's side is played by this test, which writes to the file as a worker may. */
class ControlPageTest {
  @TempDir private Path directory;
  private Path file;
  private ControlPage page;

  @BeforeEach
  void create() throws IOException {
    file = directory.resolve("control");
    page = ControlPage.create(file);
  }

  @AfterEach
  void close() {
    page.close();
  }

  @Test
  void aNewPageNamesNothing() throws IOException {
    assertThat(page.chunk()).isZero();
    assertThat(page.item()).isEqualTo(-1);
    assertThat(page.items(496)).containsOnly(-1);
    assertThat(Files.size(file)).isEqualTo(4096);
    assertThat(word(0)).isEqualTo(1);
  }

  @Test
  void eachSideReadsWhatTheOtherWrites() throws IOException {
    page.stopThrough(7);
    page.recallFrom(9);
    assertThat(word(1)).isEqualTo(1);
    assertThat(word(2)).isEqualTo(7);
    assertThat(word(3)).isEqualTo(9);
    page.clear();
    assertThat(word(1)).isZero();
    assertThat(word(3)).isZero();
    write(8, 12);
    write(9, 34);
    write(16, 35);
    write(17, 36);
    assertThat(page.chunk()).isEqualTo(12);
    assertThat(page.items(1)).containsExactly(34);
    assertThat(page.items(3)).containsExactly(35, 36, -1);
  }

  @Test
  void aWorkerCannotTakeBackWhatTheServiceAsked() throws IOException {
    page.recallFrom(9);
    write(2, Long.MAX_VALUE);
    write(3, 0);
    assertThat(page.isRecalled(8)).isFalse();
    assertThat(page.isRecalled(9)).isTrue();
  }

  @Test
  void aPageThatWasCutShortIsLostAndNoFault() throws IOException {
    cutTo(9 * 8 + 3);
    assertThat(page.chunk()).isZero();
    assertThatThrownBy(page::item).isInstanceOf(ControlPage.LostException.class);
    cutTo(0);
    assertThatThrownBy(page::chunk).isInstanceOf(ControlPage.LostException.class);
    assertThatThrownBy(page::item).isInstanceOf(ControlPage.LostException.class);
    assertThatThrownBy(() -> page.items(4)).isInstanceOf(ControlPage.LostException.class);
    page.stopThrough(7);
    page.recallFrom(9);
    page.clear();
  }

  @Test
  void whatAWorkerPutsInThePlaceOfThePageIsNotLookedAt() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "precious");
    Files.delete(file);
    Files.createSymbolicLink(file, victim);
    page.stopThrough(7);
    assertThat(page.chunk()).isZero();
    assertThat(victim).hasContent("precious");
  }

  @Test
  void aPageIsNotMadeWhereSomethingIsAlready() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "precious");
    Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
    assertThatThrownBy(() -> ControlPage.create(link))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(victim).hasContent("precious");
  }

  @Test
  void aWorkerForWhichTheServiceNamesItemsCannotNameOthers() throws IOException {
    page.running(3, 30);
    write(8, 99);
    write(9, 98);
    assertThat(page.chunk()).isEqualTo(3);
    assertThat(page.item()).isEqualTo(30);
  }

  /** The worker writes half of a word before the first read, and the rest before the second. */
  @Test
  void aTornWordIsReadAgain() throws IOException {
    long whole = 0x0000_0001_0000_0000L;
    long torn = 0x0000_0001_FFFF_FFFFL; // the high half of the new value, the low half of -1
    var reads = new AtomicInteger();
    var torned =
        new TestChannel(
            Files.createTempFile(directory, "torn", ""),
            () -> {
              write(9, reads.incrementAndGet() == 1 ? torn : whole);
            });
    file = torned.path;
    var read = new ControlPage(torned);
    assertThat(read.item()).isEqualTo(whole);
    assertThat(reads).hasValue(3);
  }

  @Test
  void aWordThatNeverRestsIsReadAFewTimesOnly() throws IOException {
    var reads = new AtomicInteger();
    var restless =
        new TestChannel(
            Files.createTempFile(directory, "restless", ""),
            () -> write(9, reads.incrementAndGet()));
    file = restless.path;
    long item = new ControlPage(restless).item();
    assertThat(item).isPositive();
    assertThat(reads.get()).isEqualTo((int) item).isLessThan(100);
  }

  @Test
  void aClosedPageIsLost() {
    page.close();
    assertThatThrownBy(page::item).isInstanceOf(ControlPage.LostException.class);
    assertThatThrownBy(() -> page.stopThrough(1)).isInstanceOf(ControlPage.LostException.class);
  }

  private void cutTo(long bytes) throws IOException {
    try (var worker = FileChannel.open(file, StandardOpenOption.WRITE)) {
      worker.truncate(bytes);
    }
  }

  private void write(int word, long value) throws IOException {
    try (var worker = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, value);
      worker.write(bytes, (long) word * Long.BYTES);
    }
  }

  private long word(int word) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file))
        .order(ByteOrder.nativeOrder())
        .getLong(word * Long.BYTES);
  }
}
