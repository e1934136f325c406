#!/usr/bin/env python3
"""Builds the image and tries what docs/how-to/image.md says of it.

    python3 docker/prove.py [--rounds 5] [--keep] [--no-build]

As root on Debian with buildah, debootstrap, util-linux and a JDK 25; no container engine, and no registry of images: the two base
images are made here, Debian's by debootstrap from the machine's own mirror, the JDK's by adding that of this machine. The service
runs in namespaces of its own as an engine would run it: process 1 is the entry point, user 10001, no capabilities, no new
privileges, everything read-only but /data and a /tmp that runs no programs. Exits with 1 when something is not as it should be.
"""
import argparse
import glob
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "src", "bench"))
from service import find_java  # noqa: E402

IMAGE, BASE, JDK = "localhost/manyhands", "localhost/manyhands-base", "localhost/manyhands-jdk"
TOKEN = "a-token-for-this-run-only"
IDENTITY = {"runtime": "python", "code": "def f(x): return x"}
PAIRS = [[1963309, 2265973], [2030677, 3814172], [1551645, 2229620], [2039045, 2020802], [1823712, 1924928],
         [2293129, 1020491], [1281238, 2273782], [3823812, 4237281], [3812741, 4729139], [1292391, 2123811]]
GCD = "def gcd(a, b):\n  for i in range(min(a, b), 0, -1):\n    if a % i == b % i == 0: return i"


def main():
    options = parse()
    sys.stdout.reconfigure(line_buffering=True)  # in order with what buildah prints
    directory = tempfile.mkdtemp(prefix="manyhands-image-", dir=options.directory)
    try:
        if options.build:
            base_images(directory)
            build()
        sizes(directory)
        container = buildah("from", "--pull-never", IMAGE).strip()
        try:
            image = Image(container, directory)
            promises(image)
            zombies(image)
            figures(image, options.rounds)
        finally:
            buildah("rm", container)
    finally:
        if options.keep:
            print("kept:", directory)
        else:
            shutil.rmtree(directory)
    print("all is as it should be")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="starts that are measured")
    parser.add_argument("--no-build", dest="build", action="store_false", help="take the image that is there")
    parser.add_argument("--directory", help="where the data goes: on a real disk")
    parser.add_argument("--keep", action="store_true", help="leave the data and the logs there")
    return parser.parse_args()


def buildah(*arguments, show=False):
    done = subprocess.run(["buildah", "--storage-driver", "vfs", *arguments], text=True, stdout=None if show else subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit("failed: buildah " + " ".join(arguments))
    return done.stdout or ""


def base_images(directory):
    """Makes the images that stand for debian:bookworm-slim and eclipse-temurin:25-jdk."""
    root = os.path.join(directory, "debian")
    mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], text=True, check=True,
                            stdout=subprocess.PIPE).stdout.split()[0]
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, mirror], check=True, stdout=subprocess.DEVNULL)
    for left_out in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/lib/apt/lists", "var/cache/apt"):
        shutil.rmtree(os.path.join(root, left_out))  # as the slim image leaves them out
        os.makedirs(os.path.join(root, left_out))
    base = buildah("from", "scratch").strip()
    buildah("copy", "--quiet", base, root, "/")
    buildah("config", "--cmd", "bash", base)
    buildah("commit", "--quiet", base, BASE)

    home = os.path.dirname(os.path.dirname(os.path.realpath(find_java())))
    jdk = os.path.join(directory, "jdk")
    shutil.copytree(home, jdk)  # with what its links lead to, as certificates
    buildah("copy", "--quiet", base, jdk, "/opt/java/openjdk")
    path = "/opt/java/openjdk/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    if os.path.isdir("/usr/share/maven"):  # mvnw takes this one where it cannot get its own
        maven = os.path.join(directory, "maven")
        shutil.copytree("/usr/share/maven", maven, ignore=shutil.ignore_patterns("man"))
        buildah("copy", "--quiet", base, maven, "/opt/maven")
        path = "/opt/maven/bin:" + path
    buildah("config", "--env", "JAVA_HOME=/opt/java/openjdk", "--env", "PATH=" + path, base)
    buildah("commit", "--quiet", base, JDK)
    buildah("rm", base)


def build():
    settings = [path for path in (os.path.expanduser("~/.m2/settings.xml"), "/etc/maven/settings.xml") if os.path.exists(path)][:1]
    revision = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "HEAD"], text=True, stdout=subprocess.PIPE).stdout.strip()
    started = time.monotonic()
    buildah("bud", "--isolation", "chroot", "--layers", "--pull-never", "--format", "docker", "-f", "docker/Dockerfile", "-t", IMAGE,
            "--build-arg", "BASE=" + BASE, "--build-arg", "JDK=" + JDK, "--build-arg", "REVISION=" + (revision or "unknown"),
            *(f"--secret=id=maven-settings,src={path}" for path in settings), REPOSITORY, show=True)
    print(f"built in {time.monotonic() - started:.0f} s")


