package dev.manyhands.engine.worker.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.model.JobId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrintedLinesTest {
  private static final JobId FIRST = new JobId(new UUID(0, 1));
  private static final JobId SECOND = new JobId(new UUID(0, 2));

  private final List<LogSink.Line> printed = new ArrayList<>();
  private final ChunkOwners owners = new ChunkOwners(FIRST);
  private final LastWords lastWords = new LastWords();
  private ControlPage page;
  private PrintedLines lines;
  private Markers markers;

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    page = ControlPage.create(directory.resolve("page"));
    lines = new PrintedLines(3, owners, page, lastWords, printed::add);
    markers = new Markers(lines);
  }

  @AfterEach
  void close() {
    page.close();
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    markers.read(bytes, bytes.length);
  }

  private static LogSink.Line line(JobId job, long item, String text) {
    return new LogSink.Line(job, 3, item, text);
  }

  @Test
  void aMarkerSaysWhoseTheTextIsAndIsNotShown() {
    owners.add(9, SECOND);
    page.running(9, 44);
    write("\u001e7 17\none\ntw\u001e\n\u001e7 17\no\n\u001e\n\u001e9 18\nthree\n\u001e\n");
    assertThat(printed)
        .containsExactly(line(FIRST, 17, "one"), line(FIRST, 17, "two"), line(SECOND, 18, "three"));
    assertThat(lastWords.text(9)).isEqualTo("three\n");
    assertThat(lastWords.text(7)).isNull();
  }

  @Test
  void lastWordsAreThoseOfTheChunkAndOfNoJobBefore() {
    write("loading\n");
    assertThat(lastWords.text(0)).isEqualTo("loading\n");
    page.running(4, 5);
    write("\u001e4 5\nsecret\n\u001e\nsecret of a library\n");
    assertThat(lastWords.text(4)).isEqualTo("secret\nsecret of a library\n");
    page.running(0, -1);
    write("secret of a child\n");
    owners.add(8, SECOND);
    lastWords.forget();
    assertThat(lastWords.text(0)).isNull();
    page.running(8, 0);
    assertThat(lastWords.text(8)).isNull();
    write("Aborted\n");
    assertThat(lastWords.text(8)).isEqualTo("Aborted\n");
  }

  @Test
  void unmarkedTextBelongsToWhatTheControlPageNames(@TempDir Path another) throws Exception {
    write("loading\n");
    page.running(4, 5);
    write("five\n\u001e4 6\nsix\n\u001e\nfive again\n");
    page.running(0, -1);
    owners.add(8, SECOND);
    write("between\n");
    page.close();
    write("a stray child\n");
    page = ControlPage.create(another.resolve("page"));
    assertThat(printed)
        .containsExactly(
            line(FIRST, -1, "loading"),
            line(FIRST, 5, "five"),
            line(FIRST, 6, "six"),
            line(FIRST, 5, "five again"),
            line(SECOND, -1, "between"),
            line(SECOND, -1, "a stray child"));
  }

  @Test
  void aLineThatAnotherItemInterruptsIsTwo() {
    write("\u001e7 1\nbegun\u001e\n\u001e7 2\nother\n\u001e\n\u001e7 1\nended\u001e\n");
    lines.endLine();
    assertThat(printed)
        .containsExactly(line(FIRST, 1, "begun"), line(FIRST, 2, "other"), line(FIRST, 1, "ended"));
  }

  @Test
  void aForgedMarkerNamesOneOfTheWorkersJobsAtWorst() {
    owners.add(9, SECOND);
    write("\u001e-5 17\na\n\u001e99999 -17\nb\n\u001e\n");
    assertThat(printed).containsExactly(line(FIRST, 17, "a"), line(SECOND, -1, "b"));
  }

  @Test
  void longLinesAreCutBetweenCharacters() {
    write("é".repeat(PrintedLines.LONGEST) + "x\r\n" + "a" + "€".repeat(6000) + "\n\n");
    var texts = printed.stream().map(LogSink.Line::text).toList();
    assertThat(String.join("", texts))
        .isEqualTo("é".repeat(PrintedLines.LONGEST) + "x" + "a" + "€".repeat(6000));
    assertThat(texts).hasSize(6).endsWith("");
    assertThat(texts)
        .allSatisfy(text ->
            assertThat(text.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(PrintedLines.LONGEST));
  }

  @Test
  void whatIsNotTextBecomesText() {
    byte[] bytes = new byte[3 * PrintedLines.LONGEST];
    Arrays.fill(bytes, (byte) 0x80);
    markers.read(bytes, bytes.length);
    markers.read(new byte[] {(byte) 0xC3, '\n', (byte) 0xFF, 0, '\n'}, 5);
    assertThat(printed).hasSizeBetween(4, 6);
    assertThat(printed.getLast().text()).isEqualTo("\uFFFD\0");
  }
}
