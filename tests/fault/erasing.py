"""erasing.py -- a person among others, to be forgotten."""
import damage
from client import build
from rig import FaultTest

VICTIM = "victim-b3d9aa51"
PATH = f"/v1/users/{VICTIM}"


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
        return self.assert_ok(c.ask("DELETE", PATH))

    @staticmethod
    def ask_to_erase(c):
        """The same by somebody who may not hear the answer."""
        c.try_send(build("DELETE", PATH))

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
