"""Starts a worker: loads the modules beside this file, out of reach of user code.

The Python side of docs/reference/worker-protocol.md, for Python 3.9 and the standard library.
The service runs this file as `python3 -s start.py`; `main` goes on from here.

No module trusts user code to be tidy. User code runs in this process. It may print, close
descriptors, replace modules and builtins, leave threads behind or return values that cannot be
written as JSON. Therefore the modules of the worker

- find builtins in a copy that they share, so that a builtin replaced by user code stays replaced
  for user code alone;
- are not in `sys.modules`, and their directory is not on `sys.path`, so that user code may have
  modules of any name and cannot import a module of the worker;
- bind at the start whatever they use of other modules, or import it where a failure is caught.
"""

import builtins
import marshal
import os
import sys

DIRECTORY = os.path.dirname(os.path.abspath(__file__))
VERSION = sys.version.encode()  # with the date of the build: byte code is for this interpreter only


def load(name):
    """Runs a module of the worker, and first those that it imports. Returns the module."""
    shared = dict(vars(builtins))
    codes = compiled_codes()
    modules = {}

    def loaded(name):
        module = modules.get(name)
        if module is None:
            module = modules[name] = type(sys)("manyhands_worker." + name)
            module.__builtins__ = shared
            exec(codes.get(name) or source_code(name), vars(module))
        return module

    def load_or_import(name, globals=None, locals=None, fromlist=(), level=0):
        """Implements the `import` statement; a relative import means a module of the worker."""
        if level:
            return loaded(name)
        return builtins.__import__(name, globals, locals, fromlist, level)

    shared["__import__"] = load_or_import
    try:
        return loaded(name)
    finally:
        shared["__import__"] = builtins.__import__


def compiled_codes():
    """Returns compiled code by name; empty if there is none for this interpreter."""
    try:
        with open(os.path.join(DIRECTORY, "compiled"), "rb") as file:
            compiled = file.read()
        if compiled.startswith(VERSION):
            return marshal.loads(compiled[len(VERSION) :])
    except (OSError, ValueError, EOFError, TypeError):
        pass  # the sources exist in any case
    return {}


def source_code(name):
    path = os.path.join(DIRECTORY, name + ".py")
    with open(path, encoding="utf-8") as source:
        return compile(source.read(), path, "exec", dont_inherit=True)


if __name__ == "__main__":  # multiprocessing runs this file under another name
    if sys.path and sys.path[0] == DIRECTORY:  # with -I there is nothing to remove
        del sys.path[0]
    load("main").main()
