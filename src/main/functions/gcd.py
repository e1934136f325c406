"""The greatest common divisor by brute force, the classic lesson on process pools."""


def gcd(pair):
    """Tries divisors from the smaller number downwards. Item: a pair of positive integers."""
    if not (isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair)):
        raise ValueError("gcd needs a pair of integers, as in [12, 18], and got %r" % (pair,))
    a, b = pair
    if a < 1 or b < 1:
        raise ValueError("gcd needs two integers above 0 and got %d and %d" % (a, b))
    for divisor in range(min(a, b), 0, -1):
        if a % divisor == 0 and b % divisor == 0:
            return divisor
