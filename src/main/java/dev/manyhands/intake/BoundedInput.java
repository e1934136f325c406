package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongFunction;

/** Passes on at most a given number of bytes of a body and refuses the next byte. */
public final class BoundedInput extends FilterInputStream {
  private final long most;
  private final LongFunction<Refusal> tooLarge;
  private long read;

  public BoundedInput(InputStream in, long most, LongFunction<Refusal> tooLarge) {
    super(in);
    this.most = most;
    this.tooLarge = tooLarge;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = super.read(buffer, offset, length);
    count(Math.max(n, 0));
    return n;
  }

  private void count(int more) {
    read += more;
    if (read > most) {
      throw tooLarge.apply(most);
    }
  }
}
