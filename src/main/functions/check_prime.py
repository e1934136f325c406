"""Whether an integer is prime, by trial division."""

from math import isqrt


def check_prime(n):
    """Divides by 2, 3 and the numbers next to multiples of 6, up to the square root."""
    if type(n) is not int:
        raise ValueError("check_prime needs an integer and got %r" % (n,))
    if n < 4:
        return n > 1
    if n % 2 == 0 or n % 3 == 0:
        return False
    for divisor in range(5, isqrt(n) + 1, 6):
        if n % divisor == 0 or n % (divisor + 2) == 0:
            return False
    return True
