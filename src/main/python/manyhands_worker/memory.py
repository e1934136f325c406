"""The memory that items took."""

import os
from time import perf_counter as clock

from .descriptors import open_hidden


class PeakMemory:
    """The most memory that this process held while it ran the items of a report.

    The kernel keeps the peak (VmHWM) until it is reset. The peak of getrusage() cannot be reset,
    and begins with the memory of the process that forked the worker.

    A read takes 10 µs, as long as a tiny chunk. It is therefore made at most once a millisecond.
    The next report with a peak covers the time between two reads.
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
        except OSError:  # no /proc, or no permission to use it
            self._status = None

    def begin_job(self):
        """Resets the peak for a new job, whose first report shows the peak in any case."""
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
        """Returns a member of a report's header; empty if unknown, or if reported just now."""
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
        self._is_new = False  # memory that is freed before the next chunk does not count for it
        return ',"rss":%d' % held
