"""The dot product of two vectors, with numpy."""

import numpy as np


def dot(item):
    """Item: a pair of arrays of equal length; or n, for i mod 7 and i mod 11 with i below n."""
    if type(item) is int and item >= 0:
        index = np.arange(item)
        return float(np.dot((index % 7).astype(float), (index % 11).astype(float)))
    if not (type(item) is list and len(item) == 2 and all(type(side) is list for side in item)):
        raise ValueError("dot needs two arrays of numbers, or an integer of 0 or more")
    left, right = item
    if len(left) != len(right):
        raise ValueError(
            "dot needs vectors of equal length and got %d and %d" % (len(left), len(right))
        )
    return float(np.dot(np.array(left, dtype=float), np.array(right, dtype=float)))
