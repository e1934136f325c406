"""Descriptors that are hidden from user code."""

import os
from fcntl import F_DUPFD_CLOEXEC, fcntl


def take_over(fd):
    """Returns a copy of a descriptor, from 200 on if possible: user code may close lower ones.

    The descriptor itself stays open.
    """
    try:
        return fcntl(fd, F_DUPFD_CLOEXEC, 200)
    except OSError:
        return os.dup(fd)


def open_hidden(path, flags):
    """Opens a file, and returns a descriptor as take_over() does."""
    fd = os.open(path, flags)
    try:
        return take_over(fd)
    finally:
        os.close(fd)
