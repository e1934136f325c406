"""`@function`: a function that still can be called here, and can be mapped on the service."""

import functools

from .client import default


class Function:
    """A function with the options of its jobs. Calling it runs it here, as if not decorated."""

    __manyhands_function__ = True

    def __init__(self, function, options):
        functools.update_wrapper(self, function)
        self._options = options
        self._executor = None

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)

    def __get__(self, instance, owner=None):
        return self if instance is None else self.__wrapped__.__get__(instance, owner)

    def map(self, *iterables, **options):
        """Submits a job for the items, and returns the Job."""
        return default().map(self.__wrapped__, *iterables, **{**self._options, **options})

    def starmap(self, arguments, **options):
        """Submits a job for the lists of arguments, and returns the Job."""
        return default().starmap(self.__wrapped__, arguments, **{**self._options, **options})

    def submit(self, *args, **kwargs):
        """Returns a Future for one call on the service."""
        if self._executor is None or not self._executor._owner.is_here():
            from .executor import Executor

            self._executor = Executor(**self._options)
        return self._executor.submit(self.__wrapped__, *args, **kwargs)


def function(decorated=None, **options):
    """Decorates a function: `f(3)` runs here, `f.map(xs)` on the service, with these options."""
    if decorated is None:
        return lambda each: Function(each, options)
    return Function(decorated, options)
