package dev.manyhands.harness;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** Frames on two pipes that nobody else in this process holds. */
final class FrameChannel {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final DataInputStream in;
  private final OutputStream out;

  private FrameChannel(InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
    this.out = out;
  }

  /**
   * Takes stdin and stdout away from the process, before user code is there. What that prints to
   * System.out goes to stderr, what native code writes to descriptor 1 goes nowhere.
   *
   * <p>Opening a pipe once more by its name in {@code /proc} gives a descriptor of our own, and
   * closing a standard stream makes the JDK put {@code /dev/null} in its place: all that {@code
   * dup2} would be needed for, without native code.
   */
  static FrameChannel takeOver() throws IOException {
    InputStream in = new FileInputStream(FileDescriptor.in);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    try {
      InputStream ownIn = new FileInputStream("/proc/self/fd/0");
      OutputStream ownOut = new FileOutputStream("/proc/self/fd/1");
      in.close();
      out.close();
      in = ownIn;
      out = ownOut;
    } catch (IOException e) {
      // No /proc, or not pipes: then the streams below are all the protection there is.
    }
    System.setIn(InputStream.nullInputStream());
    System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.err), true));
    return new FrameChannel(in, out);
  }

  /** The next frame; null when the service is gone or has no more work. */
  @Nullable Frame receive() {
    try {
      int size = in.readInt();
      byte[] payload = in.readNBytes(size);
      return payload.length < size ? null : Frame.of(payload);
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Sends a frame.
   *
   * @param payload what to send, after four bytes that are left free for its length
   */
  void send(JsonWriter payload) throws IOException {
    byte[] bytes = payload.bytes();
    int size = payload.size() - Integer.BYTES;
    bytes[0] = (byte) (size >> 24);
    bytes[1] = (byte) (size >> 16);
    bytes[2] = (byte) (size >> 8);
    bytes[3] = (byte) size;
    out.write(bytes, 0, payload.size());
  }
}
