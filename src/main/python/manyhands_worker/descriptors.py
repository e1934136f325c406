"""Descriptors that user code does not find."""

import os
from fcntl import F_DUPFD_CLOEXEC, fcntl


def take_over(fd):
    """Moves a descriptor to where user code that closes everything below 100 does not find it."""
    try:
        return fcntl(fd, F_DUPFD_CLOEXEC, 200)
    except OSError:
        return os.dup(fd)


def open_hidden(path, flags):
    """Opens a file where user code that closes everything does not find it."""
    fd = os.open(path, flags)
    try:
        return take_over(fd)
    finally:
        os.close(fd)
