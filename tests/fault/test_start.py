"""What keeps a daemon from starting, and how it says so."""
import os
import signal
import subprocess
import time

import damage
from disks import Small
from rig import CONFIGURATION, LOCKED, UNWRITABLE, FaultTest, main


class Start(FaultTest):
    def ends(self, status, *options, **more):
        """A daemon that does not start; its log."""
        begun = time.monotonic()
        d = self.launch(*options, **more)
        self.assertEqual(d.wait(), status, d.log())
        self.assertLess(time.monotonic() - begun, 5)
        return d.log()

    # ---- the folder ----------------------------------------------------

    def test_a_folder_that_is_not_there_is_made(self):
        with self.serving() as d:
            self.fill(d, 1)
        self.assertEqual(os.stat(self.data).st_mode & 0o007, 0,
                         "others may read what people rated")

    def test_no_folder_can_be_there(self):
        path = os.path.join(self.folder, "file")
        damage.write(path, b"text")
        for data in (path, os.path.join(path, "below"), "/proc/freshet"):
            with self.subTest(data=data):
                self.assertIn(data, self.ends(UNWRITABLE, data=data))
        self.assertEqual(damage.read(path), b"text")

    def test_read_only(self):
        disk = self.enterContext(Small(40))
        data = os.path.join(disk.path, "data")
        with self.serving(data=data) as d:
            self.fill(d, 10)
        before = damage.fingerprint(data)
        subprocess.run(["mount", "-o", "remount,ro", disk.path], check=True)
        self.assertIn(data, self.ends(UNWRITABLE, data=data))
        self.assertEqual(damage.fingerprint(data), before)
        subprocess.run(["mount", "-o", "remount,rw", disk.path], check=True)
        with self.serving(data=data) as d:
            self.assertEqual(self.hash(d)[1], 10)

    # ---- the lock ------------------------------------------------------

    def test_two_daemons(self):
        d = self.serve()
        self.fill(d, 20)
        self.hash(d)
        before = damage.fingerprint(self.data)
        said = self.ends(LOCKED, beside=True)
        self.assertRegex(said, rf"locked by pid\W+{d.pid}\b")
        self.assertEqual(damage.fingerprint(self.data), before)
        self.fill(d, 5)
        self.kill(d)
        d, log = self.restarted()    # the lock goes with its holder
        self.assertEqual(len(log), 25)

    def test_locked_as_long_as_it_ends(self):
        d = self.serve(failpoint="snapshot.begin:1:hang")
        self.fill(d, 5)
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        self.ends(LOCKED, beside=True)
        self.kill(d)
        self.restarted()

    # ---- the options ---------------------------------------------------

    def test_what_the_fold_began_with_cannot_be_changed(self):
        with self.serving() as d:
            self.fill(d, 50, 10)
            expected = self.hash(d)
        for option in ("--model.rating_dim=32", "--model.seed=7",
                       "--model.rating_max=10"):
            with self.subTest(option=option):
                before = damage.fingerprint(self.data)
                said = self.ends(CONFIGURATION, option)
                self.assertEqual(damage.fingerprint(self.data), before)
                self.assertIn("freshet refold", said)
                self.assertIn(option.split("=")[0].strip("-"), said)
        with self.serving() as d:
            self.assertEqual(self.hash(d), expected)

    def test_refold_with_other_dims(self):
        with self.serving() as d:
            self.fill(d, 50, 10)
        log = self.export()
        done = self.refold("--model.rating_dim=32")
        with self.serving("--model.rating_dim=32") as d:
            got, _ = self.hash(d)
        self.assertEqual(got, self.fold(log, "--model.rating_dim=32"))
        self.assertIn(got, done)

    def test_what_the_fold_goes_on_with_may_change(self):
        """It becomes an event, so that a replay changes at the same place."""
        with self.serving() as d:
            self.fill(d, 50, 10)
        with self.serving("--learn.replay=2") as d:
            self.fill(d, 50, 10)
            expected = self.hash(d)
        log = self.export()
        self.assertEqual([e["type"] for e in log].count("settings"), 1)
        self.assertEqual(log[50]["type"], "settings")
        for path in self.snapshots():
            os.unlink(path)
        with self.serving("--learn.replay=2") as d:
            self.assertEqual(self.hash(d), expected)
        self.assertEqual(len(self.export()), len(log))

    def test_lengths_of_segments_may_change(self):
        for size in (65536, 1 << 20, 65536):
            with self.serving(f"--journal.segment_bytes={size}") as d:
                self.fill(d, 1000, 100)
        self.restarted()


class Ready(FaultTest):
    EVENTS = 300000

    def test_says_how_far_it_is(self):
        d = self.serve()
        self.stream(d, self.EVENTS)
        self.kill(d)
        d = self.launch()
        m = d.wait_log(r'listening.*?addr="?(\S+?):(\d+)')
        d.address = m[1], int(m[2])
        seen, refused = [], []
        with d.connect() as c:
            while not seen or seen[-1] is not None:
                r = c.post("/v1/ratings", self.make.one())
                seen.append(self.progress(c))
                if seen[-1] is not None:
                    refused.append(r)
        self.assertGreater(len(refused), 0)
        for r in refused:     # it was recovering still after each
            self.assert_error(r, 503, "recovering")
        self.assertEqual(seen[:-1], sorted(seen[:-1]))

    def progress(self, c):
        """How far it says that it is; None when it is ready."""
        self.assertEqual(c.get("/health/live").status, 200)
        r = c.get("/health/ready")
        if r.status == 200:
            self.assertEqual(r.json(), {"status": "ready"})
            return None
        body = r.json()
        self.assertEqual(body["reason"], "recovering", r)
        self.assertIn(body["of"], (0, self.EVENTS))
        self.assertLessEqual(body["seq"], body["of"])
        return body["seq"]


if __name__ == "__main__":
    main()
