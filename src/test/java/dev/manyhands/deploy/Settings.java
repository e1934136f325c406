package dev.manyhands.deploy;

import dev.manyhands.app.ManyhandsProperties;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings that the service has. */
final class Settings {
  private Settings() {}

  /**
   * Their environment variables without underscores, which Spring does not look at in names of
   * several words.
   */
  static Set<String> all() {
    return of("MANYHANDS", ManyhandsProperties.class).collect(Collectors.toSet());
  }

  private static Stream<String> of(String prefix, Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(component -> of(prefix + component.getName().toUpperCase(Locale.ROOT), component));
  }

  private static Stream<String> of(String name, RecordComponent component) {
    if (component.getType().isRecord()) {
      return of(name, component.getType());
    }
    return component.getType() == Map.class ? Stream.of() : Stream.of(name);
  }
}
