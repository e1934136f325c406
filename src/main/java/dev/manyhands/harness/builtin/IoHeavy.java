package dev.manyhands.harness.builtin;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Waits, like a function that calls another service or a disk. Item: seconds to sleep, as a number
 * or as {@code {"sleep": s}}; or {@code {"write": bytes}}, to write a temporary file of this size
 * and delete it again. Result: the seconds or the bytes.
 */
public final class IoHeavy implements ItemFunction<Object, Number> {
  private static final double POLL_SECONDS = 0.05;
  private static final int BLOCK = 64 * 1024;

  @Override
  public Number apply(Object item, Context context) throws IOException, InterruptedException {
    if (item instanceof Number seconds) {
      return sleep(seconds, context);
    }
    if (item instanceof Map<?, ?> wish && wish.size() == 1) {
      if (wish.get("sleep") instanceof Number seconds) {
        return sleep(seconds, context);
      }
      if (wish.get("write") instanceof Long bytes) {
        return write(bytes, context);
      }
    }
    throw wrong(item);
  }

  private static Number sleep(Number item, Context context) throws InterruptedException {
    double seconds = item.doubleValue();
    if (seconds < 0) {
      throw wrong(item);
    }
    long end = System.nanoTime() + (long) (seconds * 1e9);
    double left = seconds;
    while (left > 0 && !context.stopped()) {
      Thread.sleep((long) Math.ceil(Math.min(left, POLL_SECONDS) * 1000));
      left = (end - System.nanoTime()) / 1e9;
    }
    return item;
  }

  private static Number write(long bytes, Context context) throws IOException {
    if (bytes < 0) {
      throw wrong(bytes);
    }
    String scratch = System.getenv("TMPDIR");
    Path directory = Path.of(scratch == null ? System.getProperty("java.io.tmpdir") : scratch);
    Path file = Files.createTempFile(directory, "io-heavy", null);
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] block = new byte[BLOCK];
      for (long left = bytes; left > 0 && !context.stopped(); left -= BLOCK) {
        out.write(block, 0, (int) Math.min(left, BLOCK));
      }
    } finally {
      Files.delete(file);
    }
    return bytes;
  }

  private static IllegalArgumentException wrong(@Nullable Object item) {
    return new IllegalArgumentException(
        "io_heavy needs seconds, {\"sleep\": seconds} or {\"write\": bytes} and got " + item);
  }
}
