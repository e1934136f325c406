"""Builds the wheel for `pip install ./src/client/python`, offline and without setuptools (PEP 517).

The service builds the same wheel from the files in its jar (ClientWheel.java).
"""

import base64
import hashlib
import io
import os
import re
import tarfile
import zipfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(HERE, "src", "manyhands")
NO_TIME = (1980, 1, 1, 0, 0, 0)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    version = version_of_package()
    name = "manyhands-%s-py3-none-any.whl" % version
    files = {"manyhands/" + each: read(PACKAGE, each) for each in modules()}
    files.update(information(version))
    record = "manyhands-%s.dist-info/RECORD" % version
    lines = ["%s,sha256=%s,%d" % (path, digest(data), len(data)) for path, data in files.items()]
    files[record] = ("\n".join([*lines, record + ",,"]) + "\n").encode()
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, NO_TIME)
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data)
    return name


def build_sdist(sdist_directory, config_settings=None):
    top = "manyhands-" + version_of_package()
    path = os.path.join(sdist_directory, top + ".tar.gz")
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for part in ("pyproject.toml", "backend", "wheel", "src"):
            archive.add(os.path.join(HERE, part), top + "/" + part, filter=without_caches)
        metadata = information(version_of_package())
        data = next(data for path, data in metadata.items() if path.endswith("METADATA"))
        entry = tarfile.TarInfo(top + "/PKG-INFO")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return os.path.basename(path)


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel


def modules():
    return sorted(name for name in os.listdir(PACKAGE) if name.endswith(".py"))


def information(version):
    """Returns the files that describe the package."""
    names = ("METADATA", "WHEEL", "entry_points.txt")
    return {
        "manyhands-%s.dist-info/%s" % (version, name): read(HERE, "wheel", name).replace(
            b"${version}", version.encode()
        )
        for name in names
    }


def version_of_package():
    return re.search(r'VERSION = "(.+)"', read(PACKAGE, "version.py").decode()).group(1)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def without_caches(entry):
    return None if "__pycache__" in entry.name else entry
