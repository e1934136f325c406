"""Points thrown at the unit square: four times those inside the quarter circle, over all, is pi."""

import random


def estimate_pi(points):
    """How many of so many random points are inside. With a seed the result is reproducible."""
    if type(points) is not int or points < 0:
        raise ValueError("estimate_pi needs an integer of 0 or more and got %r" % (points,))
    uniform = random.random
    inside = 0
    for _ in range(points):
        x, y = uniform(), uniform()
        if x * x + y * y <= 1:
            inside += 1
    return inside
