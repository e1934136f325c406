"""The packaged service in a process of its own on loopback."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

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


def plain(java, jar):
    """Returns a function that makes the command to start the jar itself, with options of the JVM."""
    return lambda jvm=(): [java, *jvm, "-jar", jar]


def installed(java, jar, directory):
    """Returns a function as plain() does, for a start by `bin/manyhands` with an AOT cache. Installs the jar in the directory, which
    takes half a minute. A jar that is too old to be installed is started as it is."""
    layout = os.path.join(directory, "manyhands")
    done = subprocess.run([java, "-jar", jar, "install", layout], stdout=subprocess.DEVNULL)
    if done.returncode == 2:
        print(f"{jar} cannot be installed, and runs without an AOT cache", flush=True)
        return plain(java, jar)
    done.check_returncode()
    home = os.path.dirname(os.path.dirname(os.path.abspath(java)))
    return lambda jvm=(): ["env", "JAVA_HOME=" + home, os.path.join(layout, "bin", "manyhands"), *("-J" + option for option in jvm)]


class Service:
    """The constructor starts the service, with a result of plain() or installed(), and returns when it answers. For a `with`."""

    def __init__(self, command, directory, jvm=(), settings=(), ready="/actuator/health/readiness"):
        os.makedirs(directory, exist_ok=True)
        self.log = os.path.join(directory, "service.log")
        command = [*command(jvm), "--server.port=0", f"--manyhands.data-dir={directory}/data",
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
        """Waits until the service is ready, which is a little after it listens."""
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
