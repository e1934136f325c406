"""Finds code that seeds random numbers itself, although the seed of the job is to decide them.

The code is only read. A watch on the calls would have to replace functions of `random`, which other
code may compare or pickle.
"""

MAX_CODE = 1 << 20  # characters; longer code is not read

# Calls inside a function that replace the seed which the worker has set for the item. At the top of
# a module they have no effect, because the worker seeds before each item.
RESEEDING = frozenset(("random.seed", "numpy.random.seed"))

# Generators of their own. One at the top of a module is shared by all items of a worker.
GENERATORS = frozenset(("numpy.random.default_rng", "numpy.random.RandomState", "random.Random"))

# Functions beside the drawing ones, whose names begin with a small letter.
NOT_DRAWING = frozenset(
    ("seed", "getstate", "setstate", "get_state", "set_state", "default_rng", "get_bit_generator")
)

# Random numbers that the seed of the job decides. Only `manyhands.` where items run in threads.
SEEDED = ("manyhands.", "random.", "numpy.random.")


def first_seeding_call(code, modules, threaded):
    """Returns the first such call in the code, or else in its modules, with the path of the module.

    modules: texts by path
    """
    found = seeding_call(code, threaded)
    left = MAX_CODE - len(code)
    for path, text in modules.items():
        left -= len(text)
        if found or left < 0:
            break
        found = seeding_call(text, threaded)
        if found:
            found += " of " + path
    return found


def seeding_call(code, threaded):
    """Returns the first call whose numbers the seed of the job does not decide, as text; or None.

    A call does not count if its seed is drawn from the numbers of the item, or if this is in doubt.

    threaded: whether items run in threads, which share `random` and `numpy.random`. Nobody can seed
        these for an item then, so that each call of them counts.
    """
    if len(code) > MAX_CODE:
        return None
    if not any(word in code for word in ("seed", "rng", "Random", *(["random"] * threaded))):
        return None
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the code was compiled before, and has warned then
            return Code(ast, ast.parse(code)).seeding_call(threaded)
    except Exception:  # code that is too deep for the parser
        return None


class Code:
    """The tree of a module, with its names of imported things."""

    def __init__(self, ast, tree):
        self._ast = ast
        self._tree = tree
        self._imported = {}  # by the name in this module: the dotted name
        self._drawn = set()  # variables with a value that was drawn from the numbers of the item
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    name = one.asname or one.name.partition(".")[0]
                    self._imported[name] = one.name if one.asname else name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for one in node.names:
                    self._imported[one.asname or one.name] = node.module + "." + one.name
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and self._draws(node.value):
                for target in node.targets:
                    self._drawn.update(n.id for n in ast.walk(target) if isinstance(n, ast.Name))

    def seeding_call(self, threaded):
        ast = self._ast
        found = []
        left = [(self._tree, False)]
        while left:
            node, in_function = left.pop()
            if isinstance(node, ast.Call):
                name = self._dotted(node.func)
                wanted = name in GENERATORS or in_function and name in RESEEDING
                seeds = wanted and not any(map(self._draws, self._arguments(node)))
                if seeds or threaded and in_function and draws_shared(name):
                    found.append((node.lineno, name))
            function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
            in_function = in_function or isinstance(node, function)
            left.extend((child, in_function) for child in ast.iter_child_nodes(node))
        return "%s() in line %d" % min(found)[::-1] if found else None

    @staticmethod
    def _arguments(call):
        return call.args + [keyword.value for keyword in call.keywords]

    def _draws(self, expression):
        """Returns whether an expression has a value from the random numbers of the item."""
        ast = self._ast
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id in self._drawn:
                return True
            if isinstance(node, ast.Call):
                name = self._dotted(node.func)
                if name and name.startswith(SEEDED) and name not in GENERATORS | RESEEDING:
                    return True
        return False

    def _dotted(self, node):
        """Returns the full name of what is called; None if it is not imported."""
        ast = self._ast
        members = []
        while isinstance(node, ast.Attribute):
            members.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._imported:
            return None
        return ".".join([self._imported[node.id], *reversed(members)])


def draws_shared(name):
    """Returns whether a call draws from the generators that the threads of a process share."""
    module, _, function = (name or "").rpartition(".")
    is_class = function[:1].isupper()  # such as Random or SeedSequence: numbers of its own
    return module in ("random", "numpy.random") and not is_class and function not in NOT_DRAWING
