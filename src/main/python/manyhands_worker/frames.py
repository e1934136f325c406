"""Frames: the worker's side of the pipes to the service."""

import os

from .json_text import decode
from .limits import MIB
from .printing import flush_user_output


class Channel:
    """Frames on two descriptors that no other code knows."""

    def __init__(self, down, up, read=os.read, write=os.write, leave=os._exit):
        self._down = down
        self._up = up
        self._read = read
        self._write = write
        self._leave = leave
        self._is_forked = False
        # A process that user code forks must neither answer for the worker nor keep the pipes open.
        os.register_at_fork(after_in_child=self._close)

    def leave_if_forked(self):
        """Ends this process if user code forked it: the worker's threads do not exist here."""
        if self._is_forked:
            self._leave(0)

    def _close(self, close=os.close):
        if self._is_forked:
            return  # in a fork of a fork, where the numbers may belong to other files
        self._is_forked = True
        close(self._down)
        close(self._up)

    def receive(self):
        """Returns header and body of the next frame; ends the process if none comes."""
        size = int.from_bytes(self._receive_bytes(4), "big")
        header, _, body = self._receive_bytes(size).partition(b"\n")
        return decode(header.decode()), body.decode()

    def _receive_bytes(self, size):
        # Reads without a buffer. A buffered reader would save no system calls by reading the next
        # chunk ahead, and would have to be guarded from user code as well.
        data = self._read_some(min(size, MIB))
        if len(data) == size:
            return data
        parts, missing = [data], size - len(data)
        while missing:
            data = self._read_some(min(missing, MIB))
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _read_some(self, size):
        self.leave_if_forked()
        try:
            data = self._read(self._down, size)
        except OSError:
            data = b""
        if not data:
            self._end()
        return data

    def send(self, header):
        self.send_bytes(header.encode(), b"")

    def send_bytes(self, header, body):
        self.leave_if_forked()  # the descriptor may be a file of user code by now
        frame = (len(header) + len(body)).to_bytes(4, "big") + header + body
        try:
            written = self._write(self._up, frame)
            if written < len(frame):
                rest = memoryview(frame)[written:]
                while len(rest):
                    rest = rest[self._write(self._up, rest) :]
        except OSError:
            self._end()

    def _end(self):
        """Ends the process: the pipe is closed. User threads and exit handlers do not delay it."""
        flush_user_output()
        self._leave(0)
