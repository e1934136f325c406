"""Helps processes of user code to import the function's module, and to make sockets in TMPDIR.

A process of multiprocessing (spawn, forkserver), of concurrent.futures or of Joblib is a new
interpreter. It imports the module of a pickled function by its name, and `sys.path` of the parent
is all it knows. Inline code and `manyhands` exist only in the memory of the worker. Both are
therefore also put as files into a directory on `sys.path`, beside the control page.

The directory belongs to one worker, and a worker never changes its function.
"""

import os
import sys

from .descriptors import open_hidden
from .loading import refuse_hiding

OWN_DIRECTORY = open_hidden.__code__.co_filename.rpartition("/")[0]

# A path of a Unix socket has at most 107 bytes, of which multiprocessing adds 32 to TMPDIR.
MOST_BYTES_OF_TMPDIR = 107 - 32

# The declaration of an encoding, which only counts in a file. The file is UTF-8 in any case.
DECLARATION = r"\A((?:[ \t\f]*(?:#.*)?\n)?[ \t\f]*#.*?)coding([:=])"


def make_importable(control, module=None, code=""):
    """Puts `manyhands` and the module of inline code on `sys.path`. Returns the file of the module.

    Returns None without a module, and where no file can be made. The function then works, but
    processes cannot import it.
    """
    if control is None:
        return None
    directory = os.path.join(os.path.dirname(control), "modules")
    file = None
    try:
        os.mkdir(directory)
        os.symlink(control, os.path.join(directory, "control"))
        in_child = os.path.join(OWN_DIRECTORY, "in_child.py")
        os.symlink(in_child, os.path.join(directory, "manyhands.py"))
        if module is not None:
            file = os.path.join(directory, module + ".py")
            if "coding" in code:
                from re import sub

                code = sub(DECLARATION, r"\1_oding\2", code)
            with open(file, "wb") as output:
                output.write(code.encode())
    except (OSError, UnicodeEncodeError):  # a full disk; or text that will not compile either
        return None
    sys.path.insert(0, directory)
    return file


def put_modules(control, modules):
    """Writes modules, by path, where the function and its processes can import them."""
    if not modules:
        return
    if control is None:
        raise OSError("there is no directory for the modules of the function")
    for path in modules:
        name = path.partition("/")[0]
        refuse_hiding(name[:-3] if name.endswith(".py") else name)
    directory = os.path.join(os.path.dirname(control), "modules")
    for path, text in modules.items():
        file = os.path.join(directory, path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as output:
            output.write(text.encode())


def shorten_temporary_directory():
    """Gives TMPDIR a short path, by a descriptor, if its path is too long for sockets in it."""
    path = os.environ.get("TMPDIR", "")
    if len(os.fsencode(path)) <= MOST_BYTES_OF_TMPDIR:
        return
    try:
        fd = open_hidden(path, os.O_PATH | os.O_DIRECTORY)
        short = "/proc/%d/fd/%d" % (os.getpid(), fd)
        os.stat(short)
    except (OSError, AttributeError):  # a system without O_PATH or /proc
        return
    os.environ["TMPDIR"] = short
