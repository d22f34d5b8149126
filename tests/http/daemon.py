"""daemon.py -- starts and stops a real `freshet serve` for the tests.

Each daemon gets a port of its own (it asks the kernel for one, and its log says
which), a folder of its own, and an environment without FRESHET_ variables, so
runs never meet.  Whatever happens to the tests, no daemon outlives them.
"""
import atexit
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from client import ROOT, SLOW, Closed, Connection

BINARY = os.path.abspath(os.environ.get("FRESHET_BIN",
                                        os.path.join(ROOT, "freshet")))
_LISTENING = re.compile(r'listening.*?addr["=:]+ ?"?(\S+?):(\d+)["\s]')
_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|"
                        r"runtime error:|LeakSanitizer")
_running = []


def environment(extra=None):
    """The caller's environment without options for freshet."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("FRESHET_")}
    env.update(extra or {})
    return env


def command(*args, env=None, data=None, timeout=60, program=BINARY):
    """Runs `freshet ARGS` to its end: a CompletedProcess with texts."""
    return subprocess.run([program, *args], env=environment(env), input=data,
                          stdin=None if data else subprocess.DEVNULL,
                          capture_output=True, text=True,
                          timeout=timeout * SLOW, check=False)


class Daemon:
    """A running daemon.  Options are words of its command line; program is
    what they follow, with whatever it is to run under."""

    def __init__(self, *options, env=None, files=None, token=None,
                 listen="127.0.0.1:0", program=(BINARY,)):
        self.folder = tempfile.mkdtemp(prefix="freshet-http-")
        self.token = token
        self.address = None
        self.status = None
        self._log_path = os.path.join(self.folder, "log")
        self._log = None
        # A slow daemon learns slowly; an option of the test comes after it.
        slow = [f"--limits.wait_timeout={5 * SLOW:g}"] if SLOW > 1 else []
        args = [*program, "serve", f"--server.listen={listen}", *slow, *options]

        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        with open(self._log_path, "wb") as log:
            # pylint: disable=subprocess-popen-preexec-fn
            self.process = subprocess.Popen(
                args, env=environment(env), cwd=self.folder, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                preexec_fn=limit if files else None)
        _running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        """Waits until it is ready."""
        m = self.wait_log(_LISTENING)
        self.address = (m[1].strip("[]"), int(m[2]))
        end = time.monotonic() + 10 * SLOW
        while True:
            try:
                with self.connect() as c:
                    if c.get("/health/ready").status == 200:
                        return self
            except (OSError, Closed):
                pass
            assert time.monotonic() < end, "the daemon does not get ready"
            time.sleep(0.01)

    def connect(self, **more):
        more.setdefault("token", self.token)
        return Connection(self.address, **more)

    # ---- its log -------------------------------------------------------

    def log(self):
        """All that it has printed."""
        if self._log is not None:
            return self._log
        with open(self._log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_log(self, pattern, timeout=10, since=0):
        """The first match of pattern in the log after `since` characters."""
        end = time.monotonic() + timeout * SLOW
        while True:
            ended = self.process.poll()
            m = re.compile(pattern).search(self.log(), since)
            if m:
                return m
            assert ended is None, f"exit status {ended}:\n{self.log()}"
            assert time.monotonic() < end, f"no {pattern} in:\n{self.log()}"
            time.sleep(0.005)

    # ---- /proc ---------------------------------------------------------

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    # ---- its end -------------------------------------------------------

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=15):
        """Its exit status."""
        self.status = self.process.wait(timeout * SLOW)
        return self.status

    def stop(self):
        """Ends it in the polite way, and insists that it was polite too."""
        try:
            if self.process.poll() is None:
                self.signal(signal.SIGTERM)
            status = self.wait()
        finally:
            self.kill()
        found = _SANITIZER.search(self.log())
        assert not found, f"the sanitizer complains:\n{self.log()}"
        assert status == 0, f"exit status {status}:\n{self.log()}"

    def kill(self):
        """Makes sure that it is gone; its log stays."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self in _running:
            self._log = self.log()
            _running.remove(self)
            shutil.rmtree(self.folder, ignore_errors=True)


class Elsewhere(Daemon):
    """A daemon that somebody else runs (FRESHET_URL), for debugging."""

    # pylint: disable=super-init-not-called
    def __init__(self, url):
        m = re.fullmatch(r"https?://([^:/]+):(\d+)/?", url)
        self.address = (m[1], int(m[2]))
        self.token = os.environ.get("FRESHET_AUTH_TOKEN")

    def log(self):
        return "(FRESHET_URL: see the log of that daemon)\n"

    def stop(self):
        pass


def kill_all():
    for d in list(_running):
        d.kill()


atexit.register(kill_all)
