package dev.manyhands.report.comparison;

import static dev.manyhands.report.comparison.TestComparisons.ended;
import static dev.manyhands.report.comparison.TestComparisons.took;
import static dev.manyhands.report.comparison.TestComparisons.variant;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.Variant;
import dev.manyhands.support.PaintedSvg;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

/**
 * The picture is well-formed whatever it contains, and the length of its bars agrees with the
 * figures.
 */
class ComparisonChartTest {
  private static final Variant SERIAL = variant("serial", 1, 1);

  @Test
  void barsAreInProportion() throws Exception {
    var svg = chart(ended(took(TestComparisons.of(1, SERIAL, variant("p", 4, 1)), 8, 2)));
    assertThat(bars(svg, "seconds")).containsExactly(230.0, 57.5);
    assertThat(bars(svg, "speedup")).containsExactly(57.5, 230.0);
    assertThat(texts(svg)).contains("serial", "p", "8 s", "2 s", "4×", "speedup against serial");
  }

  @Test
  void timesThatAreFarApartAreOnALogarithmicAxis() throws Exception {
    var svg = chart(ended(took(TestComparisons.of(1, SERIAL, variant("p", 4, 1)), 200, 0.02)));
    assertThat(bars(svg, "seconds").get(0)).isEqualTo(230);
    assertThat(bars(svg, "seconds").get(1)).isBetween(10.0, 60.0);
    assertThat(texts(svg))
        .contains("seconds, logarithmic", "speedup against serial, logarithmic", "10 ms", "100 s");
  }

  @Test
  void manyVariantsAreInLowRows() throws Exception {
    var variants =
        IntStream.rangeClosed(1, 64).mapToObj(n -> variant(n + " workers", n, 1)).toList();
    var comparison = TestComparisons.of(1, variants.toArray(Variant[]::new));
    double[] seconds = IntStream.rangeClosed(1, 64).mapToDouble(n -> 10.0 / n).toArray();
    var svg = chart(ended(took(comparison, seconds)));
    assertThat(bars(svg, "speedup")).hasSize(64);
    assertThat(Double.parseDouble(svg.getDocumentElement().getAttribute("height")))
        .isLessThan(2_000);
  }

  @Test
  void whatAUserWroteIsTextAndNothingElse() throws Exception {
    String hostile = "</text><script>alert('1')</script>&amp;\"\uFFFE\uD800 𝄞";
    var svg = chart(ended(took(TestComparisons.of(1, variant(hostile, 1, 1)), 1)));
    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
    assertThat(svg.getElementsByTagName("title").item(1).getTextContent())
        .isEqualTo(hostile.replace('\uFFFE', '\uFFFD').replace('\uD800', '\uFFFD'));
  }

  @Test
  void thereIsAPictureBeforeThereAreFigures() throws Exception {
    var svg = chart(TestComparisons.of(3, SERIAL, variant("x".repeat(200), 2, 2)));
    assertThat(texts(svg)).contains("queued", "x".repeat(22) + "…");
    assertThat(bars(svg, "seconds")).isEmpty();
  }

  @Test
  void itFollowsTheSchemeAndTakesNothingFromElsewhere() {
    var comparison = took(TestComparisons.of(2, SERIAL, variant("four", 4, 1)), 8, 2.1, 9, 2.9);
    String text = ComparisonChart.of(comparison, ComparisonTable.of(comparison));
    assertThat(text).contains("prefers-color-scheme: dark").doesNotContain("href", "url(");
    assertThat(text.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http");
  }

  private static Document chart(Comparison comparison) throws Exception {
    String text = ComparisonChart.of(comparison, ComparisonTable.of(comparison));
    var factory = DocumentBuilderFactory.newDefaultNSInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    var builder = factory.newDocumentBuilder();
    builder.setErrorHandler(new DefaultHandler());
    var svg = builder.parse(new InputSource(new StringReader(text)));
    PaintedSvg.check(svg);
    return svg;
  }

  private static List<String> texts(Document svg) {
    return elements(svg, "text").stream().map(Element::getTextContent).toList();
  }

  /** Lengths of the bars, without the swatch of the legend. */
  private static List<Double> bars(Document svg, String kind) {
    return elements(svg, "rect").stream()
        .filter(rect -> rect.getAttribute("class").equals(kind) && !rect.hasAttribute("rx"))
        .map(rect -> Double.valueOf(rect.getAttribute("width")))
        .toList();
  }

  private static List<Element> elements(Document svg, String name) {
    var nodes = svg.getElementsByTagName(name);
    var elements = new ArrayList<Element>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
