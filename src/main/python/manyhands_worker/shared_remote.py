"""The calls that the service answers about one shared object, and the values in them."""

from .failures import cut
from .json_text import decode, encode, quoted
from .limits import TEXT_BYTES
from .result_text import Unwritable, encode_result
from .shared_calls import SharedFull, Stopped

END = 1 << 62  # an index after the end of any list; as seconds: no limit


class UnknownShared(KeyError):
    """Raised for a name that the job does not declare."""

    __module__ = "manyhands"
    __str__ = Exception.__str__  # a KeyError shows its message in quotes

    def __reduce__(self):
        return KeyError, self.args  # which exists in other processes, too


class Missing(Exception):
    """There is no such key or index."""


class Late(Exception):
    """The call has waited in vain."""


class Remote:
    """An object that the service holds: makes its calls, and reads and writes its values."""

    def __init__(self, name, calls, user, envelopes, non_finite):
        self.name = name
        self._calls = calls
        self._user = user
        self._envelopes = envelopes
        self._non_finite = non_finite
        self._head = b'{"op":"shared","object":%b,"do":"%%b","count":%%d,"call":' % (
            quoted(name).encode()
        )

    def call(self, do, *arguments):
        """Makes a call that does not wait; returns the text of the answer, empty for no value."""
        tail = b"}\n[%b]" % b",".join(arguments)
        header, body = self._calls.call(self._head % (do, len(arguments)), tail)
        return body if len(header) == 2 else self._unusual(header, body, 0)

    def wait(self, do, blocking, timeout, *arguments):
        """Makes a call that may wait; raises Late if it has waited in vain."""
        wait = b""
        if not blocking:
            wait = b',"wait":0'
        elif timeout is not None and timeout < END:
            wait = b',"wait":%b' % encode(float(timeout)).encode()
        if blocking and self._user.stopped():
            raise Stopped("the item is no longer wanted")
        chunk = self._user.running()[0]
        tail = b',"chunk":%d%b}\n[%b]' % (chunk, wait, b",".join(arguments))
        header, body = self._calls.call(self._head % (do, len(arguments)), tail)
        return body if len(header) == 2 else self._unusual(header, body, chunk)

    def _unusual(self, header, body, chunk):
        if header.get("missing"):
            raise Missing
        if header.get("late"):
            raise Late
        error = header.get("error")
        if error is None:
            return body
        message = "%r: %s" % (self.name, header.get("message", error))
        if error == "stopped":
            self._user.end_wait(chunk)
            raise Stopped(message)
        raise ERRORS.get(error, RuntimeError)(message)

    def text(self, value):
        """Returns a value as the service gets it: JSON as UTF-8."""
        if self._envelopes is not None:
            return self._envelopes.closed(value)
        return self._json(value)

    def number(self, n):
        """Returns a number that is added up, which has no envelope."""
        return self._json(n)

    def _json(self, value):
        try:
            return encode_result(value, self._non_finite)
        except Unwritable as why:
            # The messages are those for results.
            message = str(why).replace("result", "value", 1).replace("; return ", "; share ", 1)
        raise TypeError("%r: %s" % (self.name, cut(message, TEXT_BYTES)))

    def key(self, key):
        if isinstance(key, str):
            return quoted(str.__str__(key)).encode()
        if isinstance(key, int):
            return b"%d" % key
        raise TypeError(
            "%r: a key is text or an integer, and this one is of type %s; use str(key) or repr(key)"
            % (self.name, type(key).__name__)
        )

    def value(self, body):
        """Returns the value of an answer."""
        value = decode(body.decode()) if body else None
        return value if self._envelopes is None else self._envelopes.opened(value)

    def values(self, body):
        """Returns the values of an answer that is an array."""
        values = decode(body.decode())
        return values if self._envelopes is None else [*map(self._envelopes.opened, values)]

    def pairs(self, body):
        """Returns keys and values of an answer that is an array of pairs."""
        pairs = decode(body.decode())
        if self._envelopes is not None:
            return [(key, self._envelopes.opened(value)) for key, value in pairs]
        return [(key, value) for key, value in pairs]

    def compare_and_set(self, key, old, new):
        key, new = self.key(key), self.text(new)
        if self._envelopes is None:
            return self.call(b"compareAndSet", key, self.text(old), new) == b"true"
        # Equal Python values may have different pickles. The one that is there is compared here.
        while True:
            try:
                there = self.call(b"get", key)
            except Missing:
                return False
            if not self.value(there) == old:
                return False
            if self.call(b"compareAndSet", key, there, new) == b"true":
                return True


ERRORS = {"full": SharedFull, "type": TypeError, "unknown": UnknownShared}
