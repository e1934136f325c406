package dev.manyhands.jobs.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Resolves the name of a host to its addresses. */
@FunctionalInterface
interface Names {

  Names SYSTEM = InetAddress::getAllByName;

  InetAddress[] resolve(String host) throws UnknownHostException;
}
