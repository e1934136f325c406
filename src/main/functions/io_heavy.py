"""Waits, as a function does that calls another service or a disk."""

import os
import tempfile
import time


def io_heavy(item):
    """Sleeps: seconds, or {"sleep": seconds}. Writes a temporary file: {"write": bytes}."""
    if type(item) is dict and len(item) == 1:
        if is_amount(item.get("write"), int):
            return write(item["write"])
        item = item.get("sleep")
    if not is_amount(item, int, float):
        raise ValueError('io_heavy needs seconds, {"sleep": seconds} or {"write": bytes}')
    time.sleep(item)
    return item


def write(size):
    block = bytes(65536)
    with tempfile.TemporaryFile() as file:
        for start in range(0, size, len(block)):
            file.write(block[: size - start])
        file.flush()
        return os.fstat(file.fileno()).st_size


def is_amount(value, *types):
    return type(value) in types and value >= 0
