"""Functions by value where cloudpickle is not installed: those of `__main__`, lambdas, closures.

A function is its code, the globals that the code names, its defaults and its closure. A class that
cannot be imported needs cloudpickle, or a place in a module file.
"""

import builtins
import importlib
import marshal
import pickle
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

from .errors import NotSendable

# A pickle cannot name these: the worker has modules of its own under these names.
NOT_THERE = ("__main__", "__mp_main__")

# Runs in the worker, which does not have this package.
MAKERS = """
import builtins, marshal, types
def cell():
    return types.CellType()
def function(code, name, closure, space):
    space["__builtins__"] = builtins
    return types.FunctionType(marshal.loads(code), space, name, None, closure)
def fill(made, state):
    made.__globals__.update(state.pop("globals"))
    for cell, value in state.pop("cells"):
        cell.cell_contents = value
    made.__dict__.update(state.pop("dict"))
    for name, value in state.items():
        setattr(made, name, value)
"""
SPACE = "sys.modules.setdefault('manyhands_by_value', type(sys)('manyhands_by_value')).__dict__"
MAKE = "(lambda sys: (lambda m: ('fill' in m or exec(%r, m), m[%%r])[1])(%s))(__import__('sys'))"
MAKE %= (MAKERS, SPACE)


class _Maker:
    """Stands for a function of MAKERS in a pickle."""

    def __init__(self, name):
        self.name = name

    def __call__(self, *arguments):
        raise TypeError("only for pickles")

    def __reduce__(self):
        return eval, (MAKE % self.name,)


class Pickler(pickle.Pickler):
    """A pickler that sends functions by value which cannot be imported."""

    def __init__(self, file, protocol):
        super().__init__(file, protocol)
        self._makers = {name: _Maker(name) for name in ("cell", "function", "fill")}
        # By id of the globals here: those in the worker. As with cloudpickle, the functions of one
        # pickle share them if they do so here. Two pickles share none, so that a function keeps the
        # globals that it was sent with.
        self._spaces = {}

    def reducer_override(self, obj):
        if isinstance(obj, ModuleType):
            return importlib.import_module, (obj.__name__,)
        if isinstance(obj, type(_cell())):
            return self._makers["cell"], ()
        if isinstance(obj, (type, FunctionType)) and is_importable(obj):
            return NotImplemented
        if isinstance(obj, FunctionType):
            return self._reduce(obj)
        if isinstance(obj, type):
            raise NotSendable(
                "class %s cannot be imported by a worker: put it into a module file, or"
                " install cloudpickle here (pip install cloudpickle)" % obj.__qualname__
            )
        return NotImplemented

    def _reduce(self, function):
        code, space = function.__code__, function.__globals__
        cells = function.__closure__ or ()
        state = {
            "globals": {name: space[name] for name in sorted(names_in(code)) if name in space},
            "cells": [(each, each.cell_contents) for each in cells if is_filled(each)],
            "dict": {k: v for k, v in vars(function).items() if k != "__wrapped__"},
            "__defaults__": function.__defaults__,
            "__kwdefaults__": function.__kwdefaults__,
            "__qualname__": function.__qualname__,
            "__module__": "__main__",
            "__doc__": function.__doc__,
        }
        made = self._spaces.setdefault(id(space), {"__name__": "__main__"})
        make = marshal.dumps(code), function.__name__, cells or None, made
        return self._makers["function"], make, state, None, None, self._makers["fill"]


def is_importable(obj):
    """Returns whether a name leads to the object, in a module that the worker can have too."""
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", "")
    module = getattr(obj, "__module__", None)
    if module is None:  # a method of a builtin object, such as [].append: pickle knows how
        return isinstance(obj, BuiltinFunctionType)
    if module in NOT_THERE or "<" in name:
        return False
    found = sys.modules.get(module)
    if found is None or getattr(found, "__spec__", None) is None:
        return isinstance(obj, BuiltinFunctionType)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is obj or isinstance(obj, BuiltinFunctionType)


def names_in(code):
    """Returns the names of globals that a function may use, also in functions inside of it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
    return names - set(vars(builtins))


def is_filled(cell):
    try:
        cell.cell_contents
    except ValueError:
        return False
    return True


def _cell():
    content = None
    return (lambda: content).__closure__[0]
