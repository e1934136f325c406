"""The shared objects that functions of modules refer to.

Such a function travels by its name. The worker imports the module from its source, and the client
has the worker put the objects of the job in the places of the module's own.
"""

import functools
import importlib
import sys
from types import FunctionType, MethodType, ModuleType

from . import sources
from .byvalue import NOT_THERE, is_filled, names_in
from .functions import Call
from .shared_jobs import is_shared


def places(roots):
    """Returns where the functions and classes find shared objects: module, attribute, object."""
    found, seen, waiting = {}, set(), list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, (MethodType, staticmethod, classmethod)):
            one = one.__func__
        if isinstance(one, FunctionType) or hasattr(type(one), "__manyhands_function__"):
            waiting.append(vars(one).get("__wrapped__"))
        if isinstance(one, functools.partial):
            waiting += [one.func, *one.args, *one.keywords.values()]
        elif isinstance(one, type) and _is_own(one.__module__):
            waiting += vars(one).values()
        elif isinstance(one, FunctionType) and _is_own(one.__module__):
            waiting += _of_function(one, found)
    return list(found.values())


def _of_function(function, found):
    """Notes the shared objects that a function names. Returns what else it names."""
    names, space = names_in(function.__code__), function.__globals__
    waiting = [cell.cell_contents for cell in function.__closure__ or () if is_filled(cell)]
    waiting += function.__defaults__ or ()
    for name in names & space.keys():
        one = space[name]
        if is_shared(one):
            found[function.__module__, name] = function.__module__, name, one
        elif isinstance(one, ModuleType) and _is_own(one.__name__):
            for inner in names & vars(one).keys():
                each = getattr(one, inner)
                if is_shared(each):
                    found[one.__name__, inner] = one.__name__, inner, each
                waiting.append(each)
        else:
            waiting.append(one)
    return waiting


def _is_own(module):
    return module not in NOT_THERE and module in sys.modules and _is_sent(module.partition(".")[0])


@functools.lru_cache(256)
def _is_sent(top):
    spec = sources._spec(top)
    if spec is None or top == sources.OURS:
        return False
    return not sources._is_standard(top, spec) and sources._is_own(spec)


def setters(roots):
    """Returns values whose pickles, when they are opened, put objects into their modules."""
    return [
        Call(setattr, (Call(importlib.import_module, (module,)), name, one))
        for module, name, one in places(roots)
    ]
