"""What the rows share: the service, the peers, and the way rounds are run."""
import gc
import os
import random
import shutil
import subprocess
import time
import zipfile

import contenders
import functions
from client import Client
from processes import cpu_of_tree
from service import Service, installed, plain

# A peer whose warm-up takes more than this many times as long as the best peer's is not run again. Its one sample is kept.
HOPELESS = 3.0


class Bench:
    """Starts the service and each peer when a row first asks for it, and ends all of them in close()."""

    def __init__(self, java, jar, directory, rounds, quick, jvm=(), fsync="everysec"):
        self.java, self.jar, self.directory = java, jar, directory
        self.rounds, self.quick, self.jvm, self.fsync = rounds, quick, list(jvm), fsync
        self.pools = contenders.Pools()
        self.started = {}
        self._installed = self._service = self._client = self._classes = None

    @property
    def installed(self):
        """How the service is started, as in the image."""
        if self._installed is None:
            self._installed = installed(self.java, self.jar, self.directory)
        return self._installed

    @property
    def plain(self):
        return plain(self.java, self.jar)

    @property
    def service(self):
        if self._service is None:
            self._service = Service(self.installed, os.path.join(self.directory, "service"), self.jvm,
                                    [f"--manyhands.java.jars={self.java_functions()}"])
            self._client = Client(self._service.port)
            self._warm_up()
        return self._service

    @property
    def client(self):
        return self.service and self._client

    def _warm_up(self):
        """Runs jobs until the JIT has compiled what it needs: a service is measured after its first minute, not in it."""
        identity = contenders.definition(functions.identity)
        for number in range(100 if self.quick else 6000):
            self._client.map(identity, [number])
        for _ in range(1 if self.quick else 5):
            self._client.map(identity, list(range(200_000)))

    def java_functions(self):
        """The directory of a jar with the Java functions, compiled against the sdk that the service brings."""
        if self._classes is None:
            self._classes = os.path.join(self.directory, "jars")
            built = os.path.join(self.directory, "classes")
            os.makedirs(self._classes)
            with zipfile.ZipFile(self.jar) as jar, open(self.sdk(), "wb") as sdk:
                sdk.write(jar.read("BOOT-INF/classes/manyhands/java/manyhands-worker.jar"))
            sources = os.path.join(contenders.HERE, "jar", "bench")
            subprocess.run([self.java + "c", "-cp", self.sdk(), "-d", built,
                            *(os.path.join(sources, name) for name in sorted(os.listdir(sources)))], check=True)
            with zipfile.ZipFile(os.path.join(self._classes, "bench.jar"), "w") as jar:
                for name in sorted(os.listdir(os.path.join(built, "bench"))):
                    jar.write(os.path.join(built, "bench", name), "bench/" + name)
        return self._classes

    def sdk(self):
        return os.path.join(self.directory, "sdk.jar")

    def peer(self, kind, *arguments):
        """Returns the peer of this kind, which is started once; None if its package is missing."""
        if kind.name not in self.started:
            if any(missing.startswith(kind.name) for missing in contenders.MISSING):
                return None
            self.started[kind.name] = kind(*arguments)
        return self.started[kind.name]

    def end(self, kind):
        peer = self.started.pop(kind.name, None)
        if peer:
            peer.close()

    def interleave(self, row, runs):
        """Runs rounds of all contenders, each round in another order, so that what the machine does besides meets all of them."""
        for number in range(self.rounds):
            order = list(runs)
            random.Random(number).shuffle(order)
            for name in order:
                gc.collect()
                before, ended = cpu_of_tree(os.getpid()), os.times()
                row.add(name, runs[name]())
                row.add_cpu(name, self._cpu_since(before, ended))
        return row

    def _cpu_since(self, before, ended):
        """Returns seconds of processor time by program. Peers that are not measured are idle. `ended` is of programs that ended since."""
        spent = {"client": 0.0, "service": 0.0, "workers": 0.0}
        for pid, seconds in cpu_of_tree(os.getpid()).items():
            who = "client" if pid == os.getpid() else "service" if self._service and pid == self._service.pid else "workers"
            spent[who] += seconds - before.get(pid, 0.0)
        now = os.times()
        spent["ended"] = now.children_user + now.children_system - ended.children_user - ended.children_system
        return spent

    def close(self):
        for peer in self.started.values():
            peer.close()
        self.pools.close()
        if self._service is not None:
            self._client.close()
            self._service.__exit__()


def timed(run, *arguments):
    start = time.perf_counter()
    result = run(*arguments)
    return time.perf_counter() - start, result


def load_average():
    return os.getloadavg()[0]


def remove(directory):
    shutil.rmtree(directory, ignore_errors=True)
