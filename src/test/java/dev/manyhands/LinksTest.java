package dev.manyhands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between pages lead to a file that is there, and to a heading that the file has. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Path INDEX = Path.of("docs", "README.md");

  @Test
  void eachLinkLeadsSomewhere() throws IOException {
    var broken = new ArrayList<String>();
    for (Path page : pages()) {
      for (String link : links(page)) {
        if (!link.matches("[a-z]+:.*") && !resolves(page, link)) {
          broken.add(page + ": " + link);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void theIndexListsEachPage() throws IOException {
    var listed = links(INDEX).stream().map(link -> INDEX.resolveSibling(link).normalize()).toList();
    try (Stream<Path> docs = Files.walk(INDEX.getParent())) {
      assertThat(docs.filter(file -> file.toString().endsWith(".md")))
          .filteredOn(page -> !page.equals(INDEX) && !page.startsWith("docs/decisions"))
          .isSubsetOf(listed);
    }
  }

  private static boolean resolves(Path page, String link) throws IOException {
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
  }

  /** Returns the anchors of a page's headings, by the rule of GitHub. */
  private static Set<String> anchors(Path page) throws IOException {
    var anchors = new HashSet<String>();
    HEADING
        .matcher(prose(page))
        .results()
        .map(match -> match.group(1).strip().toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
        .forEach(anchors::add);
    return anchors;
  }

  private static List<String> links(Path page) throws IOException {
    return LINK.matcher(prose(page)).results().map(match -> match.group(1)).toList();
  }

  private static String prose(Path page) throws IOException {
    return FENCED.matcher(Files.readString(page)).replaceAll("");
  }

  private static List<Path> pages() throws IOException {
    var pages =
        new ArrayList<>(
            List.of(
                Path.of("README.md"),
                Path.of("ARCHITECTURE.md"),
                Path.of("CHANGELOG.md"),
                Path.of("helm/manyhands/README.md")));
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }
}
