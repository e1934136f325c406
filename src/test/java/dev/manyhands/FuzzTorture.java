package dev.manyhands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.protocol.FrameChannelFuzz;
import dev.manyhands.model.json.JsonScannerFuzz;
import dev.manyhands.model.json.SplittingFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fuzzes the classes that read bytes from outside, by Jazzer, guided by coverage. {@code
 * -Dtorture.minutes=} sets the time for each class. Each class has a process of its own, since a
 * JVM can be fuzzed only once.
 */
class FuzzTorture {
  private static final long SECONDS = 60 * Integer.getInteger("torture.minutes", 3);

  @TempDir private Path findings;

  @ParameterizedTest
  @ValueSource(classes = {JsonScannerFuzz.class, SplittingFuzz.class, FrameChannelFuzz.class})
  void noBytesAreTakenForWhatTheyAreNot(Class<?> target) throws IOException, InterruptedException {
    Process fuzzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=dev.manyhands.**",
                // Or it weaves itself into all of the parser that is only asked for its opinion.
                "--custom_hook_excludes=tools.jackson.**",
                "--reproducer_path=" + findings,
                "-artifact_prefix=" + findings + "/",
                "-max_total_time=" + SECONDS)
            .redirectErrorStream(true)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(fuzzer::destroyForcibly));
    String said = new String(fuzzer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String end = said.substring(Math.max(0, said.length() - 5_000));
    assertThat(fuzzer.waitFor()).as(end).isZero();
    assertThat(end).contains("Done ");
    System.out.println(
        "FuzzTorture: "
            + target.getSimpleName()
            + " "
            + end.substring(end.lastIndexOf("Done ")).strip());
  }
}
