"""A person is forgotten: in every file, and whole or not at all."""
import os
import time

import damage
from erasing import PATH, VICTIM, EraseTest
from harness import eventually
from rig import main, rounds

# No event looks at the seq of another, no prediction at the clock.
PLAIN = ("--learn.replay=0", "--learn.session_tau=0")


class Erase(EraseTest):
    def test_at_once(self):
        d = self.populated()
        with d.connect() as c:
            r = c.get(f"{PATH}/export")
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
                self.assert_error(c.ask(method, PATH + path),
                                  404, "unknown_user")
            self.assert_forgotten()
            # a newcomer under the old name starts from nothing
            self.rate_as_victim(d, 1)
            self.assertEqual(len(c.get(f"{PATH}/export")
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
        path = f"{PATH}/ratings/{item}"
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

    def test_no_descriptor_is_left(self):
        d = self.populated()

        def descriptors():
            return sorted(os.readlink(f"/proc/{d.pid}/fd/{n}")
                          for n in os.listdir(f"/proc/{d.pid}/fd"))

        with d.connect() as c:
            # c accepted, those before it closed: else the count is one off
            eventually(lambda: c.stats()["connections"] == 1)
            before = len(descriptors())
            for _ in range(5):
                self.rate_as_victim(d, 2)
                self.fill(d, 400, 100)
                c.get(f"{PATH}/export")
                self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
                self.erase(c)
            eventually(lambda: len(descriptors()) <= before, 5,
                       f"{before} descriptors, now {descriptors()}")

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


if __name__ == "__main__":
    main()
