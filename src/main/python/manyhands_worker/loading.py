"""Loading the function: from its code, or from a bundle."""

import builtins
import sys
from _frozen_importlib_external import spec_from_file_location

MODULE = "__manyhands_function__"
SOURCE_NAME = "<function>"

source = ""


def load(code, entry, file):
    """Runs the code as a module of its own; returns its function with the name `entry`.

    The file contains this code, for the processes that the function starts; None without a file.
    """
    global source
    source = code
    compiled = compile(code, SOURCE_NAME, "exec", dont_inherit=True)
    module = type(sys)(MODULE)
    module.__builtins__ = builtins  # the real builtins; exec() would pass on the worker's
    if file is not None:
        module.__file__ = file
        module.__spec__ = spec_from_file_location(MODULE, file)
    sys.modules[MODULE] = module
    exec(compiled, vars(module))
    show_source()
    return function_in(module, "code", entry)


def load_bundle(path, entry):
    """Imports `module:function` from a directory that workers share and must not change."""
    name, _, function = entry.partition(":")
    refuse_hiding(name)
    sys.dont_write_bytecode = True
    sys.path.insert(0, path)
    __import__(name)
    return function_in(sys.modules[name], "module", function)


def initialize(initializer, entry):
    """Runs the initializer of the job: a function beside the function with the name `entry`."""
    name = initializer["entry"]
    module, _, function = name.rpartition(":")
    if module:
        __import__(module)
    else:
        module = entry.rpartition(":")[0] or MODULE
    function_in(sys.modules[module], "code" if source else "module", function)(
        *initializer["args"]
    )


def load_pickle(pickle):
    """Returns the function whose pickle this is, as base64."""
    from binascii import a2b_base64
    from pickle import loads

    function = loads(a2b_base64(pickle))
    if not callable(function):
        name = type(function).__name__
        raise TypeError("the pickle holds a value of type %s, which cannot be called" % name)
    return function


def refuse_hiding(name):
    if name.partition(".")[0] in sys.modules:
        raise ImportError(
            "the module %r would hide one that Python or the worker has loaded; rename it" % name
        )


def code_of(entry):
    """Returns the code of the function, or of its module in a bundle; empty if it is unknown."""
    if source:
        return source
    try:
        with open(sys.modules[entry.partition(":")[0]].__file__, encoding="utf-8") as file:
            return file.read()
    except Exception:  # a module without a file, or not of Python
        return ""


def function_in(module, what, entry):
    members = vars(module)
    if entry in members and callable(members[entry]):
        return members[entry]
    there = [name for name in members if name[0] != "_" and callable(members[name])]
    raise LookupError(
        "%s; %s"
        % (
            "%r is a %s and cannot be called" % (entry, type(members[entry]).__name__)
            if entry in members
            else "the %s defines no function %r" % (what, entry),
            "it defines " + ", ".join(there) if there else "it defines nothing that can be called",
        )
    )


def show_source():
    """Lets tracebacks show lines of the code, if linecache was imported already."""
    linecache = sys.modules.get("linecache")
    if linecache is not None and SOURCE_NAME not in linecache.cache:
        lines = [line + "\n" for line in source.splitlines()]
        linecache.cache[SOURCE_NAME] = (len(source), None, lines, SOURCE_NAME)
