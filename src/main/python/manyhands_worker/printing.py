"""Output of user code, marked with the item that printed it."""

import os
import sys
from _thread import allocate_lock
from io import BufferedWriter, FileIO, TextIOWrapper

from .limits import TEXT_BYTES

MARK = b"\x1e"
MOST_PRINTED_BYTES = 4096 - 64  # with two markers, at most what a pipe accepts in one piece


class MarkedOutput(FileIO):
    """A descriptor to which all text is written between markers, of which the first names the item.

    The last item is not remembered, because a forked process may print to the same pipe.
    """

    def __init__(self, fd, user):
        super().__init__(fd, "w", closefd=False)
        self.whose = None  # the (chunk, item) of earlier text that is being written; else None
        self._user = user

    def write(self, data):
        chunk, item = self.whose or self._user.running()[:2]
        return self.write_for(chunk, item, data)

    def write_for(self, chunk, item, data, write=os.write):
        """Writes one piece of the data, and returns its length."""
        piece = bytes(memoryview(data)[:MOST_PRINTED_BYTES])
        if chunk == 0:  # the function is being loaded, or its thread prints between chunks
            return write(self.fileno(), piece)
        write(self.fileno(), b"%b%d %d\n%b%b\n" % (MARK, chunk, item, piece, MARK))
        return len(piece)


class Printed(TextIOWrapper):
    """sys.stdout and sys.stderr. Costs time only when text is printed.

    With several items at a time, each item keeps its line until the line ends: lines stay whole.
    """

    def __init__(self, fd, user):
        self._output = MarkedOutput(fd, user)
        self._user = user
        self._whose = None  # the (chunk, item) of the text that is not written out yet
        self._lock = allocate_lock()  # guards the lines that items keep
        os.register_at_fork(after_in_child=self._renew_lock)
        buffer = BufferedWriter(self._output)
        super().__init__(buffer, "utf-8", "backslashreplace", line_buffering=True)

    def _renew_lock(self):
        self._lock = allocate_lock()

    def write(self, text):
        chunk, index, item = self._user.running()
        if item is not None and type(text) is str:
            self._write_for(item, text)
            return len(text)
        if self._whose != (chunk, index):
            self.flush()
            self._whose = chunk, index
        return super().write(text)

    def flush(self):
        self._output.whose = self._whose
        try:
            super().flush()
        finally:
            self._output.whose = None

    def _write_for(self, item, text):
        with self._lock:
            text = item.printed.pop(self, "") + text
            whole, newline, rest = text.rpartition("\n")
            if len(rest) > TEXT_BYTES:
                whole, newline, rest = text, "", ""
            if rest:
                item.printed[self] = rest
        if newline or whole:
            self.write_out(item, whole + newline)

    def write_out(self, item, text):
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        while len(data):
            data = data[self._output.write_for(item.chunk, item.index, data) :]


def print_rest(item):
    """Prints the last line of an item that ended without a line feed."""
    # A thread that the function has started may still print for the item.
    for stream, text in list(item.printed.items()):
        try:
            stream.write_out(item, text)
        except BaseException:
            pass  # closed by user code, which loses only its own output


def flush_user_output():
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            pass  # closed or replaced by user code, which loses only its own output
