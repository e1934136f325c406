package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Checks that a picture has its colours without any CSS. A program that does not understand the CSS
 * of a picture draws everything black that has no colour by attribute.
 */
public final class PaintedSvg {
  private static final Set<String> SHAPES = Set.of("rect", "path", "circle", "text");

  private PaintedSvg() {}

  public static void check(Document svg) {
    String css = elements(svg, "style").getFirst().getTextContent();
    assertThat(css).contains("prefers-color-scheme: dark").doesNotContain("var(");
    for (Element element : elements(svg, "*")) {
      String name = element.getTagName();
      assertThat(element.hasAttribute("style")).isFalse();
      if (SHAPES.contains(name)) {
        colour(svg, css, element, "fill");
      }
      if (name.equals("line") || element.getAttribute("fill").equals("none")) {
        colour(svg, css, element, "stroke");
      }
    }
  }

  /** A colour is a literal with a dark form, or a pattern of the picture. */
  private static void colour(Document svg, String css, Element element, String property) {
    String value = element.getAttribute(property);
    String what = element.getTagName() + " " + element.getAttribute("class") + " " + property;
    if (value.startsWith("url(#")) {
      String id = value.substring(5, value.length() - 1);
      assertThat(elements(svg, "pattern"))
          .as(what)
          .anyMatch(pattern -> pattern.getAttribute("id").equals(id));
    } else if (!value.equals("none")) {
      assertThat(value).as(what).matches("#[0-9a-f]{6}");
      assertThat(css).as(what).contains("[" + property + "=\"" + value + "\"]");
    }
  }

  private static List<Element> elements(Document svg, String name) {
    var nodes = svg.getElementsByTagName(name);
    var elements = new ArrayList<Element>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Node node = nodes.item(i);
      elements.add((Element) node);
    }
    return elements;
  }
}
