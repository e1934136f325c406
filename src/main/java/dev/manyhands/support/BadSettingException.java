package dev.manyhands.support;

/** Thrown for a setting that the service cannot run with. The message names the setting. */
public final class BadSettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public BadSettingException(String message) {
    super(message);
  }
}
