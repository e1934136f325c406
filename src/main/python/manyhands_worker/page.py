"""The control page: words that this process and the service share."""

import os
from mmap import mmap

PAGE_BYTES = 4096
ATTENTION, STOP, RECALL = 1, 2, 3
CHUNK, ITEM = 8, 9
FIRST_THREAD = 16  # and one word for each thread
MAX_THREADS = PAGE_BYTES // 8 - FIRST_THREAD


def map_control_page():
    """The control page as words; a page that nobody reads when there is none."""
    path = os.environ.pop("MANYHANDS_CONTROL", None)
    if path is None:
        return memoryview(bytearray(PAGE_BYTES)).cast("q")
    with open(path, "r+b") as file:
        return memoryview(mmap(file.fileno(), PAGE_BYTES)).cast("q")


def is_unwanted(page):
    """Whether the service wants the rest of the chunk back."""
    chunk = page[CHUNK]
    return chunk <= page[STOP] or 0 < page[RECALL] <= chunk
