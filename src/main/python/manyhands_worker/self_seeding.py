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

# Random numbers that the seed of the job decides.
SEEDED = ("manyhands.", "random.", "numpy.random.")


def seeding_call(code):
    """Returns the first call by which code seeds itself, as text; None if none is found.

    A call does not count if its seed is drawn from the numbers of the item, or if this is in doubt.
    """
    if len(code) > MAX_CODE or "seed" not in code and "rng" not in code and "Random" not in code:
        return None
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the code was compiled before, and has warned then
            return Code(ast, ast.parse(code)).seeding_call()
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

    def seeding_call(self):
        ast = self._ast
        found = []
        left = [(self._tree, False)]
        while left:
            node, in_function = left.pop()
            if isinstance(node, ast.Call):
                name = self._dotted(node.func)
                wanted = name in GENERATORS or in_function and name in RESEEDING
                if wanted and not any(map(self._draws, self._arguments(node))):
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
