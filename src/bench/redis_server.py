"""A Redis for benches that compare with it."""
import shutil
import socket
import subprocess
import time

ATTEMPTS = 100  # looks whether it has started


class RedisServer:
    """A Redis of its own on loopback, without a file; `port` is None if there is none."""

    def __init__(self, directory):
        self.port = self._process = None
        command = shutil.which("redis-server")
        try:
            import redis
        except ImportError:
            command = None
        if command is None:
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        # A session of its own, as a daemon has: Linux shares a busy machine between sessions, and that of the bench has the pool.
        self._process = subprocess.Popen([command, *options], cwd=directory, stdout=subprocess.DEVNULL, start_new_session=True)
        for _ in range(ATTEMPTS):
            try:
                redis.Redis(port=port).ping()
                self.port = port
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        self.__exit__()
        raise SystemExit("redis-server does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
