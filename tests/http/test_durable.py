"""What a data directory promises, over HTTP: names that make repetitions
harmless, a restart that keeps everything, snapshots."""
import os
import signal
import time

import daemon
from client import SLOW
from durable import DurableTest
from harness import main

LOCKED, CONFIGURATION = 75, 78
NO_STORE = "this daemon keeps everything in memory"


class Names(DurableTest):
    """With a log and without one: the same answers."""

    def both(self):
        for options in ((f"--data.dir={self.data}",), ()):
            yield self.connect(self.serve(*options))

    def test_documents(self):
        for c in self.both():
            one, other = self.ratings(2)
            self.assert_counts(self.post(c, one), 1, 0, 1)
            self.assert_counts(self.post(c, other), 1, 0, 2)
            for e, seq in ((one, 1), (other, 2), (one, 1)):
                self.assert_counts(self.post(c, e), 0, 1, seq)
                body = self.post(c, e, 200, "?wait=applied")
                self.assert_counts(body, 0, 1, seq)
                self.assertGreaterEqual(body["model_seq"], seq)
            for change in ({"rating": one["rating"] % 5 + 1},
                           {"user_id": "another"}, {"item_id": "another"},
                           {"timestamp": 1700009999}):
                r = c.post("/v1/ratings", {**one, **change})
                self.assert_error(r, 409, "event_id_conflict")
            untimed = dict(one)
            del untimed["timestamp"]
            self.assert_error(c.post("/v1/ratings", untimed), 409,
                              "event_id_conflict")
            self.assertEqual(c.settled()["events"], 2)

    def test_without_a_time(self):
        for c in self.both():
            e = self.ratings(1)[0]
            del e["timestamp"]
            self.assert_counts(self.post(c, e), 1, 0, 1)
            time.sleep(0.01)
            self.assert_counts(self.post(c, e), 0, 1, 1)
            r = c.post("/v1/ratings", {**e, "timestamp": 1700000000})
            self.assert_error(r, 409, "event_id_conflict")

    def test_arrays(self):
        for c in self.both():
            first, more = self.ratings(5), self.ratings(3)
            self.assert_counts(self.post(c, first), 5, 0, 5)
            self.assert_counts(self.post(c, first), 0, 5, 5)
            self.assert_counts(self.post(c, more[:1] + first + more[1:]),
                               3, 5, 8)
            twice = self.ratings(2)
            self.assert_counts(self.post(c, twice + twice), 2, 2, 10)
            self.assert_counts(self.post(c, first[:2] + twice[:1]), 0, 3, 9)

    def test_a_conflict_refuses_the_array(self):
        for c in self.both():
            used = self.ratings(1)
            self.post(c, used)
            array = self.ratings(4)
            wrong = array[:2] + [{**used[0], "item_id": "x"}] + array[2:]
            r = c.post("/v1/ratings", wrong)
            self.assert_error(r, 409, "event_id_conflict", index=2)
            inside = array + [{**array[1], "item_id": "x"}]
            r = c.post("/v1/ratings", inside)
            self.assert_error(r, 409, "event_id_conflict", index=4)
            self.assertEqual(c.settled()["seq"], 1)  # nothing of them
            self.assert_counts(self.post(c, array), 4, 0, 5)

    def test_streams(self):
        for c in self.both():
            used = self.ratings(2)
            self.post(c, used)
            fresh = self.ratings(3)
            wrong = {**used[0], "item_id": "x"}
            lines = [fresh[0], used[1], wrong, fresh[1], fresh[0], fresh[2]]
            receipt = self.assert_ok(self.stream(c, lines), 202)
            self.assert_counts(receipt, 3, 2, 5, rejected=1)
            self.assertEqual([(e["code"], e["index"])
                              for e in receipt["errors"]],
                             [("event_id_conflict", 2)])
            receipt = self.assert_ok(self.stream(c, fresh + used), 202)
            self.assert_counts(receipt, 0, 5, 5)  # the newest of them
            self.assert_error(self.stream(c, [wrong, wrong]), 409,
                              "event_id_conflict", index=0)
            self.assertEqual(c.settled()["seq"], 5)

    def test_long_streams(self):
        """Again from the middle, as after a broken connection."""
        for c in self.both():
            lines = self.ratings(9000)
            receipt = self.assert_ok(self.stream(c, lines[:6000]), 202)
            self.assert_counts(receipt, 6000, 0, 6000)
            receipt = self.assert_ok(self.stream(c, lines, "?wait=applied"))
            self.assert_counts(receipt, 3000, 6000, 9000)
            self.assertEqual(c.settled()["events"], 9000)


