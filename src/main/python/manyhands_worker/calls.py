"""Conversion of an item into a call of the function of the job."""

from .envelopes import SCALARS
from .page import ITEM


def caller(function, call, common, streams, page, opened=None):
    """Returns the function to call with each item. Made once a job: the loop then decides nothing.

    opened: opens the envelopes of Python values; None for items that are JSON values
    """
    if opened is not None:
        run = opening(function, call, common, opened)

    elif call == "starmap":

        def run(item):
            if type(item) is list:
                return function(*item, **common)
            if type(item) is dict:
                return function(**{**common, **item})
            raise TypeError(
                "starmap spreads an array or an object over the parameters, and this item is %s;"
                ' use "call": "map", or put the item in an array' % json_name(item)
            )

    elif common:

        def run(item):
            return function(item, **common)

    else:
        run = function
    if streams is None:
        return run

    def run_seeded(item):
        streams.begin(page[ITEM])
        return run(item)

    return run_seeded


def opening(function, call, common, opened):
    """Returns the function to call with each item in its envelope; raises if one does not open."""
    if call == "starmap":

        def run(item):
            if type(item) is list:
                return function(*map(opened, item), **common)
            value = opened(item)
            if isinstance(value, (list, tuple)):
                return function(*value, **common)
            if isinstance(value, dict):
                return function(**{**common, **value})
            raise TypeError(
                "starmap spreads a list, a tuple or a dict over the parameters, and this item is"
                ' of type %s; use "call": "map", or put the item in a tuple' % type(value).__name__
            )

    elif common:

        def run(item):
            return function(opened(item), **common)

    else:

        def run(item):
            return function(item if type(item) in SCALARS else opened(item))

    return run


def json_name(item):
    if item is None:
        return "null"
    return {bool: "a boolean", str: "a string"}.get(type(item), "a number")
