"""Pickles of functions and values, and what they need at the place where they are opened."""

import dis
import functools
import io
import operator
import pickle
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

try:
    import cloudpickle
except ImportError:
    cloudpickle = None

import manyhands

from . import byvalue
from .byvalue import is_importable
from .values import SCALARS

PROTOCOL = 5
SMALL = 16
SHARED = "manyhands.objects"  # the module, without which there are no shared objects


class _NeedsValue(Exception):
    """An object is to be sent by value, and this pickler sends names only."""


class Packer:
    """Makes pickles, and notes the modules that they name. Not for several threads at once."""

    def __init__(self):
        self.modules = set()
        self.by_value = False
        self.shared = {}  # the shared objects that the pickles refer to, by name
        self.named = []  # functions and classes that the pickles name, if there are shared objects

    def dumps(self, value):
        """Returns a pickle. Objects of importable modules are named; all others go by value."""
        if _is_plain(value, 3):
            return pickle.dumps(value, PROTOCOL)
        output = io.BytesIO()
        try:
            _Naming(output, self).dump(value)
            return output.getvalue()
        except (_NeedsValue, pickle.PicklingError, AttributeError, TypeError) as failed:
            first = failed
        output = io.BytesIO()
        try:
            _ByValue(output, self).dump(value)
        except Exception as failed:
            if isinstance(first, _NeedsValue):
                raise
            raise first from (failed if failed is not first else None)
        self.by_value = True
        return output.getvalue()


def _is_plain(value, depth):
    """Returns whether a value surely names nothing. Small ones are looked through to save time."""
    kind = type(value)
    if kind is dict:
        elements = (*value, *value.values()) if len(value) <= SMALL else None
    elif kind is tuple or kind is list:
        elements = value if len(value) <= SMALL else None
    else:
        return kind is bytes or kind in SCALARS
    if elements is None:
        return False
    if SCALARS.issuperset(map(type, elements)):
        return True
    return depth > 0 and all(_is_plain(each, depth - 1) for each in elements)


class _Naming(pickle.Pickler):
    """A pickler that names functions and classes, as pickle does, and notes their modules."""

    def __init__(self, file, packer):
        super().__init__(file, PROTOCOL)
        self._packer, self._modules = packer, packer.modules

    def reducer_override(self, obj):
        if isinstance(obj, (type, FunctionType, BuiltinFunctionType)):
            if not is_importable(obj):
                raise _NeedsValue()
            _note(self, obj)
        elif isinstance(obj, ModuleType):
            raise _NeedsValue()
        elif hasattr(type(obj), "__manyhands_function__"):
            return _of_decorated(self, obj)
        elif hasattr(type(obj), "__manyhands_shared__"):
            return _of_shared(self, obj)
        return NotImplemented


class _ByValue(cloudpickle.CloudPickler if cloudpickle else byvalue.Pickler):
    """A pickler that sends what cannot be named by value, and notes the modules of the rest."""

    def __init__(self, file, packer):
        super().__init__(file, PROTOCOL)
        self._packer, self._modules = packer, packer.modules
        if cloudpickle:
            self._modules.add("cloudpickle")

    def reducer_override(self, obj):
        if isinstance(obj, (type, FunctionType, BuiltinFunctionType)):
            if is_importable(obj):
                _note(self, obj)
                if cloudpickle is None or not isinstance(obj, type):
                    return NotImplemented
            elif isinstance(obj, FunctionType):
                self._modules.update(imports_of(obj.__code__))
        elif isinstance(obj, ModuleType):
            self._modules.add(obj.__name__)
        elif hasattr(type(obj), "__manyhands_function__"):
            return _of_decorated(self, obj)
        elif hasattr(type(obj), "__manyhands_shared__"):
            return _of_shared(self, obj)
        return super().reducer_override(obj)


def _note(pickler, named):
    """Notes what the worker needs to open the name of a function or a class."""
    if named.__module__:  # a method of a builtin type has none
        pickler._modules.add(named.__module__)
    if SHARED in sys.modules:
        pickler._packer.named.append(named)


def _of_shared(pickler, one):
    """A shared object: the call that returns the one of this name in a worker."""
    pickler._packer.shared[one._name] = one
    return manyhands.shared, (one._name,)


def _of_decorated(pickler, decorated):
    """A function that is decorated with @function: by its name, or else the function itself."""
    if is_importable(decorated):
        _note(pickler, decorated)
        return decorated.__qualname__
    return operator.itemgetter(0), ((decorated.__wrapped__,),)


@functools.lru_cache(256)  # a call of an executor may be one of many of its function
def imports_of(code):
    """Returns the modules that a function imports when it runs."""
    names = {
        each.argval
        for each in dis.get_instructions(code)
        if each.opname == "IMPORT_NAME" and each.argval
    }
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            names |= imports_of(constant)
    return names
