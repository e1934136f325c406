"""The functions of the benchmark: ordinary user functions, the same text for every contender.

Ours gets the source of one of them as `code`; the peers import this module. Each brings its own imports, so that its text stands
alone.
"""


def gcd(pair):
    """The greatest common divisor by brute force."""
    a, b = pair
    for divisor in range(min(a, b), 0, -1):
        if a % divisor == 0 and b % divisor == 0:
            return divisor


def check_prime(n):
    """Whether n is prime, by trial division by the odd numbers."""
    if n % 2 == 0:
        return n == 2
    divisor = 3
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 2
    return n > 1


def estimate_pi(item):
    """Item: [seed, samples]. The seed makes it the same number for every contender."""
    import random

    seed, samples = item
    draw = random.Random(seed).random
    inside = 0
    for _ in range(samples):
        x, y = draw(), draw()
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / samples


def estimate_pi_numpy(item):
    """Does the work of estimate_pi with arrays."""
    import numpy as np

    seed, samples = item
    points = np.random.default_rng(seed).random((2, samples))
    return 4.0 * int(((points * points).sum(axis=0) <= 1.0).sum()) / samples


def identity(x):
    return x


def burn(steps):
    """Runs steps of a linear congruential generator: work whose amount is exactly known."""
    x = 42
    for _ in range(steps):
        x = (1103515245 * x + 12345) & 0x7FFFFFFF
    return x


def wait(seconds):
    """Waits, as the caller of a download does."""
    import time

    time.sleep(seconds)
    return seconds


ALL = [gcd, check_prime, estimate_pi, estimate_pi_numpy, identity, burn, wait]
