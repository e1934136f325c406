package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The quick start, which must never cost a setting. */
class PreparedBeansIT {
  @Test
  void thePackagedServiceStartsFromThemAndSaysSo() {
    try (var service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=1")) {
      assertThat(service.log()).contains("Starting AOT-processed Manyhands");
      assertThat(service.get("/actuator/prometheus").status()).isEqualTo(200);
    }
  }

  @Test
  void whatDecidesOnThemStillCounts() {
    try (var service =
        Service.start(
            Service.newDirectory(), "--management.endpoints.web.exposure.include=health")) {
      assertThat(service.log()).contains("Starting Manyhands").doesNotContain("AOT-processed");
      assertThat(service.get("/actuator/health").header("Content-Type")).contains("actuator");
      assertThat(service.get("/actuator/prometheus").status()).isEqualTo(404);
    }
  }
}
