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

/** Sends and receives frames on two pipes that no other code in this process holds. */
public final class FrameChannel {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final DataInputStream in;
  private final OutputStream out;

  private FrameChannel(InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
    this.out = out;
  }

  /**
   * Takes stdin and stdout away from the process before user code runs. Output of user code to
   * System.out then goes to stderr. Output of native code to descriptor 1 is lost.
   *
   * <p>Opening a pipe again by its name in {@code /proc} gives the harness a descriptor of its own.
   * Closing a standard stream makes the JDK put {@code /dev/null} in its place. Together, these
   * steps replace {@code dup2}, which would need native code.
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
      // Without /proc, or without pipes, the streams below are the only protection.
    }
    System.setIn(InputStream.nullInputStream());
    System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.err), true));
    return new FrameChannel(in, out);
  }

  /** Returns the next frame; null when the service is gone or has no more work. */
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
   * Sends a frame. Safe for use by any thread.
   *
   * @param payload the bytes to send, after four bytes that are left free for the length
   */
  synchronized void send(JsonWriter payload) throws IOException {
    byte[] bytes = payload.bytes();
    int size = payload.size() - Integer.BYTES;
    bytes[0] = (byte) (size >> 24);
    bytes[1] = (byte) (size >> 16);
    bytes[2] = (byte) (size >> 8);
    bytes[3] = (byte) size;
    out.write(bytes, 0, payload.size());
  }
}
