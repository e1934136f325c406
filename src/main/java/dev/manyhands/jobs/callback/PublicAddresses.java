package dev.manyhands.jobs.callback;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Defines which addresses belong to the public internet. The URL of a callback comes from a client.
 * The client must not reach addresses through this service that only this service can reach:
 * loopback, the inner network, the cloud's metadata (server-side request forgery).
 *
 * <p>For IPv4, every range that IANA lists as not globally reachable is excluded. For IPv6, only
 * the range for global unicast is allowed. Unique-local, link-local, multicast, IPv4-mapped and
 * IPv4-compatible addresses are therefore excluded without a list. Java turns a mapped address into
 * an IPv4 address, which is then checked as such.
 */
final class PublicAddresses {

  private static final List<Network> RESERVED =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10", // carriers' NAT
              "127.0.0.0/8",
              "168.63.129.16/32", // inner services of Azure, although the range is public
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4",
              "2001::/23", // protocols, among them Teredo, which holds an IPv4 address
              "2001:db8::/32",
              "2002::/16", // 6to4, which holds an IPv4 address
              "3fff::/20")
          .map(Network::parse)
          .toList();

  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  /**
   * Addresses by which an IPv6-only network reaches IPv4. The last four bytes are the IPv4 address.
   */
  private static final Network NAT64 = Network.parse("64:ff9b::/96");

  private PublicAddresses() {}

  static boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  private static boolean contains(byte[] address) {
    if (NAT64.contains(address)) {
      return contains(Arrays.copyOfRange(address, 12, 16));
    }
    return (address.length == 4 || GLOBAL_UNICAST.contains(address))
        && RESERVED.stream().noneMatch(network -> network.contains(address));
  }
}
