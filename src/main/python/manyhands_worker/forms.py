"""The JSON forms of Python values that JSON does not have.

The table for users is in docs/reference/values.md.

A form is a value that is closer to JSON, for example a list for a set. A form never depends on the
order of hashes, and nothing of the value is lost in it. Values without such a form are refused,
with a remedy.

Modules of these types are never imported here. A value of a type exists only after user code has
imported the type's module.
"""

import sys
from collections import deque

# Limit for an array or a range, which is small until it is written as a list. Others are refused.
MOST_ELEMENTS = 10_000
MOST_MAKERS = 200  # entries of `makers`; user code may make a type for each item


class Refused(Exception):
    """Raised for a value without a JSON form.

    what: the reason, as a phrase that begins with `is` or `has`
    remedy: what to return instead
    """

    def __init__(self, what, remedy):
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy


def form(value):
    """Returns the form of a value, whose elements may need forms too. Raises Refused for none."""
    kind = type(value)
    make = makers.get(kind)
    if make is None:
        make = maker_for(kind)
        if make is None:
            raise Refused("is of type %s, which has no JSON form" % full_name(kind), remedy(kind))
        if len(makers) < MOST_MAKERS:
            makers[kind] = make
    return make(value)


def maker_for(kind):
    for module, name, make in MAKERS:
        if is_kind(kind, module, name):
            return make
    return members_of_data if hasattr(kind, "__dataclass_fields__") else None


def is_kind(kind, module, name):
    known = getattr(sys.modules.get(module), name, None)
    return isinstance(known, type) and issubclass(kind, known)


def full_name(kind):
    name = own_name(kind)
    module = type.__dict__["__module__"].__get__(kind)
    is_plain = module in ("builtins", "__manyhands_function__")
    return name if is_plain or not isinstance(module, str) else "%s.%s" % (module, name)


def own_name(kind):
    """Returns the name of a type, past a metaclass of user code."""
    return type.__dict__["__name__"].__get__(kind)


def member_of_enum(value):
    return value.value


def members_of_data(value):
    fields = sys.modules["dataclasses"].fields(value)
    return {field.name: getattr(value, field.name) for field in fields}


def sorted_set(value):
    """Returns the elements in order, or raises TypeError where `<` might not order them."""
    kinds = set(map(type, value))
    if len(kinds) > 1 or not kinds <= ORDERED:
        raise TypeError("the forms of the elements must be ordered")
    return sorted(value)


ORDERED = frozenset((int, str))


def elements_in_order(value):
    refuse_many(len(value), "list(...) of it")
    return list(value)


def refuse_many(elements, all_of_it):
    if elements > MOST_ELEMENTS:
        raise Refused(
            "has %d elements, and at most %d are written" % (elements, MOST_ELEMENTS),
            "return %s if the reader wants all, or write it to a file and return its name"
            % all_of_it,
        )


def numpy_array(value):
    if value.ndim == 0:
        return value[()]
    refuse_many(value.size, "its .tolist()")
    kind = value.dtype.kind
    if kind in "biuOU" or kind == "f" and value.itemsize <= DOUBLE_BYTES:
        return value.tolist()
    if kind in "fM":
        return list(value)  # the elements have forms of their own
    raise Refused(
        "is an array of %s, which has no JSON form" % value.dtype,
        REMEDIES_OF_ARRAYS.get(kind, "return lists of numbers, strings, booleans or None"),
    )


DOUBLE_BYTES = 8
TEXT_OR_BASE64 = "return .decode() of text, or base64.b64encode(...).decode() of data"
SECONDS_OF_NUMPY = "divide it by numpy.timedelta64(1, 's') for seconds"
REMEDIES_OF_ARRAYS = {
    "c": "return [a.real.tolist(), a.imag.tolist()]",
    "m": SECONDS_OF_NUMPY,
    "S": "return .astype(str).tolist() of text, or lists of base64 of data",
    "V": "return a list of dicts",
}


def refuse_masked(value):
    raise Refused("is a masked array, which has no JSON form", "return its .tolist()")


def numpy_scalar(value):
    kind = value.dtype.kind
    if kind == "b":
        return bool(value)
    if kind in "iu":
        return int(value)
    if kind == "f":
        number = float(value)
        if number == value or number != number:
            return number
        raise Refused("has more digits than a double", "return float(...) or str(...) of it")
    if kind == "M":
        return str(value) if value == value else NAN
    raise Refused(
        "is of type %s, which has no JSON form" % full_name(type(value)),
        REMEDIES_OF_SCALARS.get(kind, "return numbers, strings, booleans or None"),
    )


REMEDIES_OF_SCALARS = {
    "c": "return [z.real, z.imag]",
    "m": SECONDS_OF_NUMPY,
    "S": TEXT_OR_BASE64,
    "V": "return a dict",
}
NAN = float("nan")


def iso_text(value):
    text = value.isoformat()
    return NAN if text == "NaT" else text


def seconds(value):
    number = value.total_seconds()
    if type(value)(seconds=number) != value:
        raise Refused("has more digits than a double", "return its days, seconds and microseconds")
    return number


def decimal_text(value):
    if value.is_nan():
        return float("nan")  # a signalling NaN cannot be converted
    return str(value) if value.is_finite() else float(value)


def path_text(value):
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(
            "is a path that is not Unicode text",
            "return base64.b64encode(os.fsencode(...)).decode() of it",
        ) from None
    return text


# The first that fits is taken: an Enum may be a date as well.
MAKERS = (
    ("enum", "Enum", member_of_enum),
    ("numpy", "generic", numpy_scalar),
    ("numpy.ma", "MaskedArray", refuse_masked),
    ("numpy", "ndarray", numpy_array),
    ("datetime", "date", iso_text),  # and datetime, its subclass
    ("datetime", "time", iso_text),
    ("datetime", "timedelta", seconds),
    ("uuid", "UUID", str),
    ("pathlib", "PurePath", path_text),
    ("decimal", "Decimal", decimal_text),
    ("array", "array", elements_in_order),
)

# By type: the function that makes the form. User code's own types are added.
makers = {
    set: sorted_set,
    frozenset: sorted_set,
    range: elements_in_order,
    deque: list,
    type({}.keys()): list,
    type({}.values()): list,
    type({}.items()): list,
}

REMEDIES = {
    "bytes": TEXT_OR_BASE64,
    "bytearray": TEXT_OR_BASE64,
    "memoryview": "return base64.b64encode(...).decode() of it",
    "complex": "return [z.real, z.imag]",
    "Fraction": "return str(...) of it, or [numerator, denominator]",
    "coroutine": "the function is async: call it through asyncio.run(...)",
    "DataFrame": 'return its .to_dict("records")',
    "type": "return its name",
    "function": "return its name",
}


def remedy(kind):
    """Returns what to do with a value of a type that has no form."""
    found = REMEDIES.get(kind.__name__)
    if found is not None:
        return found
    for method, found in (
        ("tolist", "return its .tolist()"),
        ("model_dump", 'return its .model_dump(mode="json")'),
        ("__next__", "return list(...) of it"),
        ("keys", "return dict(...) of it"),
        ("__iter__", "return list(...) of it"),
    ):
        if hasattr(kind, method):
            return found
    return "return numbers, strings, booleans, None, or lists and dicts of them"
