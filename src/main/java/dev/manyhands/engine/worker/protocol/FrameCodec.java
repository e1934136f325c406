package dev.manyhands.engine.worker.protocol;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Frames as in docs/reference/worker-protocol.md: a length in four bytes, big-endian, and then a
 * payload of this length.
 */
public final class FrameCodec {
  private FrameCodec() {}

  /** The bytes are no frame, or the frame is not as the protocol requires. */
  public static final class BadFrame extends IOException {
    private static final long serialVersionUID = 1L;

    BadFrame(String message) {
      super(message);
    }
  }

  /**
   * Reads one payload.
   *
   * @return null at the end of the stream, if no frame has begun
   * @throws BadFrame if the frame claims to be longer than {@code maxBytes}, or the stream ends in
   *     it
   */
  static byte @Nullable [] read(DataInputStream in, int maxBytes) throws IOException {
    int first = in.read();
    if (first == -1) {
      return null;
    }
    try {
      int rest = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
      long length = ((long) first << 24) | rest;
      if (length > maxBytes) {
        throw new BadFrame("a frame claims to have " + length + " bytes; the most is " + maxBytes);
      }
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      return payload;
    } catch (EOFException cut) {
      throw new BadFrame("the stream ends in the middle of a frame");
    }
  }

  /**
   * Writes one frame: the header, and if there are parts, a line feed and the parts. Does not
   * flush.
   */
  public static void write(OutputStream out, byte[] header, byte[]... bodyParts)
      throws IOException {
    long length = header.length;
    if (bodyParts.length > 0) {
      length++;
      for (byte[] part : bodyParts) {
        length += part.length;
      }
    }
    if (length > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a frame of " + length + " bytes");
    }
    int n = (int) length;
    out.write(new byte[] {(byte) (n >>> 24), (byte) (n >>> 16), (byte) (n >>> 8), (byte) n});
    out.write(header);
    if (bodyParts.length > 0) {
      out.write('\n');
      for (byte[] part : bodyParts) {
        out.write(part);
      }
    }
  }

  /** Returns where the header of a payload ends: at its first line feed, or at its end. */
  static int headerEnd(byte[] payload) {
    for (int i = 0; i < payload.length; i++) {
      if (payload[i] == '\n') {
        return i;
      }
    }
    return payload.length;
  }
}
