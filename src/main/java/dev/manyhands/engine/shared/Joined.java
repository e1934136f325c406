package dev.manyhands.engine.shared;

import java.io.ByteArrayOutputStream;

/** Builds a JSON array of values that are JSON already. */
final class Joined {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Joined() {
    bytes.write('[');
  }

  void add(byte[] value) {
    comma();
    bytes.writeBytes(value);
  }

  /** Adds an array of two values. */
  void addPair(byte[] first, byte[] second) {
    comma();
    bytes.write('[');
    bytes.writeBytes(first);
    bytes.write(',');
    bytes.writeBytes(second);
    bytes.write(']');
  }

  private void comma() {
    if (bytes.size() > 1) {
      bytes.write(',');
    }
  }

  byte[] array() {
    bytes.write(']');
    return bytes.toByteArray();
  }
}
