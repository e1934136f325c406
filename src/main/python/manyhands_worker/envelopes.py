"""Python values of any type in JSON, for jobs with `"values": "python"`.

A scalar is itself. Any other value is an object with its pickle, an *envelope*. The service opens
no envelope. The table for users is in docs/reference/values.md.
"""

import sys

from .failures import cut
from .forms import full_name, is_kind
from .json_text import encode, quoted

# Readers of JSON limit the digits of a number. Longer integers are therefore pickled.
MOST_BITS = 3_000
# Limit for the pickle of an exception, as base64. Longer pickles are left out.
MOST_DATA_BYTES = 64 * 1024
MOST_SUMMARY_BYTES = 120
PROTOCOL = 5

SCALARS = frozenset((int, float, str, bool, type(None)))


class Envelopes:
    """Opens and makes envelopes. Made for the first job with Python values, which loads pickle."""

    def __init__(self):
        from binascii import a2b_base64, b2a_base64
        from pickle import dumps, loads

        self._from_base64 = a2b_base64
        self._to_base64 = b2a_base64
        self._dumps = dumps
        self._loads = loads

    def opened(self, value):
        """Returns the Python value of an item, or of another value from a client."""
        kind = type(value)
        if kind in SCALARS:
            return value
        pickle = value.get("p") if kind is dict else None
        if type(pickle) is not str:
            raise TypeError(
                'with "values": "python" a value is a scalar or {"p": the base64 of a pickle}, and'
                " this one is %s" % ("an array" if kind is list else 'an object without "p"')
            )
        return self.loaded(pickle)

    def loaded(self, pickle):
        return self._loads(self._from_base64(pickle))

    def closed(self, value):
        """Returns a result as UTF-8: a scalar, or an envelope with a text for people."""
        if type(value) in SCALARS and is_short(value) is not False:
            try:
                return encode(value).encode()
            except UnicodeEncodeError:
                pass  # a lone surrogate, which has no UTF-8 form
        pickle = self._to_base64(self._pickled(value), newline=False)
        return b'{"p":"%b","s":%b}' % (pickle, quoted(summary(value)).encode())

    def error_data(self, raised):
        """Returns the member `data` of an error; none if the pickle fails or is too long."""
        try:
            data = self._to_base64(self._pickled(raised), newline=False)
        except BaseException:  # user code may run here; the error has its text in any case
            return {}
        return {"data": data.decode()} if len(data) <= MOST_DATA_BYTES else {}

    def _pickled(self, value):
        try:
            return self._dumps(value, PROTOCOL)
        except MemoryError:
            raise
        except Exception:
            # Classes and functions of a notebook have no module to be found in. The pickle of the
            # job's function has then brought this module.
            dumps = getattr(sys.modules.get("cloudpickle"), "dumps", None)
            if dumps is None:
                raise
            return dumps(value, protocol=PROTOCOL)


def is_short(value):
    """Returns whether a scalar may be itself; None for a string, which may have no UTF-8 form."""
    kind = type(value)
    if kind is int:
        return value.bit_length() <= MOST_BITS
    if kind is float:
        return value - value == 0  # neither NaN nor an infinity
    return None if kind is str else True


def are_short(values):
    """Returns False if an integer is too long. The encoder fails at others that need envelopes."""
    for value in values:
        if type(value) is int and value.bit_length() > MOST_BITS:
            return False
    return True


def summary(value):
    """Returns a text for people, which does not grow with the value. Never raises."""
    try:
        return cut(described(value), MOST_SUMMARY_BYTES)
    except BaseException:  # user code may run here
        return "<a value>"


def described(value):
    kind = type(value)
    if kind is int:
        return "<int of %d bits>" % value.bit_length()
    if kind is float or kind is complex:
        return repr(value)
    if kind in (str, bytes, bytearray):
        return "<%s of %d>" % (kind.__name__, len(value))
    if kind in (list, tuple, set, frozenset, dict):
        elements = (*value.keys(), *value.values()) if kind is dict and len(value) <= 8 else value
        if len(value) <= 8 and all(map(is_brief, elements)):
            return repr(value)
        return "<%s of %d>" % (kind.__name__, len(value))
    if is_kind(kind, "numpy", "ndarray"):
        return "<%s %s %s>" % (kind.__name__, value.shape, value.dtype)
    if is_kind(kind, "numpy", "generic"):
        return "<%s %s>" % (kind.__name__, value)
    return "<%s>" % full_name(kind)


def is_brief(value):
    kind = type(value)
    if kind is int:
        return value.bit_length() <= 64
    return len(value) <= 40 if kind is str else kind in SCALARS
