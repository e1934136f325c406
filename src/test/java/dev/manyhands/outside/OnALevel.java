package dev.manyhands.outside;

import java.io.IOException;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** The service of tests that run at each level of the sandbox and as each user: one for each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnALevel {
  @Parameter Level level;

  Service service;

  @BeforeParameterizedClassInvocation
  void start() throws IOException {
    service = level.start();
  }

  @AfterParameterizedClassInvocation
  void stop() {
    if (service != null) {
      service.close();
    }
  }
}
