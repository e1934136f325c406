package dev.manyhands.support;

import java.util.Locale;

/**
 * A colour of the pictures. Elements have its light form as an attribute, because every program
 * that draws SVG understands attributes. Many of them understand no variables of CSS, and a colour
 * that is not understood is drawn black.
 *
 * <p>Browsers replace the light form in the dark scheme, by rules that select the attribute. Some
 * programs read the rules inside {@code @media} as if they stood outside. These programs do not
 * know selectors of attributes, so the rules do no harm there.
 */
public enum Tint {
  PAPER("#ffffff", "#0d1117"),
  INK("#1f2328", "#f0f6fc"),
  DIM("#59636e", "#9da7b3"),
  LINE("#d1d9e0", "#30363d"),
  BAND("#f6f8fa", "#151b23"),
  /** The background of a stretch without work. */
  IDLE("#e4e8ec", "#262c36"),
  GOOD("#3273b8", "#5aa2ec"),
  FAILED("#c62f3a", "#ff6b70"),
  AGAIN("#b87503", "#e3a53a"),
  SECONDS("#0969da", "#4493f8"),
  SPEEDUP("#bc4c00", "#f0883e");

  /** Attributes of the root of a picture: its class, its colour for {@code currentColor}, fonts. */
  public static final String ROOT =
      "class=\"mh\" color=\""
          + INK.light
          + "\" font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\"";

  /** The style of a picture: the dark scheme, and an outline for the bar under the pointer. */
  public static final String STYLE = style();

  private final String light;
  private final String dark;

  Tint(String light, String dark) {
    this.light = light;
    this.dark = dark;
  }

  /** Returns the attribute that fills a shape or a text. */
  public String fill() {
    return attribute("fill");
  }

  /** Returns the attribute that draws a line. */
  public String stroke() {
    return attribute("stroke");
  }

  private String attribute(String name) {
    return name + "=\"" + light + "\"";
  }

  private static String style() {
    var css = new StringBuilder("<style>\n");
    css.append(".mh { color-scheme: light dark }\n");
    css.append(".mh .bar:hover { stroke: currentColor; stroke-width: 1.5 }\n");
    css.append("@media (prefers-color-scheme: dark) {\n");
    css.append(".mh { color-scheme: dark }\n");
    css.append(rule(".mh", INK, "color"));
    for (Tint tint : values()) {
      css.append(rule(".mh ", tint, "fill")).append(rule(".mh ", tint, "stroke"));
    }
    return css.append("}\n</style>\n").toString();
  }

  private static String rule(String within, Tint tint, String property) {
    return String.format(
        Locale.ROOT, "%s[%s] { %s: %s }\n", within, tint.attribute(property), property, tint.dark);
  }
}
