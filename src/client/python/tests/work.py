"""Functions and a class that only the tests have: they travel as the source of this module."""

import math
import os
import socket
import time

import manyhands as mh


class Point:
    """A class of a module that only the caller has."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(other) is Point and other.x == self.x

    def __hash__(self):
        return hash(self.x)

    def moved(self, by):
        return Point(self.x + by)


def square(x):
    return x * x


def same(x):
    return x


def waits_at(port, number):
    """Connects to a port of the test, and returns once the test has closed the connection."""
    with socket.create_connection(("127.0.0.1", port)) as gate:
        gate.recv(1)
    return number


def slowly(x):
    time.sleep(0.2)
    return x


def prints(lines):
    for number in range(lines):
        print("line", number, flush=True)
        time.sleep(0.4)


def fails_at_two(x):
    if x == 2:
        raise LookupError("no", x)
    return x


def crash_at_two(x):
    if x == 2:
        os.abort()
    return x


@mh.function(timeout=60)
def decorated(x):
    """Says what it does."""
    return x + 1 if x < 5 else decorated(x - 5)


def who(x):
    import manyhands

    try:
        manyhands.map(abs, [1])
    except RuntimeError as refused:
        return manyhands.item_index(), manyhands.stopped(), str(refused)


class Count(int):
    pass


def random_value(rng, depth=0):
    kinds = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randrange(-(10**9), 10**9),
        lambda: 1 << rng.randrange(2990, 3020),
        lambda: rng.choice([0.0, -0.0, 1e308, 5e-324, rng.random(), math.inf, -math.inf]),
        lambda: "".join(chr(rng.choice([65, 0, 10, 34, 92, 0xE9, 0xD800, 0x1F600])) for _ in "abc"),
        lambda: bytes(rng.randrange(256) for _ in range(5)),
        lambda: Count(7),
        lambda: complex(1, 2),
    ]
    if depth < 3:
        inner = lambda: random_value(rng, depth + 1)  # noqa: E731
        kinds += [
            lambda: [inner() for _ in range(rng.randrange(4))],
            lambda: tuple(inner() for _ in range(rng.randrange(4))),
            lambda: {"k%d" % i: inner() for i in range(rng.randrange(4))},
            lambda: {i: inner() for i in range(rng.randrange(3))},
        ]
    return rng.choice(kinds)()
