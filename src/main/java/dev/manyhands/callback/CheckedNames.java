package dev.manyhands.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Lets connections go to public addresses only. The HTTP client asks here once for each connection,
 * for names and for addresses alike, and connects to nothing but what it gets: between the check
 * and the connection no name is resolved again, so that one which leads somewhere else a moment
 * later (DNS rebinding) gains nothing.
 */
final class CheckedNames implements DnsResolver {

  /** Each that does not answer costs time. */
  private static final int MOST = 4;

  private final Names names;
  private final boolean allowPrivate;

  CheckedNames(Names names, boolean allowPrivate) {
    this.names = names;
    this.allowPrivate = allowPrivate;
  }

  /** A name that leads where callbacks may not go. */
  static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] found = names.resolve(host);
    // One bad address spoils the name: who gives such a mixture hopes for luck.
    if (!allowPrivate && !Arrays.stream(found).allMatch(PublicAddresses::contains)) {
      throw new ForbiddenAddressException();
    }
    if (found.length == 0) {
      throw new UnknownHostException();
    }
    return Arrays.copyOf(found, Math.min(found.length, MOST));
  }

  /** Only asked by ways to log in that are not used here. */
  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
