package dev.manyhands.outside;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An error at the first calls of each method, one after the other: {@code ./mvnw -Ptorture verify
 * -Dtorture.calls=3 -Dtorture.methods=GroupCommit.*}.
 */
class NthErrorTorture {
  private static final int CALLS = Integer.getInteger("torture.calls", 2);
  private static final String METHODS = System.getProperty("torture.methods", ".*");

  @TempDir private Path scratch;

  @ParameterizedTest
  @EnumSource(OwnStore.Kind.class)
  void noErrorCostsMoreThanOneJob(OwnStore.Kind kind) throws Exception {
    Requirements.python();
    NthError.playAll(kind, scratch, METHODS, CALLS);
  }
}
