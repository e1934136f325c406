"""The random generators, seeded for each item of a job that has a seed."""

import sys

from .page import ITEM

# Ends the seed of numpy. Both generators are Mersenne Twisters: with one seed for both, the numbers
# of one would be those of the other.
NUMPY = 2


class Streams:
    """Seeds the random generators for each item from (seed of the job, index of the item)."""

    def __init__(self, seed, page):
        import random

        self._seed = seed
        self._page = page
        self._seed_random = random.seed
        self._of_item = None  # the generator of the running item, once the item has called rng()
        self._has_seeded = False

    def watch_imports(self):
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def number(self, index, use):
        """Returns a unique natural number for (seed, index, use); random.seed() ignores signs."""
        natural = 2 * self._seed if self._seed >= 0 else -2 * self._seed - 1
        return (natural << 65) | (index << 1) | use

    def of_item(self, generator):
        if self._of_item is None:
            self._of_item = generator(self.number(self._page[ITEM], 1))
        return self._of_item

    def begin(self, index):
        # Needed even if the index is unchanged, because an item may be tried again here.
        self._of_item = None
        self._has_seeded = True
        self._seed_random(self.number(index, 0))
        if "numpy" in sys.modules:
            self._seed_numpy(self._words(index))

    def _words(self, index):
        number = self.number(index, 0)
        words = []
        while number:
            words.append(number & 0xFFFFFFFF)
            number >>= 32
        return [*words, NUMPY]

    @staticmethod
    def _seed_numpy(words):
        try:
            from numpy.random import seed
        except ImportError:  # another module with this name
            return
        seed(words)

    def find_spec(self, name, path=None, target=None):
        """Seeds numpy in an import hook, because an item may be the first to import numpy."""
        if name != "numpy.random" or self._page[ITEM] < 0:
            return None
        self.close()
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None:
            return None
        run_module = spec.loader.exec_module

        def run_and_seed(module):
            run_module(module)
            self._seed_numpy(self._words(self._page[ITEM]))

        spec.loader.exec_module = run_and_seed
        return spec

    def close(self):
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def end(self):
        """Seeds from the system: the seed of a job must not decide the numbers of later jobs."""
        self.close()
        if self._has_seeded:
            self._seed_random()
            if "numpy" in sys.modules:
                self._seed_numpy(None)
