"""The process that an object belongs to.

A forked process has copies of its parent's objects. It must not end what the parent waits for, and
a lock that was taken in another thread is never released there.
"""

import os


class Owner:
    """The process that made this object."""

    def __init__(self):
        self._pid = os.getpid()

    def is_here(self):
        """Returns whether this is that process, and no fork of it."""
        return self._pid == os.getpid()

    def check(self, what):
        """Refuses the use in another process, before a lock is asked for."""
        if not self.is_here():
            raise RuntimeError(
                "this process was forked from the one of the %s: make a new one" % what
            )
