package dev.manyhands.jobs.callback;

import dev.manyhands.support.BadSettingException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The receivers that callbacks may go to, as the operator has set them. Public addresses are always
 * allowed. Immutable.
 *
 * @param all whether callbacks may go to any address
 * @param networks networks whose addresses are allowed
 * @param names hosts that are allowed with all their addresses, in lower case
 */
public record AllowedReceivers(boolean all, List<Network> networks, Set<String> names) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");

  /** Allows public addresses only. */
  static final AllowedReceivers PUBLIC = new AllowedReceivers(false, List.of(), Set.of());

  /**
   * Reads the settings.
   *
   * @param all whether callbacks may go to any address
   * @param entries networks ({@code 10.1.0.0/16}), addresses, and names of hosts
   * @throws IllegalArgumentException if an entry is none of these
   */
  public static AllowedReceivers of(boolean all, List<String> entries) {
    var networks = new ArrayList<Network>();
    var names = new HashSet<String>();
    for (String entry : entries) {
      String text = entry.strip();
      try {
        networks.add(Network.parse(text));
      } catch (IllegalArgumentException noNetwork) {
        boolean isNumber = text.matches("[0-9.]*|.*\\.[0-9]+");
        if (isNumber || !NAME.matcher(text).matches()) {
          throw new BadSettingException(
              "manyhands.callback.allow: '"
                  + text
                  + "' must be a network such as 10.1.0.0/16, an address, or the name of a host");
        }
        names.add(plain(text));
      }
    }
    return new AllowedReceivers(all, List.copyOf(networks), Set.copyOf(names));
  }

  /** Whether a callback to this host may go to this address of the host. */
  boolean accept(String host, InetAddress address) {
    return acceptName(host)
        || PublicAddresses.contains(address)
        || networks.stream().anyMatch(network -> network.contains(address));
  }

  /** Whether a callback to this host may go to all addresses of the host. */
  boolean acceptName(String host) {
    return all || names.contains(plain(host));
  }

  /** Returns the name of a host as names are compared: in lower case, without the dot of DNS. */
  static String plain(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
