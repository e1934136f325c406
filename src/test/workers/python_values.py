"""Sends random Python values through a real worker and back, and compares them.

    python3 python_values.py path/to/start.py [number of values] [seed]

The values come back equal: nested, of subclasses, not finite, huge, with lone surrogates, cyclic,
dataclasses, exceptions with odd constructors, and arrays if numpy is installed. The worker runs the
identity function. This file is the service's end of its pipes, and the client's end of envelopes.
"""

import array
import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math
import os
import pickle
import random
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    numpy = None

MODULE = '''
import collections, dataclasses, enum

class Color(enum.Enum):
    RED = 1

class Level(enum.IntEnum):
    LOW = 1

class Text(str):
    pass

class Number(int):
    pass

@dataclasses.dataclass
class Point:
    x: object
    y: object

class Slots:
    __slots__ = ("a",)
    def __init__(self, a):
        self.a = a
    def __eq__(self, other):
        return type(other) is Slots and same(self.a, other.a)

Pair = collections.namedtuple("Pair", "left right")

class Odd(Exception):
    """Its constructor takes other arguments than its args, so that it has its own way back."""
    def __init__(self, code, *, why):
        super().__init__("code %d: %s" % (code, why))
        self.code, self.why = code, why
    def __reduce__(self):
        return remake, (self.code, self.why)

class Lost(Exception):
    """It can be pickled, and its pickle does not open."""
    def __init__(self, a, b):
        super().__init__("lost")

def remake(code, why):
    return Odd(code, why=why)
'''

EXACT = (int, float, str, bool, type(None))


def envelope(value):
    """Makes an envelope as a client does."""
    if type(value) in EXACT:
        if type(value) is int and value.bit_length() <= 3000:
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if value is None or type(value) is bool:
            return value
        if type(value) is str and not any(0xD800 <= ord(c) < 0xE000 for c in value):
            return value
    return {"p": base64.b64encode(pickle.dumps(value, protocol=5)).decode()}


def opened(value):
    if type(value) is dict:
        assert set(value) == {"p", "s"} and len(value["s"]) <= 120, value
        return pickle.loads(base64.b64decode(value["p"], validate=True))
    assert type(value) is not list, value
    return value


