"""The control page: words that this process and the service share."""

import os
from mmap import mmap

PAGE_BYTES = 4096
WORD_BYTES = 8
ATTENTION, STOP, RECALL = 1, 2, 3
CHUNK, ITEM = 8, 9
FIRST_THREAD = 16  # the word of the first thread; one word for each thread
MAX_THREADS = PAGE_BYTES // WORD_BYTES - FIRST_THREAD


def control_path():
    """Takes the path of the control page out of the environment; None without a page."""
    return os.environ.pop("MANYHANDS_CONTROL", None)


def shared_path():
    """Takes the path of the page of shared values and locks out of the environment."""
    return os.environ.pop("MANYHANDS_SHARED", None)


def map_control_page(path):
    """Returns the control page as words; without one, a page that no other process reads."""
    if path is None:
        return memoryview(bytearray(PAGE_BYTES)).cast("q")
    with open(path, "r+b") as file:
        return memoryview(mmap(file.fileno(), PAGE_BYTES)).cast("q")


def is_unwanted(page, chunk):
    """Returns whether the service has recalled or stopped the rest of the chunk."""
    return chunk <= page[STOP] or 0 < page[RECALL] <= chunk
