"""Results as JSON text.

Most results are plain: the C encoder writes them. Only where the encoder fails, or two keys of an
object may have become one text, the result is gone through in Python.
"""

from math import isfinite

from .forms import Refused, form, full_name
from .json_text import new_encoder, slow_encoder

# Finds a key that may also be the text of a number, of a boolean or of None. Looking back from each
# colon takes a tenth of the time that the encoder took.
KEY_LIKE_ANOTHER = ':(?<=[0-9el]":)(?:(?<=[0-9]":)|(?<=true":)|(?<=alse":)|(?<=null":))'
PLAIN = frozenset((int, float, str, bool, type(None)))


def encode_plainly(value):
    """Writes JSON, with the forms of values that JSON does not have."""
    try:
        encoder = idle.pop()
    except IndexError:
        encoder = new_encoder(form)
    text = "".join(encoder(value, 0))
    idle.append(encoder)
    return text


# Encoders for the next results. An encoder that has failed still remembers what it was inside of,
# and is not used again. Each thread takes one of its own.
idle = []

try:
    assert encode_plainly({"a": [1, range(2)]}) == '{"a":[1,[0,1]]}'
except Exception:
    encode_plainly = slow_encoder(form)


def encode_result(value, non_finite):
    """Returns a result as UTF-8. Raises Unwritable for a result that has no JSON form.

    `non_finite` says what stands for NaN and the infinities: "null", "string", else nothing does.
    """
    try:
        text = encode_plainly(value)
        if "{" not in text or has_no_key_like_another(text) or has_one_kind_of_keys(value):
            return text.encode()
    except MemoryError:
        raise
    except Exception:
        pass  # reported below, with its place
    try:
        return encode_plainly(Plain(non_finite).of_result(value)).encode()
    except RecursionError:
        raise Unwritable("the result is nested too deeply") from None


def has_no_key_like_another(text):
    """Returns whether no key may also be the text of a number, of a boolean or of None."""
    global search
    if search is None:
        from re import compile  # takes half a millisecond, which workers without objects save

        search = compile(KEY_LIKE_ANOTHER).search
    return search(text) is None


search = None


def has_one_kind_of_keys(value):
    """Returns True if surely no object has two keys with one text, and all values are plain."""
    found = [value]
    for one in found:
        kind = type(one)
        if kind is dict:
            kinds = set(map(type, one))
            if len(kinds) > 1 or not PLAIN.issuperset(kinds):
                return False  # keys of one other type may be unequal and still be one text
            one = one.values()
        elif kind is not list and kind is not tuple:
            return False
        if not PLAIN.issuperset(map(type, one)):
            found.extend(element for element in one if type(element) not in PLAIN)
    return True


class Unwritable(Exception):
    """Says where a value without a JSON form stands in the result, and what to return instead."""


class Plain:
    """Makes a plain value of a result. If that is not possible, the error names the place."""

    def __init__(self, non_finite):
        self._non_finite = non_finite
        self._around = set()  # ids of the values that the current one is part of

    def of_result(self, value):
        return self._plain(value, None)

    def _plain(self, value, place):
        """Returns the plain form.

        place: (the place of the value around it, the key or index in it); None for the result
        """
        if isinstance(value, str):
            return self._text(value, place)
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, float):
            return value if isfinite(value) else self._instead_of(value, place)
        if id(value) in self._around:
            raise Unwritable("%s contains itself" % path(place))
        self._around.add(id(value))
        if isinstance(value, (list, tuple)):
            plain = []
            for index, element in enumerate(value):
                plain.append(self._plain(element, (place, index)))
        elif isinstance(value, dict):
            plain = {}
            for key, member in value.items():
                text = self._key(key, place)
                if text in plain:
                    raise Unwritable(
                        '%s has two keys that are both "%s" in JSON; make them different strings'
                        % (path(place), text)
                    )
                plain[text] = self._plain(member, (place, text))
        elif isinstance(value, (set, frozenset)):
            plain = []
            for element in value:
                plain.append(self._plain(element, (place, None)))
            plain.sort(key=rank)
        else:
            plain = self._plain(self._form(value, place), place)
        self._around.remove(id(value))
        return plain

    def _form(self, value, place):
        try:
            return form(value)
        except Refused as refused:
            raise Unwritable("%s %s; %s" % (path(place), refused.what, refused.remedy)) from None

    def _text(self, value, place):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unwritable(
                "%s is a string with a lone surrogate in it, which is not Unicode text;"
                ' return .encode("utf-8", "replace").decode() of it' % path(place)
            ) from None
        return value

    def _instead_of(self, number, place):
        if self._non_finite == "null":
            return None
        if self._non_finite == "string":
            return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"
        raise Unwritable(
            '%s is %s, which has no JSON form; return None or a string instead, or submit the job'
            ' with "nonFinite": "null" or "string"' % (path(place), float.__repr__(number))
        )

    def _key(self, key, place):
        """Returns a key as JSON has it: always a string."""
        plain = key
        if not isinstance(key, (str, int, float, type(None))):
            try:
                plain = form(key)
            except (Refused, TypeError):
                pass  # refused below
        if isinstance(plain, str):
            return str.__str__(self._text(plain, place))
        if plain is None or isinstance(plain, bool):
            return WORDS[plain]
        if isinstance(plain, int):
            return int.__repr__(plain)
        if isinstance(plain, float) and isfinite(plain):
            return float.__repr__(plain)
        name = "%r" % plain if isinstance(plain, float) else "of type " + full_name(type(key))
        raise Unwritable(
            "%s has a key %s, and keys are strings in JSON; use strings as keys, or return a list"
            " of pairs" % (path(place), name)
        )


WORDS = {None: "null", True: "true", False: "false"}


def rank(plain):
    """Returns a key that puts all plain values in one order."""
    if plain is None:
        return (0,)
    if isinstance(plain, bool):
        return 1, plain
    if isinstance(plain, (int, float)):
        return 2, plain, repr(plain)  # 1 and 1.0 may both be in a set of enums
    if isinstance(plain, str):
        return 3, plain
    if isinstance(plain, list):
        return 4, [rank(element) for element in plain]
    return 5, encode_plainly(plain)


def path(place):
    """Returns the place of a value, such as `result["a"][3]`."""
    steps = []
    while place is not None:
        place, step = place
        steps.append("[...]" if step is None else "[%s]" % encode_plainly(shortened(step)))
    return "result" + "".join(reversed(steps)) if steps else "the result"


def shortened(step):
    return step[:57] + "..." if isinstance(step, str) and len(step) > 60 else step


def explain(value, raised):
    """Returns why a result could not be written. Never raises, although user code may run here."""
    try:
        if isinstance(raised, Unwritable):
            return str(raised)
        name = full_name(type(value))
        return "the result (%s) cannot be written: %s: %s" % (name, type(raised).__name__, raised)
    except BaseException:
        return "the result cannot be written, and its error has no message"