class Restart(DurableTest):
    def test_everything_is_kept(self):
        d = self.begin()
        events, hashes = [], []
        for k, end in enumerate((signal.SIGTERM, signal.SIGKILL) * 2):
            with d.connect() as c:
                more = self.ratings(150)
                self.post(c, more)
                self.assert_ok(self.stream(c, self.ratings(700)), 202)
                events += more
                before = c.settled()
            self.assertTrue(before["durable"])
            self.assertEqual((before["storage"], before["durable_seq"]),
                             ("ok", before["seq"]))
            self.ended(d, end)
            d = self.begin()
            with d.connect() as c:
                after = c.settled()
                for key in ("seq", "model_seq", "events", "users", "items",
                            "model_hash", "rmse"):
                    self.assertEqual(after[key], before[key], key)
                self.assertEqual(after["seq"], 850 * (k + 1))
                hashes.append(after["model_hash"])
                self.assert_counts(self.post(c, events[-100:]), 0, 100,
                                   850 * k + 150)
        self.assertEqual(len(set(hashes)), 4)

    def test_not_ready_before_all_is_learned(self):
        slow = ("--model.rating_dim=128", "--learn.replay=64",
                "--snapshot.on_exit=no")
        n = int(5000 / SLOW / SLOW)  # sanitizers are slow enough by themselves
        d = self.begin(*slow)
        with d.connect() as c:
            for _ in range(4):
                self.assert_ok(self.stream(c, self.ratings(n)), 202)
            before = c.settled()
        self.ended(d, signal.SIGKILL)
        d = self.launch(f"--data.dir={self.data}",
                        "--journal.segment_bytes=65536",
                        "--journal.reserve_bytes=65536", *slow)
        m = d.wait_log(daemon._LISTENING)  # pylint: disable=protected-access
        d.address = (m[1], int(m[2]))
        waiting = []
        with d.connect() as c:
            while True:
                self.assertEqual(c.get("/health/live").status, 200)
                r = c.get("/health/ready")
                if r.status == 200:
                    break
                body = r.json()
                self.assertEqual((r.status, body["reason"]),
                                 (503, "recovering"), r)
                waiting.append((body["seq"], body["of"]))
                for what, document in (("predict", {"user_id": "u1",
                                                    "item_id": "i1"}),
                                       ("ratings", self.ratings(1)[0])):
                    r = c.post(f"/v1/{what}", document)
                    if r.status != 503:
                        break  # it has become ready between the two
                    self.assertEqual(r.code, "recovering", r)
                time.sleep(0.002)
            after = c.settled()
        self.assertTrue(waiting, "it was ready at once: make the log longer")
        self.assertEqual(waiting, sorted(waiting))
        self.assertEqual({of for _, of in waiting}, {4 * n})
        if after["seq"] == 4 * n:  # else a rating above came in just in time
            self.assertEqual(after["model_hash"], before["model_hash"])

    def test_locked(self):
        d = self.begin()
        second = self.launch(f"--data.dir={self.data}")
        self.assert_ends(second, LOCKED, 5)
        self.assertIn(self.data, second.log())
        self.assert_alive(d)

    def test_what_cannot_change(self):
        with self.begin("--model.rating_dim=16").connect() as c:
            self.post(c, self.ratings(10))
            before = c.settled()
        self.ended(self.daemons[-1], signal.SIGTERM)
        for option in ("model.rating_dim=24", "model.seed=5",
                       "model.rating_max=10"):
            with self.subTest(option=option):
                d = self.launch(f"--data.dir={self.data}", f"--{option}")
                self.assert_ends(d, CONFIGURATION, 5)
                name = option.split("=", maxsplit=1)[0]
                self.assertIn(name, d.log())
                self.assertIn("freshet refold", d.log())
        with self.begin("--model.rating_dim=16").connect() as c:
            self.assertEqual(c.settled()["model_hash"], before["model_hash"])

    def test_what_can(self):
        with self.begin().connect() as c:
            self.post(c, self.ratings(10))
        self.ended(self.daemons[-1], signal.SIGTERM)
        for _ in range(2):  # the change is an event, once
            with self.begin("--learn.factor_rate=0.1").connect() as c:
                self.assertEqual(c.settled()["seq"], 11)
            self.assertIn("settings_changed",
                          self.daemons[1].log())
            self.ended(self.daemons[-1], signal.SIGKILL)


class Snapshots(DurableTest):
    def test_asked_for(self):
        d = self.begin("--snapshot.keep=2")
        with d.connect() as c:
            for k in range(1, 5):
                self.post(c, self.ratings(100))
                s = c.settled()
                receipt = self.assert_ok(c.post("/v1/admin/snapshot", b"",
                                                kind=None))
                self.assertEqual((receipt["seq"], receipt["model_hash"]),
                                 (100 * k, s["model_hash"]))
                path = os.path.join(self.data, "snapshot", receipt["file"])
                self.assertEqual(os.path.getsize(path), receipt["bytes"])
                self.assertGreater(receipt["seconds"], 0)
                self.assertEqual(c.stats()["snapshot_seq"], 100 * k)
            self.assertEqual(len(os.listdir(os.path.dirname(path))), 2)
            self.assertEqual(c.get("/v1/admin/snapshot").status, 405)
        self.ended(d, signal.SIGKILL)
        d = self.begin()
        with d.connect() as c:
            self.assertEqual(c.settled()["model_hash"], s["model_hash"])
            self.assertEqual(c.stats()["snapshot_seq"], 400)
        self.assertIn("snapshot_loaded", d.log())

    def test_nowhere_to_write_it(self):
        with self.serve().connect() as c:
            r = c.post("/v1/admin/snapshot", b"", kind=None)
            self.assert_error(r, 503, "snapshot_failed", mentions=NO_STORE)


if __name__ == "__main__":
    main()
