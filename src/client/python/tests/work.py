"""Functions and a class that only the tests have: they travel as the source of this module."""

import collections
import dataclasses
import datetime
import decimal
import functools
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


class Names(list):
    """A list with an attribute, which a pickle keeps beside the elements."""


class Ages(dict):
    pass


Pair = collections.namedtuple("Pair", "left right")


@dataclasses.dataclass
class Person:
    name: str
    friends: list


class OddError(Exception):
    """An exception whose constructor has other parameters than its args. It says how it is made."""

    def __init__(self, code, *, place):
        super().__init__("code %s at %s" % (code, place))
        self.code, self.place = code, place

    def __reduce__(self):
        return functools.partial(OddError, place=self.place), (self.code,)


class UnopenedError(Exception):
    """An exception that a pickle can hold, and that does not open."""

    def __init__(self, first, second):
        super().__init__("%s and %s" % (first, second))


def raises(kind):
    raise OddError(3, place="here") if kind == "odd" else UnopenedError("a", "b")


def random_value(rng, depth=0, numpy=None):
    """Returns a value of any kind: nested, cyclic, of a subclass, or with no form in JSON."""
    kinds = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randrange(-(10**9), 10**9),
        lambda: rng.choice([1, -1]) << rng.randrange(2990, 3020),
        lambda: rng.choice([0.0, -0.0, 1e308, 5e-324, rng.random(), math.inf, -math.inf, math.nan]),
        lambda: "".join(chr(rng.choice([65, 0, 10, 34, 92, 0xE9, 0xD800, 0x1F600])) for _ in "abc"),
        lambda: bytes(rng.randrange(256) for _ in range(5)),
        lambda: bytearray(b"xyz"),
        lambda: Count(7),
        lambda: complex(1, math.nan),
        lambda: range(3, 30, 4),
        lambda: frozenset(rng.sample(range(100), 3)),
        lambda: rng.choice([KeyError("x"), OSError(2, "no", "file"), OddError(5, place="there")]),
        lambda: datetime.datetime(2026, 11, 30, tzinfo=datetime.timezone.utc),
        lambda: decimal.Decimal("1.10"),
        lambda: rng.choice([Point, len, square, int.from_bytes]),
    ]
    if numpy is not None:
        kinds += [
            lambda: numpy.array([[1.5, math.nan], [math.inf, -0.0]], rng.choice(["f4", "f8"])),
            lambda: numpy.arange(6).reshape(2, 3).T,
            lambda: numpy.float32(rng.random()),
            lambda: numpy.array(["a", None, 3], object),
        ]
    if depth < 3:
        inner = lambda: random_value(rng, depth + 1, numpy)  # noqa: E731
        kinds += [
            lambda: [inner() for _ in range(rng.randrange(4))],
            lambda: tuple(inner() for _ in range(rng.randrange(4))),
            lambda: {"k%d" % i: inner() for i in range(rng.randrange(4))},
            lambda: {i: inner() for i in range(rng.randrange(3))},
            lambda: {(1, "k"): inner()},
            lambda: Pair(inner(), inner()),
            lambda: Person("p", [inner()]),
            lambda: _with_note(Names([inner()]), inner()),
            lambda: Ages(a=inner()),
            lambda: _in_itself(inner()),
        ]
    return rng.choice(kinds)()


def _with_note(value, note):
    value.note = note
    return value


def _in_itself(value):
    around = [value]
    around.append({"again": around})
    return around


def alike(one, other, seen=None):
    """Returns whether two values are equal in all parts, also where NaN or a cycle is in them."""
    seen = {} if seen is None else seen
    if id(one) in seen:
        return seen[id(one)][1] is other
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple, dict, BaseException, Person)):
        seen[id(one)] = one, other  # held, so that no other object gets the id
    inside = getattr(one, "__dict__", None)
    if isinstance(inside, dict) and not isinstance(one, (type, type(math), type(alike))):
        if not alike(inside, other.__dict__, seen):
            return False
    if isinstance(one, dict):
        one, other = list(one.items()), list(other.items())
    if isinstance(one, BaseException):
        return alike(one.args, other.args, seen)
    if type(one).__module__ == "numpy":
        same_form = (one.dtype, one.shape) == (other.dtype, other.shape)
        return same_form and alike(one.tolist(), other.tolist(), seen)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(alike(a, b, seen) for a, b in zip(one, other))
    if isinstance(one, (float, complex)):
        return repr(one) == repr(other)
    return isinstance(one, Person) or one == other
