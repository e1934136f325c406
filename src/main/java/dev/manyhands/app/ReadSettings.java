package dev.manyhands.app;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * Reads all settings of a kind, even if some cannot be read. A setting that cannot be read has its
 * default and is noted. A service would not start with it.
 */
final class ReadSettings extends AbstractBindHandler {
  static final String MEND = "Mend the setting: docs/reference/settings.md has what each takes.";

  private final Binder binder;
  private final List<Finding> faults = new ArrayList<>();

  ReadSettings(Environment environment) {
    this.binder = Binder.get(environment);
  }

  <T> T read(String prefix, Class<T> type) {
    return binder.bindOrCreate(prefix, Bindable.of(type), this);
  }

  /** Returns the settings that could not be read so far. */
  List<Finding> faults() {
    return List.copyOf(faults);
  }

  @Override
  public @Nullable Object onFailure(
      ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
    ConfigurationProperty property = context.getConfigurationProperty();
    if (property != null) {
      faults.add(Finding.wrong("setting", text(name, target, property), MEND));
    } else {
      faults.add(Finding.wrong("setting", name + " cannot be read: " + deepest(error), MEND));
    }
    return null; // the default
  }

  private static String text(
      ConfigurationPropertyName name, Bindable<?> target, ConfigurationProperty property) {
    Class<?> type = target.getType().resolve(Object.class);
    return name
        + " is '"
        + property.getValue()
        + "', which is no "
        + type.getSimpleName()
        + (property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")");
  }

  private static String deepest(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
