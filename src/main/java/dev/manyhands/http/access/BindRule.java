package dev.manyhands.http.access;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Refuses to listen beyond loopback without tokens, so that no stranger can call the service. */
public final class BindRule {
  private BindRule() {}

  /**
   * @param address where the service is to listen; null for all addresses
   * @throws OpenToStrangersException if the address is beyond this machine and there are no tokens
   */
  public static void check(@Nullable InetAddress address, BearerTokens tokens) {
    boolean loopback = address != null && address.isLoopbackAddress();
    if (!loopback && tokens.isEmpty()) {
      throw new OpenToStrangersException(
          "refusing to listen on "
              + (address == null ? "all addresses" : address.getHostAddress())
              + " without tokens: anyone who can reach it could run code here");
    }
  }

  /** Thrown because the service would run anybody's code. */
  public static final class OpenToStrangersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OpenToStrangersException(String message) {
      super(message);
    }
  }
}