def sizes(directory):
    """Prints the size of each layer, compressed as it is pulled, and the step that made it."""
    target = os.path.join(directory, "oci")
    buildah("push", "--quiet", IMAGE, "oci:" + target)
    layers, history = [], []
    for name in glob.glob(target + "/blobs/sha256/*"):
        with open(name, "rb") as file:
            if file.read(1) == b"{":
                file.seek(0)
                blob = json.load(file)
                layers = blob.get("layers", layers)
                history = blob.get("history", history)
    made = [step for step in history if not step.get("empty_layer")]
    for layer, step in zip(layers, made):
        print(f"{layer['size'] / 1e6:7.1f} MB  {step.get('created_by', '').replace('/bin/sh -c ', '')[:110]}")
    print(f"{sum(layer['size'] for layer in layers) / 1e6:7.1f} MB  compressed, in {len(layers)} layers")
    shutil.rmtree(target)


class Image:
    """A working container of the image, and the way to run it according to its configuration."""

    def __init__(self, container, directory):
        self.directory = directory
        self.root = buildah("mount", container).strip()
        config = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
        self.entrypoint, self.user, self.cwd = config["Entrypoint"], config["User"], config["WorkingDir"]
        self.environment, self.health = config["Env"], config["Healthcheck"]["Test"][1:]
        self.labels = config["Labels"]
        used = subprocess.run(["du", "-sm", self.root], text=True, stdout=subprocess.PIPE).stdout.split()[0]
        print(f"{used:>7} MB  unpacked")


