"""The memory that items took."""

import os
from time import perf_counter as clock

from .descriptors import open_hidden


class PeakMemory:
    """The most memory that this process held while it ran the items of a report.

    The kernel remembers the most there was (VmHWM) until it is told to begin anew. What
    getrusage() tells cannot be reset, and begins with what the process held that forked us.

    To read it takes 10 µs, as much as a tiny chunk: so no more than once a millisecond. What was
    held between shows in the next report that tells.
    """

    LEAST_SECONDS = 0.001

    def __init__(self, read=os.pread, write=os.write):
        self._read = read
        self._write = write
        self._told = -self.LEAST_SECONDS
        self._is_new = True
        try:
            self._status = open_hidden("/proc/self/status", os.O_RDONLY)
            self._clear = open_hidden("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:  # no /proc, or no leave to use it
            self._status = None

    def begin_job(self):
        """What the job before held is none of this one's, and its first report tells."""
        self._told = -self.LEAST_SECONDS
        self._begin()

    def begin_chunk(self):
        if not self._is_new:
            self._begin()

    def _begin(self):
        if self._status is not None:
            try:
                self._write(self._clear, b"5")
                self._is_new = True
            except OSError:  # closed by user code
                self._status = None

    def member(self):
        """A member of a report's header; empty where it is not known, or was told just now."""
        now = clock()
        if self._status is None or now - self._told < self.LEAST_SECONDS:
            return ""
        self._told = now
        try:
            status = self._read(self._status, 4096, 0)
            at = status.index(b"VmHWM:") + 6
            held = int(status[at : status.index(b"kB", at)]) * 1024
        except (OSError, ValueError):
            self._status = None
            return ""
        self._begin()
        self._is_new = False  # what is given back before the next chunk is not that one's
        return ',"rss":%d' % held
