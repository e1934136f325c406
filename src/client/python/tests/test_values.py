"""Envelopes: what goes in comes out, and JSON never sees what it cannot hold."""

import json
import math
import pickle
import random
import unittest

from manyhands import errors, values

from .work import Count, alike, random_value


class Odd(Exception):
    """An exception whose constructor has other parameters than its args."""

    def __init__(self, first, second):
        super().__init__("%s and %s" % (first, second))


def dumps(value):
    return pickle.dumps(value, 5)


class ValuesTest(unittest.TestCase):
    def test_random_values_come_back(self):
        rng = random.Random(20261130)
        for _ in range(3000):
            value = random_value(rng)
            text = values.encode(value, dumps)
            self.assertTrue(text.isascii())
            back = values.decode(json.loads(text), True)
            self.assertTrue(alike(value, back), (value, back))
            self.assertFalse(alike([value], [back, 1]))

    def test_plain_values_are_themselves(self):
        for value in (None, True, False, 0, -5, 2**3000 - 1, 0.5, 1e22, "", 'a"\n', "é"):
            self.assertEqual(json.loads(values.encode(value, dumps)), value)

    def test_others_are_pickles(self):
        for value in (math.nan, 2**3000, "\ud800", [], (), {}, b"", Count(1), {"p": "x"}):
            self.assertEqual(list(json.loads(values.encode(value, dumps))), ["p"])

    def test_a_pickle_is_not_opened_without_trust(self):
        with self.assertRaisesRegex(errors.NotTrusted, "trust=True"):
            values.decode({"p": "gASVAA=="}, False, "an-id")
        self.assertEqual(values.decode(3, False), 3)

    def test_exceptions_come_back_as_themselves(self):
        data = values.base64(dumps(KeyError("x")))
        error = self.error("KeyError", "'x'", data=data, traceback="Traceback …")
        raised = values.exception_of(error, True)
        self.assertEqual((type(raised), raised.args), (KeyError, ("x",)))
        self.assertEqual(type(raised.__cause__).__name__, "_RemoteTraceback")
        again = values.exception_of(error, True, values.POOL)
        self.assertEqual(type(again.__cause__).__name__, "RemoteTraceback")
        self.assertIsNot(raised, again)

    def test_exceptions_that_do_not_open_have_their_type_and_text(self):
        bad = values.base64(dumps(Odd("a", "b")))
        raised = values.exception_of(self.error("Odd", "a and b", data=bad), True)
        self.assertEqual((type(raised), str(raised)), (errors.ItemError, "Odd: a and b"))
        raised = values.exception_of(self.error("ValueError", "long"), True)
        self.assertEqual((type(raised), str(raised)), (ValueError, "long"))
        raised = values.exception_of(self.error("UnicodeDecodeError", "bad"), True)
        self.assertIsInstance(raised, errors.ItemError)

    def test_ends_of_workers_are_exceptions_of_pools(self):
        from concurrent.futures import TimeoutError
        from concurrent.futures.process import BrokenProcessPool

        crash = values.exception_of(self.error("SIGSEGV", "killed", "CRASH"), True)
        self.assertIsInstance(crash, BrokenProcessPool)
        self.assertIsInstance(values.exception_of(self.error("x", "y", "OOM"), True), MemoryError)
        late = values.exception_of(self.error("Timeout", "y", "TIMEOUT"), True)
        self.assertIsInstance(late, TimeoutError)

    @staticmethod
    def error(kind_of, message, kind="ERROR", data=None, traceback=None):
        made = {"index": 0, "kind": kind, "type": kind_of, "message": message, "attempts": 1}
        return {**made, "traceback": traceback, "data": data}