def same(a, b):
    """Compares types as well, and takes NaN for equal to itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (a != a and b != b)
    if isinstance(a, (list, tuple, collections.deque)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, BaseException):
        return same(a.args, b.args) and same(vars(a), vars(b))
    if dataclasses.is_dataclass(a):
        return same(vars(a), vars(b))
    if numpy is not None and isinstance(a, (numpy.ndarray, numpy.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return a == b


class Values:
    """Random values."""

    def __init__(self, seed, kinds):
        self.random = random.Random(seed)
        self.kinds = kinds

    def any(self, depth=3):
        choice = self.random.random
        if depth == 0 or choice() < 0.35:
            return self.scalar()
        return self.random.choice((self.collection, self.object))(depth)

    def scalar(self):
        one = self.random
        return one.choice(
            (
                lambda: None,
                lambda: one.random() < 0.5,
                lambda: one.randint(-9, 9),
                lambda: one.choice((-1, 1)) * one.getrandbits(one.choice((53, 64, 2999, 3001, 20_000))),
                lambda: one.choice((-1, 1)) * 2 ** one.choice((2999, 3000)),
                lambda: one.choice((0.0, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf)),
                lambda: one.gauss(0, 1e9),
                self.text,
                lambda: self.text().encode("utf-8", "surrogatepass"),
                lambda: complex(one.random(), 1),
            )
        )()

    def text(self):
        signs = 'ab\n\r\t"\\\0\x1e\x7f{}[]:, \u2028é\U0001f92f\ud83e\udd2f\udc80'
        return "".join(self.random.choices(signs, k=self.random.choice((0, 1, 5, 300))))

    def collection(self, depth):
        one = self.random
        elements = [self.any(depth - 1) for _ in range(one.randint(0, 4))]
        return one.choice(
            (
                lambda: elements,
                lambda: tuple(elements),
                lambda: {self.text(): element for element in elements},
                lambda: {number: element for number, element in enumerate(elements)},
                lambda: {(1, True): elements, None: 2.5},
                lambda: collections.deque(elements),
                lambda: collections.OrderedDict(enumerate(elements)),
                lambda: {one.randint(0, 9) for _ in range(4)},
                lambda: frozenset((self.text(), b"x")),
            )
        )()

    def object(self, depth):
        one, kinds = self.random, self.kinds
        inner = self.any(depth - 1)
        makers = [
            lambda: kinds.Color.RED,
            lambda: kinds.Level.LOW,
            lambda: kinds.Text(self.text()),
            lambda: kinds.Number(one.getrandbits(70)),
            lambda: kinds.Point(inner, self.scalar()),
            lambda: kinds.Slots(inner),
            lambda: kinds.Pair(inner, None),
            lambda: kinds.Odd(one.randint(0, 99), why="no reason"),
            lambda: ValueError(self.text(), inner),
            lambda: KeyError(one.random()),
            lambda: OSError(2, "no such file", "a.csv"),
            lambda: datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc),
            lambda: datetime.timedelta(one.randint(-9, 9), one.random()),
            lambda: decimal.Decimal(str(one.random())),
            lambda: fractions.Fraction(one.randint(1, 9), 7),
            lambda: range(one.randint(0, 9)),
            lambda: array.array("d", [one.random()] * 3),
            lambda: bytearray(self.text().encode("utf-8", "surrogatepass")),
            lambda: slice(1, None, 2),
            lambda: kinds.Point,
            lambda: math.gcd,
        ]
        if numpy is not None:
            makers += [
                lambda: numpy.float32(one.random()),
                lambda: numpy.int64(one.getrandbits(60)),
                lambda: numpy.arange(one.randint(0, 30), dtype=one.choice(("i2", "f8", "c16"))),
                lambda: numpy.array([[True, False]]),
                lambda: numpy.datetime64("2026-01-31"),
            ]
        return one.choice(makers)()


class Worker:
    """A worker process, with this process in the place of the service."""

    def __init__(self, start, directory):
        control = os.path.join(directory, "control")
        with open(control, "wb") as file:
            file.write(bytes(4096))
        environment = {**os.environ, "MANYHANDS_CONTROL": control, "TMPDIR": directory}
        self.process = subprocess.Popen(
            [sys.executable, "-s", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self.receive()[0]["op"] == "ready"

    def send(self, header, body=None):
        frame = json.dumps(header).encode()
        if body is not None:
            frame += b"\n" + json.dumps(body).encode()
        self.process.stdin.write(len(frame).to_bytes(4, "big") + frame)
        self.process.stdin.flush()

    def receive(self):
        size = int.from_bytes(self.process.stdout.read(4), "big")
        assert size, "the worker has ended"
        header, _, body = self.process.stdout.read(size).partition(b"\n")
        return json.loads(header), json.loads(body) if body else None

    def run(self, number, items):
        self.send({"op": "chunk", "chunk": number, "first": 0, "count": len(items)}, items)
        values, errors = [], []
        while True:
            header, body = self.receive()
            assert header["op"] == "outcomes", header
            values += body
            errors += header.get("errors", [])
            if header["last"]:
                return values, errors

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0


def main(start, count=400, seed=None):
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(4300)  # as in the process of a client
    seed = random.randrange(2**32) if seed is None else int(seed)
    kinds = type(sys)("kinds_of_values")
    vars(kinds)["same"] = same
    sys.modules[kinds.__name__] = kinds
    exec(MODULE, vars(kinds))
    values = Values(seed, kinds)
    with tempfile.TemporaryDirectory() as directory:
        worker = Worker(start, directory)
        modules = {"kinds_of_values.py": MODULE}
        code = "import kinds_of_values\ndef f(x):\n    if isinstance(x, Exception): raise x\n    return x"
        worker.send({"op": "load", "code": code, "entry": "f", "modules": modules})
        assert worker.receive()[0]["op"] == "loaded"
        for number, threads in ((1, 1), (2, 3)):
            worker.send({"op": "job", "job": "a", "call": "map", "threads": threads, "values": "python"})
            sent = [values.any() for _ in range(int(count) // 2)]
            cyclic = []
            cyclic.append(cyclic)
            lost = kinds.Lost(1, 2)
            got, errors = worker.run(number, [envelope(v) for v in [*sent, cyclic, lost]])
            errors = {error["index"]: error for error in errors}
            for index, value in enumerate(sent):
                if isinstance(value, Exception):
                    back = pickle.loads(base64.b64decode(errors[index]["data"]))
                    assert errors[index]["type"] == type(value).__name__
                else:
                    assert index not in errors, errors[index]
                    back = opened(got[index])
                assert same(value, back), "seed %d, item %d: %r became %r" % (seed, index, value, back)
            back = opened(got[-2])
            assert back[0] is back
            # An exception whose pickle does not open cannot be an item either.
            assert errors[len(sent) + 1]["type"] == "TypeError", errors[len(sent) + 1]
        worker.end()
    print("ok: %s values, seed %d, numpy %s" % (count, seed, numpy and numpy.__version__))


if __name__ == "__main__":
    main(*sys.argv[1:])
