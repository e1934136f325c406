"""The longest texts, headers and frames."""

TEXT_BYTES = 32 * 1024  # limit for the message of an error and for its traceback, which are cut
HEADER_BYTES = 512  # more than any header without its errors
TIMES_BYTES = 48  # more than the times of an item
MIB = 1024 * 1024


class Limits:
    def __init__(self, result_bytes, frame_bytes):
        self.frame_bytes = frame_bytes
        self.result_bytes = min(result_bytes, frame_bytes - HEADER_BYTES)
