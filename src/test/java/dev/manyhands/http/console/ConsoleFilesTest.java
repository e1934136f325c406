package dev.manyhands.http.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of the console as they are in the jar. */
class ConsoleFilesTest {
  private static final Path HOME = Path.of("src/main/resources/console");
  private static final Pattern USED = Pattern.compile("(?:from|import)\\s*\\(?'(\\.[^']+)'");

  private final ConsoleFiles files = new ConsoleFiles();

  @Test
  void theListHasEachFile() throws IOException {
    assertThat(Files.readAllLines(HOME.resolve("files.txt")))
        .containsExactlyInAnyOrderElementsOf(
            names().stream()
                .filter(name -> !List.of("index.html", "files.txt").contains(name))
                .toList());
  }

  @Test
  void eachModuleThatIsImportedIsServed() throws IOException {
    for (String name : names()) {
      var imports = USED.matcher(Files.readString(HOME.resolve(name)));
      while (imports.find()) {
        String used = Path.of(name).resolveSibling(imports.group(1)).normalize().toString();
        assertThat(files.find(used)).as("%s, of %s", used, name).isPresent();
      }
    }
    String page = new String(files.page(), StandardCharsets.UTF_8);
    var addresses = Pattern.compile("console/" + files.version() + "/([^\"]+)").matcher(page);
    var loaded = new TreeSet<String>();
    while (addresses.find()) {
      loaded.add(addresses.group(1));
    }
    assertThat(loaded).contains("main.js", "style.css");
    assertThat(loaded).allSatisfy(name -> assertThat(files.find(name)).isPresent());
  }

  /** Markup of users' texts would be refused by the browser, and shows here already. */
  @Test
  void noFileMakesMarkupOfTexts() throws IOException {
    for (String name : names().stream().filter(each -> !each.endsWith(".svg")).toList()) {
      assertThat(Files.readString(HOME.resolve(name)))
          .as(name)
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "unsafe", "document.write", "eval(")
          .doesNotContain("http://", "https://")
          .doesNotContainPattern("style=\"|onclick=");
    }
  }

  private static List<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(HOME)) {
      return all.filter(Files::isRegularFile)
          .map(file -> HOME.relativize(file).toString())
          .toList();
    }
  }
}
