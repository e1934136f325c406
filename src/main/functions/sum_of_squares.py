"""The sum of i * i for i from 0 to n - 1, by adding them up."""


def sum_of_squares(n):
    if type(n) is not int or n < 0:
        raise ValueError("sum_of_squares needs an integer of 0 or more and got %r" % (n,))
    return sum(i * i for i in range(n))
