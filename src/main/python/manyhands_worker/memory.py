"""The memory that items took."""

import os
from time import perf_counter as clock

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # not on this platform
    RUSAGE_SELF, getrusage = 0, None

from .descriptors import open_hidden


class PeakMemory:
    """The most memory that this process held while it ran the items of a report.

    The kernel keeps the peak (VmHWM) until it is reset. The peak of getrusage() cannot be reset,
    and begins with the memory of the process that forked the worker.

    A read takes 10 to 20 µs, as long as a tiny chunk. It is therefore made at most once a
    millisecond. The next report with a peak covers the time between two reads. No read is made
    either while the last one is still true. A process gets memory by page faults only, which
    getrusage() counts. It gives memory back when it frees large items or results.
    """

    LEAST_SECONDS = 0.001
    LARGE_BYTES = 16_384

    def __init__(self, read=os.pread, write=os.write, usage=getrusage):
        self._read = read
        self._write = write
        self._usage = usage
        self._told = -self.LEAST_SECONDS
        self._is_new = True
        self._faults = None  # the count of page faults at the last read; None before it
        self._held = 0  # the memory that this process held at the last read
        self._chunk = 0  # bytes of the items of the chunk
        self._freed = 0  # bytes of items and results that may have been freed since the last read
        try:
            self._status = open_hidden("/proc/self/status", os.O_RDONLY)
            self._clear = open_hidden("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:  # no /proc, or no permission to use it
            self._status = None

    def begin_job(self):
        """Resets the peak for a new job, whose first report shows the peak in any case."""
        self._told = -self.LEAST_SECONDS
        self._begin()

    def begin_chunk(self, size):
        """Resets the peak if a report has been made since.

        size: bytes of the items
        """
        self._freed += size
        self._chunk = size
        if not self._is_new:
            self._begin()

    def _begin(self):
        if self._status is not None:
            try:
                self._write(self._clear, b"5")
                self._is_new = True
            except OSError:  # closed by user code
                self._status = None

    def member(self, size):
        """Returns a member of a report's header; empty if unknown, or if reported just now.

        size: bytes of the results in the report
        """
        self._freed += size
        now = clock()
        if self._status is None or now - self._told < self.LEAST_SECONDS:
            return ""
        self._told = now
        faults = self._count_faults()
        if faults is None or faults != self._faults or self._freed > self.LARGE_BYTES:
            return self._read_peak(size, faults)
        return ',"rss":%d' % self._held

    def _count_faults(self):
        if self._usage is None:
            return None
        usage = self._usage(RUSAGE_SELF)
        return usage.ru_minflt + usage.ru_majflt

    def _read_peak(self, size, faults):
        try:
            status = self._read(self._status, 4096, 0)
            peak, self._held = bytes_of(status, b"VmHWM:"), bytes_of(status, b"VmRSS:")
        except (OSError, ValueError):
            self._status = None
            return ""
        self._faults = faults  # counted before the read
        self._freed = self._chunk + size
        self._begin()
        self._is_new = False  # memory that is freed before the next chunk does not count for it
        return ',"rss":%d' % peak


def bytes_of(status, name):
    """Returns the amount of this name in the kernel's description of a process."""
    at = status.index(name) + len(name)
    return int(status[at : status.index(b"kB", at)]) * 1024
