"""Conversion of an item into a call of the function of the job."""

from .page import ITEM


def caller(function, call, common, streams, page):
    """Returns a function of the item. Made once a job, so that the loop makes no decisions."""
    if call == "starmap":

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


def json_name(item):
    if item is None:
        return "null"
    return {bool: "a boolean", str: "a string"}.get(type(item), "a number")
