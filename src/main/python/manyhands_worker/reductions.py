"""Results that are combined, or end the job."""


class NotCombinable(Exception):
    pass


def number_of(value):
    """Returns a result as a number; a boolean counts as 1 or 0. Raises for any other type."""
    kind = type(value)
    if kind is int or kind is float:
        return value
    if kind is bool:
        return int(value)
    name = {type(None): "null", str: "a string", list: "an array", dict: "an object"}[kind]
    raise NotCombinable("this reduction takes numbers, and the result is " + name)


# Limit for an integer that is added. A longer result fails: it would take the service minutes.
MOST_DIGITS = 1_000_000
BITS_OF_MOST_DIGITS = 3_321_928  # an integer with this number of bits has at most MOST_DIGITS


def summand_of(value):
    """Returns a result as a number that can be added; raises for an integer that is too long."""
    number = number_of(value)
    if type(number) is int and number.bit_length() > BITS_OF_MOST_DIGITS:
        if abs(number) >= 10**MOST_DIGITS:
            raise NotCombinable("this reduction takes integers of at most %d digits" % MOST_DIGITS)
    return number


def partial_sum(items):
    """Returns the sum of the integers, and floats with the exact sum of all floats."""
    from math import fsum

    integers, floats = 0, []
    for _, value in items:
        if type(value) is float:
            floats.append(value)
        else:
            integers += value
    parts = []
    while floats:
        try:
            part = fsum(floats + [-part for part in parts])
        except OverflowError:  # too large for a float, though perhaps only an intermediate sum
            return [integers, *floats]
        if part == 0 and parts:
            break
        parts.append(part)
    return [integers, *parts]


def partial_extreme(better):
    def partial(items):
        best_index, best = items[0]
        for index, value in items:
            if better(value, best):
                best_index, best = index, value
        return [best_index, best]

    return partial


def partial_quantifier(decides, keeps):
    def partial(items):
        for index, value in items:
            if decides(value):
                return [index, value] if keeps else [index]
        return []

    return partial


def truthy(value):
    return bool(value)


def falsy(value):
    return not value


# By name: a function from result to number (None for any result), and one from results to partial.
REDUCTIONS = {
    "sum": (summand_of, partial_sum),
    "mean": (summand_of, partial_sum),
    "min": (number_of, partial_extreme(lambda a, b: a < b)),
    "max": (number_of, partial_extreme(lambda a, b: a > b)),
    "count": (None, lambda items: []),
    "any": (None, partial_quantifier(truthy, False)),
    "all": (None, partial_quantifier(falsy, False)),
    "find": (None, partial_quantifier(truthy, True)),
}


QUANTIFIERS = frozenset(("any", "all", "find"))


def same_json(a, b):
    """Returns whether two values are equal as JSON: numbers by value, and true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same_json, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    return a == b


def equal_to(wanted):
    """Returns a test for Python values. A value that cannot be compared is not equal."""

    def is_equal(value):
        try:
            return bool(value == wanted)
        except Exception:
            return False

    return is_equal


def matcher(header, opened=None):
    """Returns a test for results that count towards the early end of the job; None for none.

    opened: opens the envelopes of Python values; None for results that are JSON values
    """
    match = header.get("match")
    if match == "equals":
        wanted = header.get("equals")
        if opened is not None:
            return equal_to(opened(wanted))
        return lambda value: same_json(value, wanted)
    return {"truthy": truthy, "falsy": falsy}.get(match)
