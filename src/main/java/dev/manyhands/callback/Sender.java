package dev.manyhands.callback;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes one attempt to deliver. Used by many threads at once; blocks. */
interface Sender extends AutoCloseable {

  Answer send(Request request);

  @Override
  void close();

  /** A POST. */
  record Request(URI target, Map<String, String> headers, byte[] body) {}

  /** What became of it. */
  sealed interface Answer {

    /**
     * The receiver has answered.
     *
     * @param retryAfter the header of that name, as it came
     */
    record Replied(int status, @Nullable String retryAfter) implements Answer {}

    /**
     * There was no answer.
     *
     * @param why in our own words: what a library or a receiver says may tell a client about places
     *     that it cannot see
     */
    record Failed(String why) implements Answer {}
  }
}
