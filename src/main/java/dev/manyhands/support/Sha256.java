package dev.manyhands.support;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Provides SHA-256 (FIPS 180-4), which every Java must have. */
public final class Sha256 {
  private Sha256() {}

  /** Returns a new digest, for one thread. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
