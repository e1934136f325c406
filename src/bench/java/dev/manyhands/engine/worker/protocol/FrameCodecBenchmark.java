package dev.manyhands.engine.worker.protocol;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of a frame on its way down and up, apart from the pipe. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameCodecBenchmark {
  @Param({"1", "1000", "65536"})
  int items;

  private byte[] header;
  private byte[] body;
  private byte[] frame;

  @Setup
  public void setup() throws IOException {
    header =
        "{\"op\":\"chunk\",\"chunk\":7,\"first\":100,\"count\":3}".getBytes(StandardCharsets.UTF_8);
    var values = new StringBuilder("0");
    for (int i = 1; i < items; i++) {
      values.append(',').append(i);
    }
    body = values.toString().getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    FrameCodec.write(out, header, new byte[] {'['}, body, new byte[] {']'});
    frame = out.toByteArray();
  }

  @Benchmark
  public Object write() throws IOException {
    var out = new ByteArrayOutputStream(frame.length);
    FrameCodec.write(out, header, new byte[] {'['}, body, new byte[] {']'});
    return out;
  }

  @Benchmark
  public Object read() throws IOException {
    return FrameCodec.read(new DataInputStream(new ByteArrayInputStream(frame)), 64 << 20);
  }
}
