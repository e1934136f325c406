"""The caller's own modules, as sources that a worker imports, and what the service has already."""

import ast
import importlib.util
import os
import sys
import sysconfig

from .errors import NotSendable

MOST_FILES = 200
SITES = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
OURS = "manyhands"
# It goes along, so that its version is the one that made the pickle.
TRAVELS = "cloudpickle"


class Runtime:
    """What GET /runtimes says about the Python of the service."""

    def __init__(self, entry):
        if not entry.get("available"):
            raise NotSendable(
                "the service cannot run Python functions: %s" % (entry.get("error") or "disabled")
            )
        self.version = entry["version"]
        self.packages = {each["name"]: each["version"] for each in entry["packages"]}
        self.is_complete = not entry["packagesLeftOut"]

    def check_version(self, what):
        """Refuses to send what only opens in an equal Python, before anything is sent."""
        here = "%d.%d" % sys.version_info[:2]
        there = ".".join(self.version.split(".")[:2])
        if here != there:
            raise NotSendable(
                "%s goes by value, which needs one Python version on both sides, and this is"
                " Python %s and the service's is %s: put it into a module file and import it, or"
                " run Python %s here, or set manyhands.python.interpreter of the service to"
                " Python %s" % (what, here, there, there, here)
            )


def needed(names, runtime, asked=()):
    """Returns the files that a worker needs to import these modules: path to source text.

    `runtime` is a function that returns the Runtime; it is only asked if a module is neither of
    the standard library nor of the caller. `asked` are modules that are sent in any case.
    """
    files = {}
    waiting = [name.partition(".")[0] for name in names]
    waiting += [each if isinstance(each, str) else each.__name__ for each in asked]
    sent = {each if isinstance(each, str) else each.__name__ for each in asked}
    seen = set()
    while waiting:
        top = waiting.pop()
        if top in seen or top == OURS:
            continue
        seen.add(top)
        spec = _spec(top)
        if spec is None or (_is_standard(top, spec) and top not in sent):
            continue
        if top in sent or _is_own(spec) or (top == TRAVELS and _differs(top, runtime())):
            found = _sources(top, spec)
            files.update(found)
            waiting.extend(_imports(found))
        elif top != TRAVELS:
            _check_installed(top, names, runtime())
    return dict(sorted(files.items()))


def _spec(top):
    module = sys.modules.get(top)
    spec = getattr(module, "__spec__", None)
    if spec is not None or top == "__main__":
        return spec
    try:
        return importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return None


def _is_standard(top, spec):
    if spec.origin in (None, "built-in", "frozen") and not spec.submodule_search_locations:
        return True
    if top in getattr(sys, "stdlib_module_names", ()):
        return True
    return not _is_site(_place(spec)) and _place(spec).startswith(STANDARD)


def _is_own(spec):
    place = _place(spec)
    return not _is_site(place) and not place.startswith(STANDARD)


def _is_site(place):
    folders = place.split(os.sep)
    return "site-packages" in folders or "dist-packages" in folders


def _place(spec):
    if spec.origin in (None, "namespace"):
        return next(iter(spec.submodule_search_locations or ()), "")
    return spec.origin


def _differs(top, runtime):
    return runtime.packages.get(top) != getattr(sys.modules.get(top), "__version__", None)


def _check_installed(top, names, runtime):
    if runtime.is_complete and top not in runtime.packages and top in names_of(names):
        raise NotSendable(
            "the service's Python %s has no package '%s': install it there and restart the"
            " service, or send its source with modules=['%s']" % (runtime.version, top, top)
        )


def names_of(names):
    return {name.partition(".")[0] for name in names}


def _sources(top, spec):
    """Returns the sources of a module, or of a package with what it contains."""
    if not spec.submodule_search_locations:
        return {top + ".py": _read(top, spec.origin)}
    files = {}
    for root in spec.submodule_search_locations:
        for folder, inner, names in os.walk(root):
            inner[:] = sorted(d for d in inner if d.isidentifier() and d != "__pycache__")
            for name in sorted(names):
                if name.endswith(".py") and name[:-3].isidentifier():  # others cannot be imported
                    file = os.path.join(folder, name)
                    path = os.path.join(top, os.path.relpath(file, root)).replace(os.sep, "/")
                    files[path] = file
    if len(files) > MOST_FILES:  # a whole project: then what is imported
        loaded = {
            os.path.abspath(module.__file__)
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] == top and getattr(module, "__file__", None)
        }
        files = {path: f for path, f in files.items() if os.path.abspath(f) in loaded}
    return {path: _read(top, file) for path, file in files.items()}


def _read(top, file):
    if not file or not file.endswith(".py"):
        raise NotSendable(
            "module '%s' has no Python source to send (%s): install it for the service's Python"
            % (top, file)
        )
    with open(file, "rb") as source:
        return importlib.util.decode_source(source.read())


def _imports(files):
    """Yields the top names that these sources import."""
    for path, text in files.items():
        try:
            tree = ast.parse(text, path)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]
