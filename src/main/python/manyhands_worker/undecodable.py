"""Chunks whose items cannot be decoded together: only the bad items fail."""

from .json_text import decode


def decode_each(body):
    """Decodes the items of a chunk one by one, so that only the bad items fail."""
    items = []
    for text in elements(body):
        try:
            items.append(decode(text))
        except Exception as raised:
            items.append(Undecodable("%s: %s" % (type(raised).__name__, raised)))
    return items


class Undecodable:
    """Stands for an item that cannot be decoded, mostly because it is nested too deep."""

    def __init__(self, why):
        self.why = why


def refusing_undecodable(call):
    def run(item):
        if type(item) is Undecodable:
            raise ValueError("this item cannot be decoded: " + item.why)
        return call(item)

    return run


def elements(text):
    """Yields the texts of the elements of a JSON array, found by its brackets alone."""
    import re

    depth, start = 0, 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', text):
        kind = token.group()
        if kind in "[{":
            depth += 1
            if depth == 1:
                start = token.end()
        elif kind in "]}":
            depth -= 1
            if depth == 0 and text[start : token.start()].strip():
                yield text[start : token.start()]
        elif kind == "," and depth == 1:
            yield text[start : token.start()]
            start = token.end()
