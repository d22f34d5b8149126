"""POST /v1/events: what users did."""
import json
import signal

from client import NDJSON
from durable import DurableTest
from harness import HttpTest, OwnDaemonTest, main

T0 = 1700000000
KNOWN = "view, click, cart, purchase, like, dislike, skip, impression"


class Events(HttpTest):
    def setUp(self):
        super().setUp()
        self.c = self.connect()

    def event(self, **more):
        return {"user_id": self.name("user"), "item_id": self.name("item"),
                "type": "click", **more}

    def test_each_type(self):
        for kind in KNOWN.split(", "):
            e = self.event(type=kind, timestamp=T0)
            receipt = self.assert_ok(self.c.post("/v1/events?wait=applied", e))
            self.assertEqual((receipt["accepted"], receipt["duplicates"]),
                             (1, 0))
            self.assertGreaterEqual(receipt["model_seq"], receipt["seq"])

    def test_array_is_all_or_nothing(self):
        before = self.c.settled()["seq"]
        good = [self.event() for _ in range(1000)]
        for at in (0, 500, 999):
            bad = list(good)
            bad[at] = self.event(type="clack")
            self.assert_error(self.c.post("/v1/events", bad), 400,
                              "unknown_event_type", at, KNOWN)
        self.assertEqual(self.c.settled()["seq"], before)
        receipt = self.assert_ok(self.c.post("/v1/events", good), 202)
        self.assertEqual(receipt["seq"], before + 1000)

    def test_stream(self):
        lines = [json.dumps(self.event(event_id=self.name("e")))
                 for _ in range(300)]
        body = "\n".join(lines + lines[:20] + ['{"type":"view"}']).encode()
        receipt = self.assert_ok(self.c.post("/v1/events?wait=applied", body,
                                             kind=NDJSON))
        self.assertEqual((receipt["accepted"], receipt["duplicates"],
                          receipt["rejected"]), (300, 20, 1))
        self.assertEqual(receipt["errors"][0]["index"], 320)

    def test_again(self):
        """An event under its name, and another one under it; a rating is
        another."""
        e = self.event(event_id=self.name("e"), value=3, timestamp=T0)
        seq = self.assert_ok(self.c.post("/v1/events", e), 202)["seq"]
        again = self.assert_ok(self.c.post("/v1/events", e), 202)
        self.assertEqual((again["duplicates"], again["seq"]), (1, seq))
        for more in ({"type": "like"}, {"value": 4}, {"item_id": "other"},
                     {"timestamp": T0 + 1}):
            r = self.c.post("/v1/events", {**e, **more})
            self.assert_error(r, 409, "event_id_conflict")
        del e["type"], e["value"]
        r = self.c.post("/v1/ratings", {**e, "rating": 4})
        self.assert_error(r, 409, "event_id_conflict")

    def test_bad_events(self):
        before = self.c.settled()["seq"]
        for more, code in (({"type": ""}, "unknown_event_type"),
                           ({"type": "VIEW"}, "unknown_event_type"),
                           ({"type": "view "}, "unknown_event_type"),
                           ({"type": 1}, "invalid_type"),
                           ({"type": None}, "invalid_type"),
                           ({"value": "3"}, "invalid_value"),
                           ({"value": True}, "invalid_value"),
                           ({"value": 1e39}, "invalid_value"),
                           ({"timestamp": T0 * 1000}, "invalid_timestamp"),
                           ({"user_id": ""}, "invalid_id"),
                           ({"item_id": "a\n"}, "invalid_id"),
                           ({"event_id": []}, "invalid_type"),
                           ({"rating": 3}, "unknown_field"),
                           ({"Type": "view"}, "unknown_field")):
            with self.subTest(more=more):
                r = self.c.post("/v1/events", self.event(**more))
                self.assert_error(r, 400, code)
        for lack in ("user_id", "item_id", "type"):
            e = self.event()
            del e[lack]
            self.assert_error(self.c.post("/v1/events", e), 400,
                              "missing_field", mentions=lack)
        self.assertEqual(self.c.settled()["seq"], before)

    def test_metrics(self):
        def counts():
            page = self.c.get("/metrics").body.decode().splitlines()
            return {n: int(line.split()[1]) for line in page
                    for n in ("accepted", "duplicate", "rejected")
                    if line.startswith(f"freshet_behaviours_{n}_total ")}
        before = counts()
        e = self.event(event_id=self.name("e"))
        for _ in range(3):
            self.c.post("/v1/events", e)
        self.c.post("/v1/events", self.event(type="no"))
        self.c.settled()
        after = counts()
        self.assertEqual({n: after[n] - before[n] for n in after},
                         {"accepted": 1, "duplicate": 2, "rejected": 1})


class Types(OwnDaemonTest):
    def test_own_types(self):
        d = self.serve("--events.types=watch:2:30,hate:-1.5")
        with d.connect() as c:
            for e, code in (({"type": "watch", "value": 12}, None),
                            ({"type": "watch"}, None),
                            ({"type": "hate", "value": -5}, None),
                            ({"type": "watch", "value": -1}, "invalid_value"),
                            ({"type": "view"}, "unknown_event_type")):
                r = c.post("/v1/events", {"user_id": 1, "item_id": 2, **e})
                if code:
                    self.assert_error(r, 400, code)
                else:
                    self.assert_ok(r, 202)

    def test_no_types(self):
        with self.serve("--events.types=").connect() as c:
            r = c.post("/v1/events", {"user_id": 1, "item_id": 2,
                                      "type": "view"})
            self.assert_error(r, 400, "unknown_event_type")

    def test_rules_that_are_none(self):
        for option, why in (("events.types=view", "is not name:weight"),
                            ("events.types=a:1,a:2", "is there twice"),
                            ("items.buckets=year:0", "not a number above 0")):
            d = self.launch("--" + option)
            self.assert_ends(d, 78, within=5)
            self.assertIn(why, d.log())


class Kept(DurableTest):
    def test_after_a_restart(self):
        d = self.begin("--events.types=watch:2:30,hate:-1.5")
        events = [{"user_id": f"u{k % 7}", "item_id": f"i{k % 11}",
                   "type": "hate" if k % 3 else "watch", "value": k,
                   "timestamp": T0 + k, "event_id": str(k)}
                  for k in range(200)]
        with d.connect() as c:
            self.assert_ok(c.post("/v1/events", events), 202)
            want = c.settled()["model_hash"]
        for end in (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM):
            self.ended(d, end)
            d = self.begin()  # with other types: the log keeps the weights
            with d.connect() as c:
                self.assertEqual(c.settled()["model_hash"], want)
                page = self.assert_ok(c.get("/v1/users/u3/export"))
                first = page["events"][0]
                self.assertEqual((first["type"], first["value"]),
                                 ("watch", 3))
                self.assertAlmostEqual(first["weight"], 0.2, places=6)


if __name__ == "__main__":
    main()
