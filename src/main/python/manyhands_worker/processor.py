"""The time for which items had a processor."""

import os
from time import perf_counter as clock
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
        """Returns a member of a report's header; empty for less than LEAST_RUN_SECONDS.

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


class ReadyTime:
    """The time for which threads of this process were ready and had no processor.

    On a busy machine, a thread that waits for a processor looks like one that waits for its data.
    The kernel counts the difference for each thread. A reading takes some 15 µs a thread, and is
    therefore made only after a time that is long by comparison. In between, the share of the last
    reading stands.
    """

    LEAST_SECONDS = 0.02
    LEAST_SECONDS_A_THREAD = 0.002

    def __init__(self, listdir=os.listdir, open_file=open):
        self._listdir = listdir
        self._open = open_file
        self.begin_job()

    def begin_job(self):
        self._read_at, self._seconds_then = clock(), self._seconds()
        self._share = 0.0

    def share(self, threads):
        """Returns for how many seconds, in each second, threads were ready without a processor.

        Summed over all threads; 0 if the kernel does not count.

        threads: how many run items; a reading takes longer for more of them
        """
        now = clock()
        passed = now - self._read_at
        if passed >= max(self.LEAST_SECONDS, self.LEAST_SECONDS_A_THREAD * threads):
            seconds = self._seconds()
            self._share = max(0.0, seconds - self._seconds_then) / passed
            self._read_at, self._seconds_then = now, seconds
        return self._share

    def _seconds(self):
        nanos = 0
        try:
            for thread in self._listdir("/proc/self/task"):
                try:
                    with self._open("/proc/self/task/%s/schedstat" % thread, "rb") as file:
                        nanos += int(file.read(64).split()[1])
                except (OSError, ValueError, IndexError):
                    pass  # the thread has ended, or the kernel does not count
        except OSError:  # no /proc, or no descriptor is left
            pass
        return nanos / 1e9
