package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArgumentTest {

  @SuppressWarnings("unused") // its components are the types to convert to
  private record Types(List<Map<String, Integer>> nested, List<Integer>[] lists) {}

  @Test
  void numbersFitOrAreRefused() {
    assertThat(Argument.convert(7L, int.class)).isEqualTo(7);
    assertThat(Argument.convert(3.0, Long.class)).isEqualTo(3L);
    assertThat(Argument.convert(7L, double.class)).isEqualTo(7.0);
    assertThat(Argument.convert(7L, BigInteger.class)).isEqualTo(BigInteger.valueOf(7));
    assertThat(Argument.convert(0.1, BigDecimal.class)).isEqualTo(new BigDecimal("0.1"));
    assertThatThrownBy(() -> Argument.convert(300L, byte.class)).hasMessageContaining("300");
    assertThatThrownBy(() -> Argument.convert(1.5, Integer.class)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> Argument.convert("1", Long.class)).hasMessageContaining("a string");
    assertThatThrownBy(() -> Argument.convert(null, int.class)).hasMessage("null is not an int");
    assertThatThrownBy(() -> Argument.convert("1", long.class))
        .hasMessage("a string is not a long");
    assertThat(Argument.convert(null, Integer.class)).isNull();
    for (var tiny : List.of("1e-400", "-1e-999999999", "1.5")) {
      assertThatThrownBy(() -> Argument.convert(new BigDecimal(tiny), Integer.class))
          .hasMessageContaining("is not a value of Integer");
    }
    assertThat(Argument.convert(new BigDecimal("0e-999999999"), BigInteger.class))
        .isEqualTo(BigInteger.ZERO);
    assertThat(Argument.convert(new BigDecimal("1e-400"), double.class)).isEqualTo(0.0);
    assertThat(Argument.convert(3.4e38, float.class)).isEqualTo(3.4e38f);
    assertThatThrownBy(() -> Argument.convert(3.5e38, float.class))
        .hasMessage("3.5E38 is not a value of float");
    assertThatThrownBy(() -> Argument.convert(new BigDecimal("1e400"), Double.class))
        .hasMessage("1E+400 is not a value of Double");
  }

  @Test
  void arraysAndGenericsAreConvertedToTheirDepth() {
    assertThat(Argument.convert(List.of(1L, 2L), int[].class)).isEqualTo(new int[] {1, 2});
    assertThat(Argument.convert(List.of(List.of(1L)), double[][].class))
        .isEqualTo(new double[][] {{1}});
    var types = Types.class.getRecordComponents();
    assertThat(Argument.convert(List.of(Map.of("a", 1L)), types[0].getGenericType()))
        .isEqualTo(List.of(Map.of("a", 1)));
    assertThat(Argument.convert(List.of(List.of(1L)), types[1].getGenericType()))
        .isEqualTo(new List<?>[] {List.of(1)});
    assertThatThrownBy(() -> Argument.convert(List.of(Map.of("a", "x")), types[0].getGenericType()))
        .hasMessage("element 0: 'a': a string is not an Integer");
  }
}
