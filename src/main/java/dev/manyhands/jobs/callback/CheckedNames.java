package dev.manyhands.jobs.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Lets connections go to allowed addresses only. The HTTP client resolves names and addresses here,
 * once for each connection, and connects only to the result. No name is resolved again between the
 * check and the connection. A name that leads elsewhere a moment later (DNS rebinding) therefore
 * gains nothing.
 */
final class CheckedNames implements DnsResolver {

  /**
   * Limit for the addresses of a name that are tried; the others are dropped. Each address that
   * does not answer costs time.
   */
  private static final int MOST = 4;

  private final Names names;
  private final AllowedReceivers allowed;

  CheckedNames(Names names, AllowedReceivers allowed) {
    this.names = names;
    this.allowed = allowed;
  }

  /** Thrown for a name that leads to a forbidden address. */
  static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] found = names.resolve(host);
    // One forbidden address is enough to refuse the name. A mixture of addresses is probably an
    // attack.
    if (!Arrays.stream(found).allMatch(address -> allowed.accept(host, address))) {
      throw new ForbiddenAddressException();
    }
    if (found.length == 0) {
      throw new UnknownHostException();
    }
    return Arrays.copyOf(found, Math.min(found.length, MOST));
  }

  /** Called only by kinds of authentication that are not used here. */
  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}
