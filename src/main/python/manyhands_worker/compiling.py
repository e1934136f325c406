"""Compiles the modules of the worker for the interpreter that runs this file.

The service runs `python3 -E -S -B compiling.py` once, and keeps what is written to stdout as the
file `compiled`, in a directory where workers can only read. start.py reads it there.
"""

import marshal
import os
import sys

from start import DIRECTORY, VERSION, source_code

# These modules run before a compiled form exists, or in another process.
NOT_COMPILED = ("start.py", "compiling.py", "in_child.py")


def main():
    codes = {}
    for file in sorted(os.listdir(DIRECTORY)):
        if file.endswith(".py") and file not in NOT_COMPILED:
            name = file[: -len(".py")]
            codes[name] = source_code(name)
    sys.stdout.buffer.write(VERSION + marshal.dumps(codes))


if __name__ == "__main__":
    main()
