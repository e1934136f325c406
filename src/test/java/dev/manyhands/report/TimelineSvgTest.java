package dev.manyhands.report;

import static dev.manyhands.report.Reports.bar;
import static dev.manyhands.report.Reports.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.model.JobState;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * The picture, read back by a strict XML parser. The pictures are in target/timeline to look at.
 */
class TimelineSvgTest {

  @Test
  void eachChunkIsABarInTheRowOfItsWorker() throws Exception {
    var svg =
        draw(
            "two-workers",
            timeline(
                "squares",
                JobState.FAILED,
                2,
                List.of(
                    bar(1, 0, 0.5, 0, 0, 1),
                    bar(2, 0, 0.8, 10, 3, 1),
                    bar(1, 0.5, 1.2, 20, 0, 2),
                    bar(2, 0.8, 2, 30, 1, 2))));

    List<Element> bars = bars(svg);
    assertThat(bars)
        .extracting(bar -> bar.getAttribute("class"))
        .containsExactly("bar good", "bar again", "bar failed", "bar failed again");
    assertThat(bars.get(0).getAttribute("y")).isEqualTo(bars.get(1).getAttribute("y"));
    assertThat(bars.get(1).getAttribute("y")).isNotEqualTo(bars.get(2).getAttribute("y"));
    assertThat(width(bars.get(3))).isCloseTo(width(bars.get(2)) * 1.5, within(0.1));
    assertThat(bars.get(2).getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo(
            """
            items 10 to 19, 10 items
            worker 2, pid 4002
            from 0 µs on, for 800 ms
            run 400 ms, read 1 ms, write 2 ms
            3 items failed\
            """);
    assertThat(texts(svg, "row")).containsExactly("worker 1", "worker 2");
    assertThat(texts(svg, "title")).containsExactly("squares · square · FAILED");
    assertThat(texts(svg, "tick")).startsWith("0 s", "0.2 s").endsWith("2 s");
    assertThat(texts(svg, "key")).hasSize(4);
    assertThat(texts(svg, "summary").getFirst())
        .contains("40 items in 4 chunks on 2 workers, 2 s", "4 failed");
  }

  /**
   * Each look in the legend and in the bars is distinguished by a mark as well as by colour and
   * pattern.
   */
  @Test
  void whatFailedAndWhatWasTriedBeforeHasMarksOfItsOwn() throws Exception {
    var svg =
        draw(
            "marks",
            timeline(
                "",
                JobState.RUNNING,
                100,
                List.of(bar(1, 0, 0.001, 0, 1, 1), bar(1, 50, 50.001, 10, 0, 2))));
    assertThat(byClass(svg, "mark-failed")).hasSize(1 + 2);
    assertThat(byClass(svg, "mark-again")).hasSize(1 + 2);
    assertThat(bars(svg)).allMatch(bar -> width(bar) >= 1);
    assertThat(svg.getElementsByTagName("pattern").getLength()).isEqualTo(3);
    assertThat(texts(svg, "summary").getFirst()).contains("so far");
  }

  @Test
  void whatUsersWriteStaysText() throws Exception {
    String name = "</title><script>alert('x')</script> & \"ü\" \ud83e\udd2f \ud83e \0\u0001 ]]>";
    var svg = draw("escaped", timeline(name, JobState.SUCCEEDED, 1, List.of(bar(1, 0, 1, 0, 10))));

    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
    String shown =
        "</title><script>alert('x')</script> & \"ü\" \ud83e\udd2f \ufffd \ufffd\ufffd ]]>";
    assertThat(texts(svg, "title")).containsExactly(shown + " · square · SUCCEEDED");
  }

  @Test
  void aLongNameIsCutInThePictureAndWholeInItsTitle() throws Exception {
    String name = "\ud83e\udd2f".repeat(200);
    var svg =
        draw("long-name", timeline(name, JobState.SUCCEEDED, 1, List.of(bar(1, 0, 1, 0, 10))));

    assertThat(texts(svg, "title").getFirst()).startsWith("\ud83e\udd2f".repeat(69) + "… · square");
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).startsWith(name);
  }

  @Test
  void aJobThatHasNotBegunIsAPictureToo() throws Exception {
    var svg = draw("empty", timeline("later", JobState.QUEUED, 0, List.of()));

    assertThat(bars(svg)).isEmpty();
    assertThat(texts(svg, "row")).containsExactly("No chunk has been reported yet");
  }

  @Test
  void manyWorkersInTurnShareLanes() throws Exception {
    var bars = IntStream.range(0, 500).mapToObj(i -> bar(i, i / 4, i / 4 + 0.9, i, 1)).toList();
    var svg = draw("many-workers", timeline("replaced", JobState.SUCCEEDED, 125, bars));

    assertThat(bars(svg)).hasSize(500);
    assertThat(texts(svg, "row")).containsExactly("lane 1", "lane 2", "lane 3", "lane 4");
  }

  @Test
  void mergedBarsAreSaidToBeMerged() throws Exception {
    var random = new Random(3);
    var bars = new Bars(Reports.START, TimelineSvg.MOST_BARS, 12);
    for (int worker = 1; worker <= 12; worker++) {
      double at = 0.05 * worker;
      for (int i = 0; i < 1_000; i++) {
        double end = at + 0.02 * (0.1 + random.nextDouble());
        bars.add(bar(worker, at, end, i, random.nextInt(700) == 0 ? 1 : 0, 1));
        at = end + 0.001;
      }
    }
    var some = timeline("many chunks", JobState.FAILED, 13, bars.sorted());
    var svg =
        draw(
            "merged",
            new Timeline(
                some.id(),
                some.name(),
                some.function(),
                some.state(),
                some.startedAt(),
                some.until(),
                bars.chunks(),
                bars.isMerged(),
                some.bars()));

    assertThat(bars(svg)).hasSizeBetween(500, TimelineSvg.MOST_BARS);
    assertThat(texts(svg, "merged").getFirst()).startsWith("12,000 chunks are drawn as ");
  }

  private static Document draw(String file, Timeline timeline) throws Exception {
    var text = new StringWriter();
    TimelineSvg.write(timeline, text);
    Path directory = Files.createDirectories(Path.of("target", "timeline"));
    Files.writeString(directory.resolve(file + ".svg"), text.toString());
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    factory.setNamespaceAware(true);
    return factory
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Without those of the legend, which have no tooltip. */
  private static List<Element> bars(Document svg) {
    return byClass(svg, "bar").stream()
        .filter(bar -> bar.getElementsByTagName("title").getLength() == 1)
        .toList();
  }

  private static List<String> texts(Document svg, String look) {
    return byClass(svg, look).stream()
        .filter(element -> element.getTagName().equals("text"))
        .map(Element::getTextContent)
        .toList();
  }

  private static List<Element> byClass(Document svg, String look) {
    var found = new ArrayList<Element>();
    var all = svg.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      var element = (Element) all.item(i);
      if (List.of(element.getAttribute("class").split(" ", -1)).contains(look)) {
        found.add(element);
      }
    }
    return found;
  }

  private static double width(Element bar) {
    return Double.parseDouble(bar.getAttribute("width"));
  }
}
