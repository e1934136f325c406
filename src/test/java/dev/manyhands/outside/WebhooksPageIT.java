package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The receiver of docs/how-to/webhooks.md accepts a message of the service. */
class WebhooksPageIT {
  @Test
  void theReceiverAcceptsAMessageOfTheService() throws Exception {
    Requirements.python();
    var scripts = Pasted.scripts("docs/how-to/webhooks.md");
    assertThat(scripts).containsOnlyKeys("receiver", "callback");
    String setting = "--manyhands.callback.allow=127.0.0.1";
    try (var service = Service.start(Service.newDirectory(), setting)) {
      assertThat(Pasted.run(String.join("\n", scripts.values()), service)).isEqualTo("SUCCEEDED\n");
    }
  }
}
