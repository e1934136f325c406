"""Keeps a processor busy, by a number of steps that can be chosen."""


def cpu_heavy(n):
    """n steps of the generator x = (1103515245 x + 12345) mod 2**31 from 42 on; the last x."""
    if type(n) is not int or n < 0:
        raise ValueError("cpu_heavy needs an integer of 0 or more and got %r" % (n,))
    x = 42
    for _ in range(n):
        x = (1103515245 * x + 12345) & 0x7FFFFFFF
    return x
