"""The `function` of a job: a name that the service knows, or a Python function to send."""

import functools
import operator

from . import sources
from .packing import Packer
from .values import base64

# The function of an executor's job: an item is any call, or a batch of calls. An initializer runs
# when it is loaded. As in the standard library, a call that does not open is a fault of the pool.
CALLS = """
import pickle
def run(call):
    try:
        function, args, kwargs = pickle.loads(call)
    except BaseException as failed:
        from concurrent.futures.process import BrokenProcessPool
        raise BrokenProcessPool("the worker cannot open the call: %r" % (failed,)) from failed
    if function is None:
        return [each(*args, **kwargs) for each, args, kwargs in args]
    return function(*args, **kwargs)
"""
INITIALIZED = """
import base64, pickle
pickle.loads(base64.b64decode("%s"))
"""


class Call:
    """Stands in a pickle for the value of a call that is made when the pickle is opened."""

    def __init__(self, function, args):
        self._reduced = function, tuple(args)

    def __reduce__(self):
        return self._reduced


def dumps(value, packer):
    """Returns a pickle of functions and values that has the shared objects of their modules."""
    pickled = packer.dumps(value)
    if packer.named:
        from .reached import setters

        first = setters(packer.named)
        if first:
            pickled = packer.dumps(Call(operator.itemgetter(-1), ((*first, value),)))
    return pickled


def named(function):
    """Returns the name of a function for people."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    module = getattr(function, "__module__", None)
    name = name.replace("<locals>.", "")
    return name if module in (None, "builtins", "__main__") else module + "." + name


def definition(
    function, client, packer=None, initializer=None, initargs=(), modules=(), then=lambda: None
):
    """Returns the member `function` of a job. Refuses what the service could not open.

    packer: has made the items, and knows the modules that they name
    then: called when the function is packed, and may name more modules
    """
    if isinstance(function, (str, dict)):
        then()
        return function
    if not callable(function):
        raise TypeError("a function is callable, or the name of one, not %r" % (function,))
    packer = packer or Packer()
    what = function
    if initializer is not None:
        pair = Call(initializer, initargs), function
        what = Call(operator.itemgetter(1), (pair,))
    pickled = dumps(what, packer)
    then()
    if packer.by_value:
        client.runtime().check_version("function '%s'" % named(function))
    made = {"runtime": "python", "pickle": base64(pickled), "label": named(function)[:200]}
    return _with_modules(made, packer, client, modules)


def calls(client, packer, initializer=None, initargs=(), modules=()):
    """Returns the function whose items are calls: pickles of `(function, args, kwargs)`."""
    # Warm workers are shared by equal code: this program's calls go to workers of its own.
    code = "# program %s\n%s" % (client.salt(), CALLS)
    if initializer is not None:
        code += INITIALIZED % base64(dumps(Call(initializer, initargs), packer))
    if packer.by_value:
        client.runtime().check_version("a function of this executor")
    made = {"runtime": "python", "code": code, "entry": "run"}
    return _with_modules(made, packer, client, modules)


def _with_modules(made, packer, client, modules):
    files = sources.needed(packer.modules, client.runtime, modules)
    if files:
        made["modules"] = files
    return made