class Running:
    """The service in a container's namespaces; to be used in a `with`."""

    numbers = iter(range(1000))

    def __init__(self, image, entrypoint=None, port=18080):
        self.image, self.port = image, port
        self.data = os.path.join(image.directory, f"data-{next(self.numbers)}")
        os.mkdir(self.data)
        uid, gid = (int(part) for part in image.user.split(":"))
        os.chown(self.data, uid, gid)
        self.log = self.data + ".log"
        inside = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
                  "--inh-caps=-all", "env", "-i", "-C", image.cwd, *image.environment, f"SERVER_PORT={port}",
                  "MANYHANDS_SECURITY_TOKENS=" + TOKEN, *(entrypoint or image.entrypoint)]
        script = ('mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -t proc proc "$0/proc" '
                  '&& mount --rbind /dev "$0/dev" && mount --rbind -o ro /sys "$0/sys" && mount --bind "$1" "$0/data" '
                  '&& mount -t tmpfs -o size=64m,mode=1777,noexec,nosuid,nodev tmpfs "$0/tmp" && root=$0 && shift && exec chroot "$root" "$@"')
        with open(self.log, "w") as log:
            self.started = time.perf_counter()
            self.unshare = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, image.root, self.data, *inside],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self):
        try:
            self.ready()
        except BaseException:
            self.unshare.kill()
            raise
        return self

    def __exit__(self, *_):
        if self.unshare.poll() is None:
            os.kill(self.init(), signal.SIGKILL)
            self.unshare.wait()

    def ready(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.unshare.poll() is None:
            try:
                self.call("/actuator/health/readiness")
                self.start_seconds = time.perf_counter() - self.started
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
        with open(self.log) as log:
            raise SystemExit("the service did not start:\n" + log.read()[-4000:])

    def call(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body and json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=90) as answer:
            text = answer.read()
            return json.loads(text) if text[:1] in b"{[" else text

    def run(self, **job):
        job = self.call("/api/v1/jobs?wait=60", job)
        return self.call(f"/api/v1/jobs/{job['id']}/results")["results"], job

    def init(self):
        return children(self.unshare.pid)[0]

    def processes(self):
        """Returns the ids of all processes of the container, process 1 first."""
        found, todo = [], [self.init()]
        while todo:
            pid = todo.pop(0)
            found.append(pid)
            todo += children(pid)
        return found

    def stop(self):
        """Stops the container as an engine does. Returns the seconds until it is gone, and its exit code."""
        started = time.perf_counter()
        os.kill(self.init(), signal.SIGTERM)
        code = self.unshare.wait(40)
        return time.perf_counter() - started, code


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        direct = [int(child) for child in file.read().split()]
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        if f"/task/{pid}/" not in task:
            with open(task) as file:
                direct += [int(child) for child in file.read().split()]
    return direct


def status(pid):
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def check(what, actual, expected):
    if actual != expected:
        raise SystemExit(f"{what}: {actual!r} instead of {expected!r}")
    print("  ok:", what)


def promises(image):
    check("user", image.user, "10001:10001")
    for label in ("title", "description", "licenses", "version", "revision"):
        if not image.labels.get("org.opencontainers.image." + label):
            raise SystemExit("no label " + label)
    strict = [*image.entrypoint, "-J-XX:AOTMode=on"]  # does not start without the cache
    with Running(image, strict) as service:
        check("the main job: ten greatest common divisors in Python",
              service.run(function={"runtime": "python", "code": GCD}, call="starmap", inputs=PAIRS)[0],
              [__import__("math").gcd(*pair) for pair in PAIRS])
        check("a function in Java", service.run(function="check_prime", inputs=[7, 8])[0], [True, False])
        check("a command", service.run(function={"runtime": "command", "command": ["cat"]}, inputs=[1, 2])[0], [1, 2])
        check("numpy", service.run(function={"runtime": "python", "code": "import numpy\ndef f(n): return int(numpy.arange(n).sum())"},
                                   inputs=[10])[0], [45])
        limits = service.call("/api/v1/limits")
        print("  the sandbox:", json.dumps({key: value for key, value in limits.items() if "sandbox" in key or key == "dataDirectory"}))
        java = children(service.init())[0]
        check("process 1 is tini", os.path.basename(os.readlink(f"/proc/{service.init()}/exe")).startswith("tini"), True)
        for pid in service.processes():
            told = status(pid)
            if told["Uid"].split() != ["10001"] * 4 or int(told["CapEff"], 16) or told["NoNewPrivs"] != "1":
                raise SystemExit(f"{told['Name']} has rights: {told}")
        print("  ok: every process is user 10001, without capabilities and new privileges")
        print("  written to /tmp:", sorted(os.listdir(f"/proc/{java}/root/tmp")), "to /data:", sorted(os.listdir(service.data)))
        healthy = ["nsenter", "-t", str(java), "-m", "-r", "-w", "env", f"SERVER_PORT={service.port}", *image.health]
        check("the health check, of a service that is well", subprocess.run(healthy).returncode, 0)
        os.kill(java, signal.SIGSTOP)
        try:
            subprocess.run(healthy, timeout=2)
            raise SystemExit("the health check passes although the service is stopped")
        except subprocess.TimeoutExpired:
            print("  ok: the health check, of a service that hangs")
        finally:
            os.kill(java, signal.SIGCONT)
        seconds, code = service.stop()
        check("told to stop, it ends with 143", code, 143)
        with open(service.log) as log:
            check("and stops in order", "Graceful shutdown complete" in log.read(), True)


ORPHANS = """import subprocess
def f(n):
    subprocess.run(["setsid", "sh", "-c", "sleep 0.1 &"])
    return n"""


def zombies(image):
    """Runs functions that leave orphans behind, with tini and with the JVM as process 1. Only with tini are there to be no zombies."""
    counts = {}
    for name, entrypoint in (("tini", image.entrypoint), ("java", image.entrypoint[3:])):
        with Running(image, entrypoint) as service:
            check(f"20 functions that leave orphans, with {name} as process 1",
                  service.run(function={"runtime": "python", "code": ORPHANS}, inputs={"range": {"start": 0, "stop": 20}})[0],
                  list(range(20)))
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                states = [status(pid) for pid in service.processes()]
                counts[name] = sum(told["State"].startswith("Z") for told in states)
                if not any(told["Name"] == "sleep" and not told["State"].startswith("Z") for told in states):
                    break
                time.sleep(0.05)
    print("  zombies:", counts)
    if counts["tini"] or not counts["java"]:
        raise SystemExit("there are to be none with tini, and some without it")


def figures(image, rounds):
    starts, firsts, javas, stops, rests, cpu = [], [], [], [], [], []
    for _ in range(rounds):
        with Running(image) as service:
            starts.append(service.start_seconds)
            cpu.append(cpu_seconds(children(service.init())[0]))
            begun = time.perf_counter()
            result, _ = service.run(function=IDENTITY, inputs=[1])
            firsts.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            service.run(function="check_prime", inputs=[7])
            javas.append((time.perf_counter() - begun) * 1000)
            rests.append(sum(int(status(pid).get("RssAnon", "0").split()[0]) for pid in service.processes()) / 1024)
            stops.append(service.stop()[0])
    for name, samples, unit in (("ready after", starts, "s"), ("processor time until then", cpu, "s"), ("first result, Python, after", firsts, "ms"),
                                ("first of Java after that", javas, "ms"), ("stopped after", stops, "s"),
                                ("memory at rest, all processes", rests, "MB")):
        print(f"  {name}: {statistics.median(samples):.2f} {unit} ({min(samples):.2f}-{max(samples):.2f}, {len(samples)} starts)")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
