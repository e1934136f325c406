package dev.manyhands.jobs.callback;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of addresses with a common beginning.
 *
 * @param prefix the first address of the range: 4 or 16 bytes. Nobody writes to this array.
 * @param bits how many bits of the prefix all addresses of the range have
 */
record Network(byte[] prefix, int bits) {

  /**
   * Reads a network as {@code 10.1.0.0/16}, or a single address as {@code 10.1.0.7}.
   *
   * @throws IllegalArgumentException if the text is neither; no name is looked up
   */
  static Network parse(String cidr) {
    String[] parts = cidr.split("/", 2);
    byte[] prefix = InetAddress.ofLiteral(parts[0]).getAddress();
    if (prefix.length == 4 && !parts[0].matches("\\d+(\\.\\d+){3}")) {
      throw new IllegalArgumentException("programs read an address with fewer numbers differently");
    }
    int most = 8 * prefix.length;
    int bits = parts.length == 1 ? most : Integer.parseUnsignedInt(parts[1]);
    if (bits > most) {
      throw new IllegalArgumentException("a network has at most " + most + " bits");
    }
    return new Network(prefix, bits);
  }

  boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  boolean contains(byte[] address) {
    if (address.length != prefix.length) {
      return false;
    }
    int whole = bits / 8;
    int mask = 0xFF00 >> (bits % 8) & 0xFF;
    return Arrays.equals(prefix, 0, whole, address, 0, whole)
        && (mask == 0 || ((prefix[whole] ^ address[whole]) & mask) == 0);
  }
}
