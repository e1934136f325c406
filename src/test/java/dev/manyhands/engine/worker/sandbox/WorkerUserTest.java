package dev.manyhands.engine.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerUserTest {

  @Test
  void aUserHasAGroup() {
    var user = WorkerUser.of(" nobody:65534 ");
    assertThat(user).isEqualTo(new WorkerUser("nobody", "65534"));
    assertThat(user.arguments())
        .containsExactly("--reuid", "nobody", "--regid", "65534", "--clear-groups");
  }

  @Test
  void noneIsTheServicesOwn() {
    assertThat(WorkerUser.of(null)).isNull();
    assertThat(WorkerUser.of(" ")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", ":", "nobody:", ":65534", "a:b:c", "-x:1", "1:--all", "a b:c"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> WorkerUser.of(text))
        .isInstanceOf(Sandbox.UnavailableException.class)
        .hasMessageContaining("manyhands.workers.user");
  }
}
