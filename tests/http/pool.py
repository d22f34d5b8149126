"""pool.py -- groups of tests in processes of their own, several at a time.

A group is a class, whose tests share a daemon.  The output of a group comes out
whole, and in the order of the groups whichever ended first.
"""
import collections
import json
import os
import shutil
import signal
import sys
import tempfile


class Group:
    """A group that runs: its process, what it prints, what it reports."""

    def __init__(self, name, work, capture):
        self.name = name
        self.output = tempfile.TemporaryFile() if capture else None
        self.report, theirs = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.report)
            self._work(work, theirs)
        os.close(theirs)
        self.counts = None      # until it has ended

    def _work(self, work, report):
        """The whole life of the process."""
        status = 1
        try:
            if self.output:
                os.dup2(self.output.fileno(), sys.stdout.fileno())
                os.dup2(self.output.fileno(), sys.stderr.fileno())
            os.write(report, json.dumps(work()).encode())
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)

    def end(self, status):
        """Takes the report; a process that made none has failed as a whole."""
        with os.fdopen(self.report, "rb") as f:
            text = f.read()
        self.counts = json.loads(text) if text else {"failed": 1}
        if not text:
            said = f"FAIL  {self.name}: its process ended, status {status}\n"
            self._out().write(said.encode())

    def _out(self):
        return self.output or sys.stdout.buffer

    def show(self):
        sys.stdout.flush()
        if self.output:
            self.output.seek(0)
            shutil.copyfileobj(self.output, sys.stdout.buffer)
            self.output.close()
        sys.stdout.buffer.flush()


def run(groups, jobs):
    """Runs {name: function}, at most `jobs` at a time.  A function returns its
    counts, {word: number}; so does this, their sums."""
    waiting = list(groups.items())
    jobs = min(jobs, len(waiting))
    running, unshown, sums = {}, collections.deque(), collections.Counter()

    def ended(*_):
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)
        os._exit(143)

    before = signal.signal(signal.SIGTERM, ended)
    while waiting or running:
        while waiting and len(running) < jobs:
            group = Group(*waiting.pop(0), capture=jobs > 1)
            running[group.pid] = group
            unshown.append(group)
        pid, status = os.wait()
        group = running.pop(pid)
        group.end(os.waitstatus_to_exitcode(status))
        sums.update(group.counts)
        while unshown and unshown[0].counts is not None:
            unshown.popleft().show()
    signal.signal(signal.SIGTERM, before)
    return sums
