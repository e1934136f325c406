"""The time for which items had a processor."""

import os
from time import process_time

from .descriptors import open_hidden


class ProcessorTime:
    """The seconds for which this process and its ended children had a processor, or needed one.

    A thread that is ready and waits for a processor counts as if it had one. A function that
    computes on a busy machine is therefore not taken for a function that waits. The kernel counts
    this wait for each thread; the wait of the main thread is read here.

    A reading takes a few µs. It is therefore left out for reports of less than a millisecond in
    the function, and the next reading covers them.
    """

    LEAST_RUN_SECONDS = 0.001

    def __init__(self, read=os.pread, times=os.times):
        self._read = read
        self._times = times
        self._before = 0.0
        try:
            self._waits = open_hidden("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:  # no /proc, or no such file in it
            self._waits = None

    def begin_job(self):
        """Begins anew, so that loading the function does not count."""
        self._before = self._seconds()

    def member(self, run):
        """Returns a member of a report's header; empty for a short one.

        run: the seconds in the function that the report covers
        """
        if run < self.LEAST_RUN_SECONDS:
            return ""
        now = self._seconds()
        used, self._before = now - self._before, now
        return ',"cpu":%.6f' % max(used, 0.0)

    def _seconds(self):
        times = self._times()
        return process_time() + times.children_user + times.children_system + self._waited()

    def _waited(self):
        if self._waits is None:
            return 0.0
        try:
            return int(self._read(self._waits, 64, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):  # closed by user code
            self._waits = None
            return 0.0
