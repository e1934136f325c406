package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTest {
  private static final String ID = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + ID + "-" + SPAN + "-01",
        " 00-" + ID + "-" + SPAN + "-03 ",
        "cc-" + ID + "-" + SPAN + "-01-what-later-versions-add"
      })
  void whatIsSampledIsPassedOnAsThisVersionSaysIt(String traceparent) {
    assertThat(Trace.parse(traceparent)).contains(new Trace(ID, SPAN, true, null));
    assertThat(Trace.parse(traceparent).orElseThrow().traceparent())
        .isEqualTo("00-" + ID + "-" + SPAN + "-01");
  }

  @Test
  void theFlagIsKept() {
    String traceparent = "00-" + ID + "-" + SPAN + "-00";
    assertThat(Trace.parse(traceparent).orElseThrow().traceparent()).isEqualTo(traceparent);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + ID + "-" + SPAN + "-01",
        "00-" + ID + "-" + SPAN + "-01-more",
        "00-" + ID + "-" + SPAN + "-1",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + ID + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-" + ID + "-" + SPAN + "-01\n" + "00-" + ID + "-" + SPAN + "-01"
      })
  void whatIsNoneIsIgnored(String traceparent) {
    assertThat(Trace.parse(traceparent)).isEmpty();
  }
}
