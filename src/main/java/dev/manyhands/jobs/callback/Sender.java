package dev.manyhands.jobs.callback;

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

  /** The result of an attempt. */
  sealed interface Answer {

    /**
     * The receiver has answered.
     *
     * @param retryAfter the header of that name, unchanged
     */
    record Replied(int status, @Nullable String retryAfter) implements Answer {}

    /**
     * There was no answer, or nothing could be sent.
     *
     * @param why in words of this service: the text of a library or a receiver may reveal places to
     *     a client that the client cannot see
     */
    record Failed(String why) implements Answer {}
  }
}
