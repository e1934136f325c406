package dev.manyhands.outside;

import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the tests of a class once for each kind of store, with one service for all of them. The kind
 * is set only after the methods {@code @BeforeAll}, which therefore cannot open a store.
 */
@ParameterizedClass
@EnumSource(OwnStore.Kind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnEachStore {
  /** The running service. A test that restarts the service puts the new one here. */
  Service service;

  @Parameter private OwnStore.Kind kind;

  private OwnStore store;

  /** Returns the settings of the service, beside those of its store. */
  String[] settings() {
    return new String[0];
  }

  @BeforeParameterizedClassInvocation
  void start() {
    Requirements.python();
    store = OwnStore.of(kind);
    service = store.startService(settings());
  }

  @AfterParameterizedClassInvocation
  void stop() {
    service.close();
    store.close();
  }
}
