"""Whether an integer has a divisor in a range: "is n prime?" cut into pieces.

Ask with one item a piece and `"reduce": "find"`: the first divisor found ends the job everywhere.
"""

from math import isqrt

import manyhands

POLL_EVERY = 1 << 16


def check_prime_range(item, n=None, size=None):
    """The least divisor of n from start up to, but without, stop, or None if there is none.

    Item: [n, start, stop]; or just start, where `common` gives n and the size of a piece. Divisors
    above the square root of n are not looked for, as each has one below it.
    """
    whole = isinstance(item, list) and len(item) == 3
    n, start, stop = item if whole else (n, item, None if size is None else item + size)
    if not all(type(number) is int for number in (n, start, stop)):
        raise ValueError(
            "check_prime_range needs [n, start, stop], or start with n and size in common, and got %r"
            % (item,)
        )
    if n < 2 or start < 2:
        raise ValueError("check_prime_range needs n and start of 2 or more and got %d and %d" % (n, start))
    for first in range(start, min(stop, isqrt(n) + 1), POLL_EVERY):
        if manyhands.stopped():
            return None
        for divisor in range(first, min(first + POLL_EVERY, stop, isqrt(n) + 1)):
            if n % divisor == 0:
                return divisor
    return None
