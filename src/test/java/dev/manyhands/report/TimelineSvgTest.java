package dev.manyhands.report;

import static dev.manyhands.report.Reports.bar;
import static dev.manyhands.report.Reports.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.model.JobState;
import dev.manyhands.support.DrawnText;
import dev.manyhands.support.PaintedSvg;
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
    assertThat(texts(svg, "key")).hasSize(5);
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
    assertThat(svg.getElementsByTagName("pattern").getLength()).isEqualTo(4);
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
    var some = timeline(name, JobState.SUCCEEDED, 1, List.of(bar(1, 0, 1, 0, 10)));
    var svg = draw("long-name", withFunction(some, "f".repeat(200)));

    String title = texts(svg, "title").getFirst();
    assertThat(title).startsWith("\ud83e\udd2f".repeat(20)).contains("… · fff", "… · SUCCEEDED");
    assertThat(DrawnText.width(17, title)).isLessThan(1_200 - 2 * 20);
    assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).startsWith(name);
  }

  private static Timeline withFunction(Timeline some, String function) {
    return new Timeline(
        some.id(),
        some.name(),
        function,
        some.state(),
        some.startedAt(),
        some.until(),
        some.chunks(),
        some.merged(),
        some.bars(),
        List.of(),
        null);
  }

  @Test
  void theStartOfAWorkerIsHatched() throws Exception {
    var svg =
        draw(
            "start-up",
            timeline(
                "starts",
                JobState.SUCCEEDED,
                2,
                List.of(
                    bar(1, 0, 1, 0, 1).withStartUp(0.25),
                    bar(1, 1, 2, 1, 1),
                    bar(2, 0, 2, 2, 1).withStartUp(0.000_01))));

    List<Element> hatched = byClass(svg, "start");
    assertThat(hatched).as("the legend and the first bar").hasSize(2);
    Element start =
        "28.00".equals(hatched.getFirst().getAttribute("width"))
            ? hatched.get(1)
            : hatched.getFirst();
    Element bar = bars(svg).getFirst();
    assertThat(width(start)).isCloseTo(width(bar) / 4, within(0.1));
    assertThat(start.getAttribute("x")).isEqualTo(bar.getAttribute("x"));
    assertThat(start.getAttribute("fill")).isEqualTo("url(#mh-start)");
    assertThat(bar.getTextContent()).contains("the worker started for about 250 ms");
    assertThat(bars(svg).get(1).getTextContent()).doesNotContain("started");
  }

  @Test
  void whereItemsWereTimedThereIsARowForEachThread() throws Exception {
    var chunks = List.of(bar(1, 0, 2, 0, 3), bar(2, 0, 2, 3, 0, 1).withStartUp(0.5));
    var items =
        List.of(
            item(0, 1, 1, 0.5, 1, false),
            item(1, 1, 2, 0.5, 2, false),
            item(2, 1, 1, 1, 1.5, true));
    var some = timeline("threads", JobState.FAILED, 2, chunks);
    var svg = draw("threads", withItems(some, items));

    assertThat(texts(svg, "row")).containsExactly("worker 1", "thread 2", "worker 2");
    assertThat(bars(svg)).as("the items, and a chunk that was not timed").hasSize(3 + 1);
    assertThat(bars(svg).get(1).getAttribute("class")).isEqualTo("bar failed");
    assertThat(width(bars(svg).get(2))).isCloseTo(3 * width(bars(svg).get(0)), within(0.1));
    assertThat(bars(svg).get(2).getTextContent())
        .isEqualTo("item 1\nworker 1, thread 2\nfrom 500 ms on, for 1.5 s");
    assertThat(byClass(svg, "start")).as("legend, both rows of worker 1, worker 2").hasSize(4);
    assertThat(texts(svg, "summary").getFirst()).contains("13 items in 2 chunks on 2 workers");
  }

  private static ItemBar item(
      long item, long worker, int thread, double from, double to, boolean failed) {
    return new ItemBar(item, worker, thread, Reports.at(from), Reports.at(to), failed, 1);
  }

  private static Timeline withItems(Timeline some, List<ItemBar> items) {
    return new Timeline(
        some.id(),
        some.name(),
        some.function(),
        some.state(),
        some.startedAt(),
        some.until(),
        some.chunks(),
        some.merged(),
        some.bars(),
        items,
        null);
  }

  @Test
  void barsThatAreWideEnoughNameTheirItems() throws Exception {
    var svg =
        draw(
            "items",
            timeline(
                "few",
                JobState.SUCCEEDED,
                2,
                List.of(bar(1, 0, 1, 0, 1), bar(2, 0, 1.99, 1, 3), bar(1, 1, 1.001, 4, 1))));

    assertThat(texts(svg, "item")).containsExactly("0", "1–3");
    assertThat(bars(svg).get(1).getTextContent()).startsWith("item 4\n");
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
                some.bars(),
                List.of(),
                null));

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
    var svg =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
    PaintedSvg.check(svg);
    return svg;
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
