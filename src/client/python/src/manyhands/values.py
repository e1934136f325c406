"""Envelopes: the JSON form of a Python value of any type, and of the error in place of a value.

None, True, False, ints, finite floats and texts are themselves. Anything else is `{"p": …}`: a
pickle of protocol 5, as base64. The service never opens an envelope.
"""

import builtins
import json
import pickle
from base64 import b64decode
from binascii import b2a_base64
from math import isfinite

from . import errors

MOST_BITS = 3000
SCALARS = frozenset((int, float, str, bool, type(None)))
_encoded_lines = json.JSONEncoder(separators=("\n", ":"), allow_nan=False).encode
_quoted = json.encoder.encode_basestring_ascii


def encode(value, dumps):
    """Returns the text of the envelope of a value. `dumps` makes a pickle of what JSON has not."""
    kind = type(value)
    if kind is int:
        if value.bit_length() <= MOST_BITS:
            return str(value)
    elif kind is str:
        if value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value):
            return _quoted(value)
    elif kind is float:
        if isfinite(value):
            return repr(value)
    elif value is None:
        return "null"
    elif kind is bool:
        return "true" if value else "false"
    return '{"p":"%s"}' % base64(dumps(value))


def packed_lines(items, values, dumps):
    """Returns items as lines of JSON."""
    text = _plain_lines(items)
    return text or "\n".join([packed(each, values, dumps) for each in items])


def _plain_lines(items):
    """Returns scalars as lines, by one call of the encoder; None if one needs an envelope."""
    kinds = set(map(type, items))
    if not kinds <= SCALARS:
        return None
    if int in kinds:
        numbers = items if len(kinds) == 1 else [each for each in items if type(each) is int]
        if max(map(int.bit_length, numbers)) > MOST_BITS:
            return None
    try:
        text = _encoded_lines(list(items))[1:-1]
    except ValueError:  # NaN or an infinity
        return None
    return None if "\\ud" in text else text  # perhaps a lone surrogate


def packed(value, values, dumps, star=False):
    """Returns the text of an item. Under `json` it is the value itself."""
    if values == "json":
        return json.dumps(list(value) if star and not isinstance(value, dict) else value)
    if star:
        value = value if isinstance(value, dict) else tuple(value)
    return encode(value, dumps)


def base64(pickled):
    return b2a_base64(pickled, newline=False).decode()


def decode(envelope, trusted, job_id=None):
    """Returns the value of an envelope. Opens a pickle only if the job is trusted."""
    kind = type(envelope)
    if kind is dict and "p" in envelope:
        if not trusted:
            raise errors.NotTrusted(job_id)
        return pickle.loads(b64decode(envelope["p"]))
    return envelope


def decode_item(envelope, trusted, job_id=None):
    """Returns an item: a value, or the arguments of a starmap one by one."""
    if type(envelope) is list:
        return [decode(each, trusted, job_id) for each in envelope]
    return decode(envelope, trusted, job_id)


class Flavour:
    """The exception types that a pool of the standard library would use for errors of items."""

    def __init__(self, name):
        self._name = name

    def cause(self, text):
        """Returns the cause of an exception, which shows the traceback of the worker."""
        if self._name == "pool":
            from multiprocessing.pool import RemoteTraceback as kind
        else:
            from concurrent.futures.process import _RemoteTraceback as kind
        return kind('\n"""\n%s"""' % text)

    def unserializable(self, error, pickling):
        if self._name == "pool":
            from multiprocessing.pool import MaybeEncodingError

            return MaybeEncodingError(pickling or error["message"], error["type"])
        return pickling or pickle.PicklingError(error["message"])


EXECUTOR = Flavour("executor")
POOL = Flavour("pool")


def exception_of(error, trusted, flavour=EXECUTOR):
    """Returns the exception for an item's error: the one that the function raised, if possible.

    Each call returns an object of its own, so that no two futures share a traceback.
    """
    made = _made(error, trusted, flavour)
    traceback = error.get("traceback")
    if traceback:
        made.__cause__ = flavour.cause(traceback)
    return made


def _made(error, trusted, flavour):
    kind, message = error["kind"], error["message"]
    original = _opened(error.get("data"), trusted)
    if kind == "UNSERIALIZABLE":
        return flavour.unserializable(error, original)
    if original is not None:
        return original
    if kind == "CRASH":
        return errors.WorkerCrash("%s: %s" % (error["type"], message))
    if kind == "OOM":
        return errors.OutOfMemory(message)
    if kind == "TIMEOUT":
        return errors.ItemTimeout(message)
    known = getattr(builtins, error["type"], None) or getattr(pickle, error["type"], None)
    if isinstance(known, type) and issubclass(known, (Exception, SystemExit)):
        try:
            return known(message)
        except Exception:
            pass  # a class with other parameters, such as UnicodeDecodeError
    return errors.ItemError(error["type"], message)


def _opened(data, trusted):
    if not data or not trusted:
        return None
    try:
        raised = pickle.loads(b64decode(data))
    except Exception:  # a constructor with other parameters, or a class that is not here
        return None
    return raised if isinstance(raised, BaseException) else None
