package dev.manyhands.engine.worker.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarkersTest {

  /** {@code ^} is the byte that begins a marker, {@code $} a line feed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a$b                    | a$b
          ^7 17$a$^$             | <7 17>a$<>
          a^7 17$b^$c            | a<7 17>b<>c
          ^7 -1$a                | <7 -1>a
          ^7 17$^$^7 18$         | <7 17><><7 18>
          ^^7 17$a               | ^<7 17>a
          a^7 x17$b              | a^7 x17$b
          ^7$a                   | ^7$a
          ^7 17 1$a              | ^7 17 1$a
          ^1-7 17$a              | ^1-7 17$a
          ^99999999999999999999 1$a | ^99999999999999999999 1$a
          ^1111111111111111111111111111111111111111111111111111 | ^1111111111111111111111111111111111111111111111111111
          a^                     | a^
          ^7 1                   | ^7 1
          """)
  void markersAreFoundHoweverTheTextIsCut(String written, String found) {
    byte[] bytes = written.replace('^', '\u001e').replace('$', '\n').getBytes(UTF_8);
    for (int piece = 1; piece <= bytes.length; piece++) {
      assertThat(read(bytes, piece)).as("in pieces of %d", piece).isEqualTo(found);
    }
  }

  private static String read(byte[] bytes, int piece) {
    var found = new StringBuilder();
    var markers =
        new Markers(
            new Markers.Reader() {
              @Override
              public void text(byte[] text, int from, int to) {
                found.append(new String(text, from, to - from, UTF_8));
              }

              @Override
              public void begins(long chunk, long item) {
                found.append("<").append(chunk).append(" ").append(item).append(">");
              }

              @Override
              public void ends() {
                found.append("<>");
              }
            });
    for (int at = 0; at < bytes.length; at += piece) {
      byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
      markers.read(part, part.length);
    }
    markers.end();
    return found.toString().replace('\u001e', '^').replace('\n', '$');
  }
}
