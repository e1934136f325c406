"""The packaged service in a process of its own on loopback."""
import glob
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JAR = os.path.join(REPOSITORY, "target", "manyhands.jar")
PORT = re.compile(r"Tomcat started on port (\d+)")


def find_java():
    """The java of a JDK 25: of JAVA_HOME, of the PATH, or installed where Linux has them."""
    homes = [os.environ.get("JAVA_HOME")] + sorted(glob.glob("/usr/lib/jvm/*25*"))
    candidates = [os.path.join(home, "bin", "java") for home in homes if home] + [shutil.which("java")]
    for java in candidates:
        if java and os.path.exists(java) and '"25' in version_of(java):
            return java
    raise SystemExit("no JDK 25 found: set JAVA_HOME")


def version_of(java):
    return subprocess.run([java, "-version"], capture_output=True, text=True).stderr.splitlines()[0]


def as_in_the_image(java, jar, directory):
    """The jar extracted, SQLite's library beside it, and an AOT cache made by the script that makes it there: the jar and the options
    of the JVM. Wants curl, and takes a minute."""
    layout, cache = os.path.join(directory, "layout"), os.path.join(directory, "layout", "manyhands.aot")
    extracted = os.path.join(layout, "manyhands.jar")
    subprocess.run([java, "-Djarmode=tools", "-jar", jar, "extract", "--destination", layout], check=True, stdout=subprocess.DEVNULL)
    os.rename(os.path.join(layout, os.path.basename(jar)), extracted)
    native = os.path.join(layout, "native")
    os.mkdir(native)
    with zipfile.ZipFile(glob.glob(os.path.join(layout, "lib", "sqlite-jdbc-*.jar"))[0]) as driver:
        library = driver.read(f"org/sqlite/native/Linux/{platform.machine()}/libsqlitejdbc.so")
    with open(os.path.join(native, "libsqlitejdbc.so"), "wb") as file:
        file.write(library)
    subprocess.run([os.path.join(REPOSITORY, "docker", "train.sh"), layout, cache], check=True, env=dict(os.environ, JAVA=java))
    return extracted, [f"-XX:AOTCache={cache}", f"-Dorg.sqlite.lib.path={native}"]


class Service:
    """Started by the constructor, which returns when it answers; to be used in a `with`."""

    def __init__(self, java, jar, directory, jvm=(), settings=(), ready="/actuator/health/readiness"):
        os.makedirs(directory, exist_ok=True)
        self.log = os.path.join(directory, "service.log")
        command = [java, *jvm, "-jar", jar, "--server.port=0", f"--manyhands.data-dir={directory}/data",
                   f"--manyhands.python.interpreter={sys.executable}", *settings]
        with open(self.log, "w") as log:
            started = time.perf_counter()
            self.process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        try:
            self.port = self._await_port()
            self._await_answer(f"http://127.0.0.1:{self.port}{ready}")
        except BaseException:
            self.process.kill()
            raise
        self.start_seconds = time.perf_counter() - started

    def _await_port(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            with open(self.log) as log:
                found = PORT.search(log.read())
            if found:
                return int(found.group(1))
            time.sleep(0.005)
        with open(self.log) as log:
            raise SystemExit("the service did not start:\n" + log.read()[-4000:])

    @staticmethod
    def _await_answer(url):
        """It listens a little before it says that it is ready."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return urllib.request.urlopen(url, timeout=60).close()
            except urllib.error.HTTPError as not_ready:
                if not_ready.code != 503 or time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
