package dev.manyhands.jobs.callback;

import dev.manyhands.model.Callback;
import dev.manyhands.model.Refusal;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks a callback at submission. Names are not resolved here, because a name may lead to another
 * address later. Addresses are checked at each attempt.
 */
final class CallbackRule {
  static final String URL = "/callback/url";
  static final String SECRET = "/callback/secret";
  private static final int LONGEST_URL = 2_048;
  private static final int MAX_PORT = 65_535;

  private final CallbackSettings settings;

  CallbackRule(CallbackSettings settings) {
    this.settings = settings;
  }

  void check(Callback callback) {
    checkUrl(callback.url());
    checkSecret(callback.secret());
  }

  private void checkUrl(String url) {
    if (url.length() > LONGEST_URL) {
      throw Refusal.invalid(URL, "must not be longer than " + LONGEST_URL + " characters");
    }
    URI uri = uri(url);
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw Refusal.invalid(URL, "must begin with http:// or https://");
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty()) {
      throw Refusal.invalid(URL, "must have the name or address of a host");
    }
    if (isNumberThatIsNoAddress(host)) {
      throw Refusal.invalid(
          URL,
          "must have an address in decimal numbers without leading zeros, or the name of a host");
    }
    if (uri.getRawUserInfo() != null) {
      throw Refusal.invalid(
          URL, "must have no user or password in it; the receiver checks the signature instead");
    }
    if (uri.getRawFragment() != null) {
      throw Refusal.invalid(URL, "must have no fragment (#…), which is never sent");
    }
    if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
      throw Refusal.invalid(URL, "must have a port between 1 and " + MAX_PORT);
    }
    if (!settings.allowed().acceptName(host) && isKnownToBeForbidden(host)) {
      throw Refusal.invalid(
          URL,
          "must lead to a public address; an operator can allow others by"
              + " manyhands.callback.allow");
    }
  }

  private static URI uri(String url) {
    try {
      if (StandardCharsets.US_ASCII.newEncoder().canEncode(url)) {
        return new URI(url);
      }
    } catch (URISyntaxException e) {
      // The cause is not passed on: its message repeats the URL, which may contain secrets.
    }
    throw Refusal.invalid(URL, "must be a URL, with other than ASCII characters as %xx");
  }

  /**
   * Whether a host is a number and no valid address. A host whose last part begins with a digit is
   * read as an address. Programs read a number such as 010.0.0.1 differently, as octal or as
   * decimal, so a checked number may lead elsewhere.
   */
  private static boolean isNumberThatIsNoAddress(String host) {
    char last = host.charAt(host.lastIndexOf('.', host.length() - 2) + 1);
    return last >= '0'
        && last <= '9'
        && (literal(host).isEmpty()
            || Arrays.stream(host.split("\\.", -1))
                .anyMatch(part -> part.length() > 1 && part.startsWith("0")));
  }

  /**
   * Whether a host is forbidden without a lookup: an address that is not allowed, or a name of this
   * machine.
   */
  private boolean isKnownToBeForbidden(String host) {
    String name = AllowedReceivers.plain(host);
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return true;
    }
    if (!name.startsWith("[")) {
      return literal(name).filter(address -> !isAllowed(address)).isPresent();
    }
    // A host in brackets that is no literal has the zone of an interface, where no address is
    // public. A mapped IPv4 address in brackets is refused too, because nothing needs that form.
    return literal(name.substring(1, name.length() - 1))
        .filter(address -> isAllowed(address) && !(address instanceof Inet4Address))
        .isEmpty();
  }

  private boolean isAllowed(InetAddress address) {
    return settings.allowed().accept(address.getHostAddress(), address);
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException aName) {
      return Optional.empty();
    }
  }

  private void checkSecret(@Nullable String secret) {
    if (secret != null && SigningKey.parse(secret).isEmpty()) {
      throw Refusal.invalid(SECRET, "must be " + SigningKey.FORM);
    }
    if (secret == null && settings.secret() == null) {
      throw Refusal.invalid(
          SECRET,
          "is needed, since this service has none of its own (manyhands.callback.secret): "
              + SigningKey.FORM);
    }
  }
}
