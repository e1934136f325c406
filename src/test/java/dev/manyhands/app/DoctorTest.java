package dev.manyhands.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.PythonState;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The words of the findings; {@code DoctorIT} runs the command. */
class DoctorTest {

  @Test
  void theCallersAreCountedByTheirTokens() {
    assertThat(access(Map.of())).isEqualTo("127.0.0.1:80, no tokens: this machine only");
    assertThat(access(Map.of("security.tokens", "a-token-of-some-length")))
        .isEqualTo("127.0.0.1:80, let in by 1 token");
    assertThat(
            access(
                Map.of(
                    "security.tokens",
                    "a-token-of-some-length,one-more-of-some-length",
                    "security.metrics-tokens",
                    "one-that-only-reads")))
        .isEqualTo("127.0.0.1:80, let in by 2 tokens; metrics also by 1 metrics token");
  }

  @Test
  void oneJarIsNoSeveralJars(@TempDir Path jars) throws Exception {
    Files.createFile(jars.resolve("a.jar"));
    assertThat(doctor(Map.of("java.jars", jars.toString())).general(1))
        .extracting(Finding::text)
        .anyMatch(text -> text.endsWith("1 jar in " + jars))
        .anyMatch(text -> text.startsWith("1 worker at once ("));
  }

  private static String access(Map<String, String> settings) {
    return doctor(settings).access(InetAddress.getLoopbackAddress(), 80).text();
  }

  private static Doctor doctor(Map<String, String> settings) {
    var named = new HashMap<String, String>();
    settings.forEach((name, value) -> named.put("manyhands." + name, value));
    var read =
        new Binder(new MapConfigurationPropertySource(named))
            .bindOrCreate("manyhands", ManyhandsProperties.class);
    return new Doctor(read, () -> new PythonState.Broken("is not asked"));
  }
}
