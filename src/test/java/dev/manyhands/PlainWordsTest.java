package dev.manyhands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Checks the rules of plain English that a program can check: how sentences of comments and pages
 * begin, how long they are, which phrases they use, and how wide the lines of pages are.
 */
class PlainWordsTest {
  private static final int MOST_WORDS = 26;
  private static final int MOST_COLUMNS = 100;

  /** Openings of sentences that make a reader decode the sentence. */
  private static final Pattern OPENING =
      Pattern.compile("^(Who|Whoever|Whom|Whose|What|Whatever|Of|So)\\b.*");

  /** Phrases with a plainer word: report, at most N, results in, reject. */
  private static final Pattern PHRASE =
      Pattern.compile(
          ".*\\b(so many|so much|so often|(is|was|are|were) (said|told)|turn(s|ed)? down|"
              + "(comes|come|came) to|whoever|likewise)\\b.*",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern END_OF_SENTENCE = Pattern.compile("(?<=[.!?:;])\\s+|\\s+·\\s+");

  /** Strings and characters are skipped, so that no comment is found in them. */
  private static final Pattern COMMENT_OR_TEXT =
      Pattern.compile(
          "\"\"\"[^\"\\\\]*+(?:(?:\\\\.|\"(?!\"\"))[^\"\\\\]*+)*+\"\"\""
              + "|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'"
              + "|//[^\\n]*(?:\\n[ ]*//[^\\n]*)*|/\\*.*?\\*/",
          Pattern.DOTALL);

  @Test
  void commentsAreInPlainEnglish() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : files("src", ".java")) {
      var parts = COMMENT_OR_TEXT.matcher(Files.readString(file));
      while (parts.find()) {
        if (parts.group().startsWith("/")) {
          addFaults(faults, file, prose(parts.group()));
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  /** Returns the sentences of a comment in one line, without tags and examples. */
  private static String prose(String comment) {
    return comment
        .replaceAll("(?s)<pre>.*?</pre>", "")
        .replaceAll("(?m)^\\s*(/\\*\\*?|\\*/?|//)", " ")
        .replaceAll("/\\*\\*?|\\*/", " ")
        .replaceAll("\\s+", " ")
        .replaceAll("\\{@\\w+ ([^}]*)\\}", "$1")
        .replaceAll("@(param|throws) \\S+ |@return |<[^>]+>", ". ");
  }

  @Test
  void pagesAreInPlainEnglishAndNarrow() throws IOException {
    var faults = new ArrayList<String>();
    for (Path page : pages()) {
      var prose = new StringBuilder();
      boolean inCode = false;
      for (String line : Files.readAllLines(page)) {
        boolean isFence = line.strip().startsWith("```");
        inCode ^= isFence;
        boolean isProse = !inCode && !isFence && !line.startsWith("|") && !line.startsWith("#");
        if (isProse && line.length() > MOST_COLUMNS) {
          faults.add(page + ": wider than " + MOST_COLUMNS + " columns: " + line);
        }
        boolean begins = line.isBlank() || line.strip().matches("([-*]|\\d+\\.) .*");
        prose.append(isProse && !begins ? " " : "\n\n").append(isProse ? line.strip() : "");
      }
      for (String paragraph : prose.toString().split("\n\n")) {
        addFaults(faults, page, withoutMark(paragraph));
      }
    }
    assertThat(faults).isEmpty();
  }

  /** Returns a paragraph without the mark of a list, and without a heading in bold. */
  private static String withoutMark(String paragraph) {
    return paragraph
        .strip()
        .replaceFirst("^([-*]|\\d+\\.) ", "")
        .replaceFirst("^\\*\\*[^*]+\\*\\* ?", "");
  }

  /** The contract is read by people as well: its descriptions are prose. */
  @Test
  void theContractIsInPlainEnglish() throws IOException {
    Path contract = Path.of("src/main/resources/openapi.yaml");
    var faults = new ArrayList<String>();
    Object document = new Yaml().load(Files.readString(contract));
    addFaultsOfDescriptions(faults, contract, document);
    assertThat(faults).isEmpty();
  }

  private static void addFaultsOfDescriptions(List<String> faults, Path file, Object node) {
    switch (node) {
      case Map<?, ?> members ->
          members.forEach((name, value) -> {
            if (value instanceof String text && "description".equals(name)) {
              addFaults(faults, file, text);
            } else if (value != null && !List.of("example", "value").contains(name)) {
              addFaultsOfDescriptions(faults, file, value);
            }
          });
      case List<?> elements ->
          elements.forEach(element -> addFaultsOfDescriptions(faults, file, element));
      default -> {}
    }
  }

  private static void addFaults(List<String> faults, Path file, String prose) {
    for (String part : END_OF_SENTENCE.split(prose)) {
      String sentence = part.replaceFirst("^[.*_ ]+", "").strip();
      if (OPENING.matcher(sentence).matches() || PHRASE.matcher(sentence).matches()) {
        faults.add(file + ": not plain: " + sentence);
      } else if (sentence.split(" ").length > MOST_WORDS) {
        faults.add(file + ": longer than " + MOST_WORDS + " words: " + sentence);
      }
    }
  }

  private static List<Path> pages() throws IOException {
    var pages = new ArrayList<>(files("docs", ".md"));
    pages.add(Path.of("README.md"));
    pages.add(Path.of("ARCHITECTURE.md"));
    return pages;
  }

  private static List<Path> files(String directory, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(directory))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
