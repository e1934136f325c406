package dev.manyhands.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds what a host's name stands for. */
@FunctionalInterface
interface Names {

  Names SYSTEM = InetAddress::getAllByName;

  InetAddress[] resolve(String host) throws UnknownHostException;
}
