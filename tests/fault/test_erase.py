"""A person is forgotten: in every file, and whole or not at all."""
import os
import time

import damage
from disks import Lossy
from rig import ROT, FaultTest, main, rounds, say

VICTIM = "victim-b3d9aa51"
STEPS = ("erase.redo_written", "erase.logged", "erase.half_voided",
         "erase.voided", "erase.snapshots")
# No event looks at the seq of another, no prediction at the clock.
PLAIN = ("--learn.replay=0", "--learn.session_tau=0")


class EraseTest(FaultTest):
    def setUp(self):
        super().setUp()
        self.mine = []

    def rate_as_victim(self, d, n):
        """n events of the victim between those of others, in requests of both
        kinds."""
        for _ in range(n):
            mine = self.make.one(user_id=VICTIM)
            mine["event_id"] += "-" + VICTIM
            mine["item_id"] = f"i{len(self.mine) % 7}"
            self.mine.append(mine)
            with d.connect() as c:
                around = self.make.many(self.random.choice((0, 2)))
                r = self.rate(c, around[:1] + [mine] + around[1:])
                self.assertEqual(r.status, 202, r)

    def populated(self, *options, data=None, failpoint=None):
        """A daemon with a few snapshots and segments full of the victim."""
        d = self.serve(*options, data=data, failpoint=failpoint)
        with d.connect() as c:
            for _ in range(2):
                self.fill(d, 400, 100)
                self.rate_as_victim(d, 15)
                self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
        return d

    def erase(self, c):
        return self.assert_ok(c.ask("DELETE", f"/v1/users/{VICTIM}"))

    def held(self, log):
        """How many events of the victim the log holds."""
        return sum(e.get("user_id") == VICTIM for e in log)

    def others(self, log):
        """The rest must be as it was."""
        there = [e for e in log if e["type"] == "rating"]
        names = {e["event_id"] for e in there}
        mine = {e["event_id"] for e in self.mine}
        for e in self.ledger.events("kept"):
            if e["event_id"] not in mine:
                self.assertIn(e["event_id"], names)
        return there

    def assert_forgotten(self, data=None):
        """No file has a byte of the victim; the log's other events are
        there."""
        self.assertEqual(damage.files_with(data or self.data, VICTIM), [])
        log = self.export(data)
        self.assertEqual(self.held(log), 0)
        self.assertEqual([e["seq"] for e in log],
                         list(range(1, len(log) + 1)))
        self.others(log)
        return log


class Erase(EraseTest):
    def test_at_once(self):
        d = self.populated()
        with d.connect() as c:
            r = c.get(f"/v1/users/{VICTIM}/export")
            self.assertIn(VICTIM.encode(), r.body)
            before = c.settled()
            receipt = self.erase(c)
            after = c.settled()
            self.assertEqual(receipt["events"], len(self.mine))
            self.assertEqual(receipt["seq"], before["seq"] + 1)
            self.assertEqual((receipt["erased"], receipt["exact"],
                              receipt["interim"]), (True, True, True))
            self.assertTrue(after["interim"])
            self.assertEqual(after["users"], before["users"] - 1)
            self.assertEqual(after["epoch"], before["epoch"] + 1)
            self.assertEqual(c.predict(VICTIM, "i1").get("cold"), ["user"])
            for method, path in (("GET", "/export"), ("DELETE", "")):
                self.assert_error(c.ask(method, f"/v1/users/{VICTIM}{path}"),
                                  404, "unknown_user")
            self.assert_forgotten()
            # a newcomer under the old name starts from nothing
            self.rate_as_victim(d, 1)
            self.assertEqual(len(c.get(f"/v1/users/{VICTIM}/export")
                                 .body.split(VICTIM.encode())) > 1, True)
            self.erase(c)
        self.kill(d)
        self.assert_forgotten()

    def test_the_model_is_that_of_the_log_without_them(self):
        """After a restart, a refold and a full replay: one hash."""
        d = self.populated()
        with d.connect() as c:
            self.erase(c)
            self.fill(d, 50, 10)
        hashes = set()
        self.kill(d)
        bare = self.copy("bare")
        for path in self.snapshots(bare):
            os.unlink(path)
        folded = self.copy("folded")
        hashes.add(self.refold(data=folded))
        for data in (self.data, bare, folded):
            with self.serving(data=data) as d, d.connect() as c:
                s = c.settled()
                self.assertFalse(s["interim"])
                hashes.add(s["model_hash"])
        self.assertEqual(len(hashes), 1, hashes)
        self.assert_forgotten()

    def test_as_if_they_had_never_come(self):
        """Voids keep their seqs, so hashes tell apart what never happened from
        what was erased.  Without replays a seq means nothing to the fold, and
        then predictions are those of a model that never saw the victim."""
        d = self.populated(*PLAIN)
        with d.connect() as c:
            self.erase(c)
        self.kill(d)
        log = self.others(self.export())
        now = int(time.time())  # one for both: a session's mood fades
        pairs = [{"user_id": f"u{u}", "item_id": f"i{i}", "timestamp": now}
                 for u in range(0, 400, 9) for i in range(0, 300, 9)]
        never = os.path.join(self.folder, "never")
        with self.serving(*PLAIN) as d, d.connect() as c:
            got = c.post("/v1/predict", {"instances": pairs}).json()
            users = c.settled()["users"]
        fields = ("user_id", "item_id", "rating", "timestamp")
        with self.serving(*PLAIN, data=never) as d, d.connect() as c:
            body = [{k: e[k] for k in fields} for e in log]
            self.assert_ok(c.post("/v1/ratings", body), 202)
            self.assertEqual(c.settled()["users"], users)
            expected = c.post("/v1/predict", {"instances": pairs}).json()
        self.assertEqual(got["ratings"], expected["ratings"])
        self.assertEqual(got["cold"], expected["cold"])

    def test_one_rating(self):
        d = self.populated()
        item = self.mine[0]["item_id"]
        path = f"/v1/users/{VICTIM}/ratings/{item}"
        n = sum(e["item_id"] == item for e in self.mine)
        with d.connect() as c:
            self.assert_ok(c.ask("DELETE", path))
            self.assert_error(c.ask("DELETE", path), 404, "unknown_rating")
            self.assertEqual(
                c.ask("DELETE", "/v1/users/nobody/ratings/i1").status, 404)
        self.kill(d)
        log = self.export()
        self.assertEqual(self.held(log), len(self.mine) - n)
        self.assertFalse([e for e in log if e.get("user_id") == VICTIM and
                          e["item_id"] == item and e["type"] == "rating"])
        with self.serving() as d, d.connect() as c:
            expected = c.settled()["model_hash"]
        self.assertEqual(self.refold(), expected)

    def test_a_retry_of_what_was_erased(self):
        """Its event_id is forgotten too."""
        d = self.populated()
        with d.connect() as c:
            self.erase(c)
            r = c.post("/v1/ratings", self.mine[0])
            self.assertEqual(self.assert_ok(r, 202)["accepted"], 1)

    def test_under_load(self):
        d = self.populated()
        load = self.load(d, connections=16)
        with d.connect() as c:
            for _ in range(rounds(3, 30)):
                self.rate_as_victim(d, 10)
                self.erase(c)
                self.assertEqual(damage.files_with(self.data, VICTIM), [])
        load.stop()
        self.assertEqual(set(load.answers), {202})
        self.kill(d)
        log = self.assert_forgotten()
        with self.serving() as d:
            expected, seq = self.hash(d)
        self.assertEqual(seq, len(log))
        self.assertEqual(self.refold(), expected)


