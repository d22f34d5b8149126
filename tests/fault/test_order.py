"""First the disk, then the answer."""
import os
import re
import shutil
import time

import daemon
from client import build
from rig import FaultTest, main

TRACED = "fdatasync,fsync,pwrite64,pwritev,pwritev2,sendto,sendmsg,write,writev"


class Order(FaultTest):
    def test_no_answer_while_the_sync_hangs(self):
        d = self.serve(failpoint="log.after_write:3:hang")
        with d.connect() as c:
            for _ in range(2):
                self.assertEqual(self.rate(c, self.make.many(1)).status, 202)
            events = self.make.many(1)
            self.ledger.send(events)
            c.send(build("POST", "/v1/ratings", events[0]))
            self.assertTrue(c.is_silent(0.5), "answered before the sync")
        self.kill(d)
        d, log = self.restarted()
        self.assertIn(len(log), (2, 3))

    def trace(self):
        """What strace saw the daemon do from the second rating on."""
        strace = shutil.which("strace")
        if not strace:
            self.skipTest("strace is not installed: the order of system calls "
                          "is not looked at")
        out = os.path.join(self.folder, "trace")
        d = self.serve(program=(strace, "-D", "-f", "-y", "-s", "64", "-o", out,
                                "-e", f"trace={TRACED}", daemon.BINARY))
        with d.connect() as c:
            self.rate(c, self.make.many(1))
            time.sleep(0.2)
            begun = os.path.getsize(out)
            self.assertEqual(self.rate(c, self.make.many(1)).status, 202)
        d.stop()
        with open(out, encoding="utf-8", errors="replace") as f:
            f.seek(begun)
            return f.read().splitlines()

    def test_strace(self):
        if "san" in daemon.BINARY:
            self.skipTest("a sanitizer does not let itself be traced")
        lines = self.trace()

        def first(pattern, after=0):
            for k, line in enumerate(lines[after:], after):
                if re.search(pattern, line):
                    return k
            raise AssertionError(f"no {pattern} in:\n" + "\n".join(lines[:60]))

        wrote = first(r"pwrite\w*\(\d+<[^>]*/log/\d+\.seg>")
        synced = first(r"fdatasync\(\d+<[^>]*/log/\d+\.seg>", wrote)
        if "unfinished" in lines[synced]:
            thread = lines[synced].split()[0]
            synced = first(rf"^{thread} .*fdatasync resumed", synced)
        self.assertRegex(lines[synced], r"= 0$")
        answered = first(r"HTTP/1\.1 202")
        self.assertLess(synced, answered, "\n".join(lines[wrote:answered + 1]))


if __name__ == "__main__":
    main()
