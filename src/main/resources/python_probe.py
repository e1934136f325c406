# Describes the interpreter that runs this text, and what can be imported there besides the standard
# library. The first line is version, implementation, kind of environment and platform. Each other
# line is a package: the name to import, its distribution and version if they are known.
import os
import sys

# The text is run by `-c`, which adds the working directory. A worker does not have it on its path.
sys.path[:] = [entry for entry in sys.path if entry]

import pkgutil
import platform
import sysconfig


def environment():
    if os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        return "conda"
    return "system" if sys.prefix == sys.base_prefix else "virtualenv"


def standard_directories():
    found = set()
    for name in ("stdlib", "platstdlib"):
        directory = os.path.realpath(sysconfig.get_path(name))
        found.update((directory, os.path.join(directory, "lib-dynload")))
    return found


def distributions():
    """Returns the distributions by the top-level names that they install."""
    from importlib import metadata

    by_name = {}
    for distribution in metadata.distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
            names = (distribution.read_text("top_level.txt") or "").split()
            if not names:
                parts = [file.parts for file in distribution.files or ()]
                names = {p[0][:-3] if len(p) == 1 else p[0] for p in parts if p[-1].endswith(".py")}
        except Exception:
            continue  # Damaged metadata of one distribution hides no other.
        for top in names:
            by_name.setdefault(top, (name or "", version or ""))
    return by_name


def packages():
    standard = standard_directories()
    bundled = "python%d%d.zip" % sys.version_info[:2]
    names = set()
    for entry in sys.path:
        if os.path.realpath(entry) not in standard and os.path.basename(entry) != bundled:
            names.update(module.name for module in pkgutil.iter_modules([entry]))
    try:
        known = distributions()
    except Exception:
        known = {}
    names.update(known)
    for name in sorted(names, key=lambda name: (name.lower(), name)):
        if name.isidentifier() and not name.startswith("_"):
            yield (name,) + known.get(name, ("", ""))


def line(*parts):
    text = "\t".join(" ".join(part.split()) for part in parts)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


line(
    "%d.%d.%d" % sys.version_info[:3],
    platform.python_implementation(),
    environment(),
    platform.platform(),
)
sys.stdout.buffer.flush()
for package in packages():
    line(*package)