class EraseAndDie(EraseTest):
    """The process, and the power, end at each step of an erasure."""

    def test_after_the_answer_the_power_may_go(self):
        disk = self.enterContext(Lossy())
        d = self.populated(data=disk.home())
        with d.connect() as c:
            self.erase(c)
            cut = os.path.join(disk.cut("none", 1), "data")
        self.assert_forgotten(cut)
        d.stop()

    def go_on(self, data):
        """Fully there or fully gone, in the log, in every file and in the
        model; True: gone."""
        self.check_log(data=data)    # an erasure to be finished is no rot
        with self.serving("--snapshot.on_exit=no", data=data) as d:
            got, _ = self.hash(d)
            with d.connect() as c:
                r = c.get(f"/v1/users/{VICTIM}/export")
        log = self.export(data)
        n = self.held(log)
        self.assertIn(n, (0, len(self.mine)))
        self.assertEqual(r.status, 200 if n else 404)
        if not n:
            self.assert_forgotten(data)
            self.assertEqual([e["type"] for e in log].count("erase"), 1)
        self.others(log)
        self.assertEqual(self.refold(data=data), got)
        return not n

    def test_at_any_moment(self):
        """Cuts while the erasure goes on, as many as there is time for."""
        disk = self.enterContext(Lossy())
        d = self.populated(data=disk.home())
        cuts = []
        with d.connect() as c:
            c.send(f"DELETE /v1/users/{VICTIM} HTTP/1.1\r\nHost: a\r\n\r\n"
                   .encode())
            while c.is_silent(0.0001) and len(cuts) < 40:
                cuts.append(disk.cut("some", len(cuts)))
            self.assert_ok(c.read())
        d.stop()
        for folder in cuts:
            self.go_on(os.path.join(folder, "data"))
        say(f"{len(cuts)} cuts while an erasure went on")

    def test_rot_of_what_is_to_be_done(self):
        """A redo that cannot be read is not skipped: it has happened."""
        d = self.populated(failpoint="erase.redo_written")
        with d.connect() as c:
            c.try_send(f"DELETE /v1/users/{VICTIM} HTTP/1.1\r\nHost: a\r\n\r\n"
                       .encode())
            self.assertEqual(d.wait(), 137, d.log())
        path = os.path.join(self.data, "redo")
        size = os.path.getsize(path)
        for at in self.random.sample(range(size), rounds(4, 100)):
            with self.subTest(at=at, of=size):
                damage.flip(path, at)
                before = damage.fingerprint(self.data)
                d = self.launch()
                self.assertEqual(d.wait(), ROT, d.log())
                self.assertIn("redo", d.log())
                self.assertEqual(damage.fingerprint(self.data), before)
                damage.flip(path, at)
        self.assertTrue(self.go_on(self.data))

    def test_at_each_step(self):
        gone = there = 0
        for step in STEPS:
            with self.subTest(step=step), Lossy() as disk:
                self.mine.clear()
                self.begin(step)
                data = disk.home()
                d = self.populated(data=data, failpoint=step)
                with d.connect() as c:
                    c.try_send(f"DELETE /v1/users/{VICTIM} HTTP/1.1\r\n"
                               "Host: a\r\n\r\n".encode())
                    self.assertEqual(d.wait(), 137, d.log())
                d.kill()
                cuts = [disk.cut(m, k) for m in ("none", "some")
                        for k in range(rounds(1, 10))]
                for folder in [os.path.join(f, "data") for f in cuts] + [data]:
                    if self.go_on(folder):
                        gone += 1
                    else:
                        there += 1
        say(f"erasure cut short: {gone} times fully gone, {there} times fully "
            "there")
        self.assertGreater(gone, 0)


if __name__ == "__main__":
    main()
