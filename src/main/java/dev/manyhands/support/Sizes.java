package dev.manyhands.support;

import java.util.Locale;

/** Formats numbers of bytes for people. */
public final class Sizes {
  private static final String[] UNITS = {"bytes", "KB", "MB", "GB", "TB"};

  private Sizes() {}

  /**
   * Returns a text such as {@code 16 MB} or {@code 1.5 GB}. A KB has 1,024 bytes, as in settings.
   */
  public static String text(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 1_024 && unit < UNITS.length - 1) {
      amount /= 1_024;
      unit++;
    }
    String number = String.format(Locale.ROOT, "%.1f", amount);
    return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number)
        + " "
        + UNITS[unit];
  }
}
