"""A person's rights over HTTP: export, retraction, erasure."""
import json
import signal
from urllib.parse import quote

from client import build
from durable import DurableTest
from harness import main

ODD = "\U0001f98a/fox & \"co\""       # an id like any other


class Rights(DurableTest):
    def setUp(self):
        super().setUp()
        self.who = f"/v1/users/{quote(ODD, safe='')}"

    def populated(self, *options):
        d = self.begin(*options)
        with d.connect() as c:
            self.post(c, self.ratings(200))
            self.mine = self.ratings(7, user_id=ODD)
            for k, e in enumerate(self.mine):
                e["item_id"] = f"i{k % 5}"
            self.post(c, self.mine)
            self.post(c, self.ratings(50))
            c.settled()
        return d

    def test_export(self):
        with self.populated("--limits.export_events=3").connect() as c:
            events, at = [], 1
            while at is not None:
                page = self.assert_ok(c.get(f"{self.who}/export?from_seq={at}"))
                self.assertEqual(set(page), {
                    "user_id", "model", "seen", "liked", "replay", "ranking_replay",
                    "events", "log", "next_seq", "model_seq"})
                self.assertEqual(page["user_id"], ODD)
                self.assertLessEqual(len(page["events"]), 3)
                self.assertEqual(page["model"]["ratings"], 7)
                self.assertEqual(page["model"]["first_seq"], 201)
                self.assertEqual(len(page["model"]["factors"]),
                                 c.stats()["rating_dim"])
                self.assertEqual(
                    sorted(page["seen"], key=lambda s: s["item_id"]),
                    [{"item_id": f"i{k}", "day": "2023-11-14",
                      "kinds": ["rating"]} for k in range(5)])
                self.assertEqual(page["liked"],
                                 ["i1", "i0", "i4", "i3", "i2"])
                self.assertEqual(len(page["replay"]), 5)
                events += page["events"]
                at = page["next_seq"]
            want = [{"seq": 201 + k, "type": "rating",
                     **{n: v for n, v in e.items() if n != "user_id"}}
                    for k, e in enumerate(self.mine)]
            self.assertEqual(events, want)
            self.assert_error(c.get("/v1/users/nobody/export"), 404,
                              "unknown_user")
            for query in ("from_seq=x", "from_seq=-1", "n=3"):
                r = c.get(f"{self.who}/export?{query}")
                self.assert_error(r, 400, "bad_query", mentions="from_seq")

    def test_all_kinds(self):
        """Behaviour and metadata are exported, taken back and erased as ratings
        are; with a pair's rating goes its behaviour."""
        at = {"timestamp": 1700000000}
        with self.begin().connect() as c:
            self.post(c, self.ratings(20))
            for route, body in (
                    (f"{self.who}", {"tags": ["likes foxes"], "year": 1999}),
                    ("/v1/events", {"user_id": ODD, "item_id": "i1",
                                    "type": "view", "value": 3, **at}),
                    ("/v1/events", {"user_id": ODD, "item_id": "i2",
                                    "type": "dislike", "event_id": "e", **at}),
                    ("/v1/ratings", {"user_id": ODD, "item_id": "i1",
                                     "rating": 2, "teacher_rating": 2.5,
                                     **at})):
                method = "PUT" if route == self.who else "POST"
                r = c.ask(method, route + "?wait=applied",
                          json.dumps(body).encode())
                self.assert_ok(r)
            page = self.assert_ok(c.get(f"{self.who}/export"))
            put = page["events"][0]
            self.assertEqual(put.pop("timestamp") > 0, True)
            metadata = {"tags": ["likes foxes"], "numbers": {"year": 1999}}
            self.assertEqual(put, {"seq": 21, "type": "metadata",
                                   "metadata": metadata})
            self.assertEqual(page["model"]["metadata"], metadata)
            self.assertEqual(page["seen"], [
                {"item_id": "i1", "day": "2023-11-14",
                 "kinds": ["rating", "view"]},
                {"item_id": "i2", "day": "2023-11-14", "kinds": ["dislike"]}])
            self.assertEqual(page["liked"], ["i1"])
            self.assertEqual(page["events"][1:], [
                {"seq": 22, "type": "view", "item_id": "i1", "value": 3,
                 "weight": 0.2, **at},
                {"seq": 23, "type": "dislike", "item_id": "i2", "weight": -1,
                 "event_id": "e", **at},
                {"seq": 24, "type": "rating", "item_id": "i1", "rating": 2,
                 "teacher_rating": 2.5, **at}])
            taken = self.assert_ok(c.ask("DELETE", f"{self.who}/ratings/i1"))
            self.assertEqual(taken["events"], 2)
            page = self.assert_ok(c.get(f"{self.who}/export"))
            self.assertEqual([e["seq"] for e in page["events"]], [21, 23])
            self.assertGreater(len(self.files_with("likes foxes")), 0)
            gone = self.assert_ok(c.ask("DELETE", self.who))
            self.assertEqual(gone["events"], 3)
            for text in ("likes foxes", ODD.split("/", maxsplit=1)[0]):
                self.assertEqual(self.files_with(text), [])
            for path in (self.who, f"{self.who}/export"):
                self.assert_error(c.get(path), 404, "unknown_user")

    def test_retraction(self):
        with self.populated().connect() as c:
            path = f"{self.who}/ratings/i1"  # twice: the second and the seventh
            receipt = self.assert_ok(c.ask("DELETE", path))
            self.assertEqual(receipt, {
                "retracted": True, "events": 2, "seq": 258, "exact": True,
                "interim": True, "model_seq": receipt["model_seq"]})
            self.assertGreaterEqual(receipt["model_seq"], 258)
            page = self.assert_ok(c.get(f"{self.who}/export"))
            self.assertNotIn("i1", [s["item_id"] for s in page["seen"]])
            self.assertNotIn("i1", page["liked"])
            self.assertEqual(len(page["replay"]), 4)
            self.assertEqual([e["seq"] for e in page["events"]],
                             [201, 203, 204, 205, 206])
            for p in (path, f"{self.who}/ratings/nothing",
                      "/v1/users/nobody/ratings/i1"):
                self.assert_error(c.ask("DELETE", p), 404, "unknown_rating")
            self.assert_counts(self.post(c, self.mine[1]), 1, 0, 259)

    def test_erasure(self):
        d = self.populated()
        name = ODD.split("/", maxsplit=1)[0]
        with d.connect() as c:
            self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
            self.assertGreater(len(self.files_with(name)), 1)
            receipt = self.assert_ok(c.ask("DELETE", self.who))
            self.assertEqual(receipt, {
                "erased": True, "events": 7, "seq": 258, "exact": True,
                "interim": True, "model_seq": receipt["model_seq"]})
            self.assertEqual(self.files_with(name), [])
            s = c.settled()
            self.assertEqual((s["epoch"], s["interim"]), (1, True))
            self.assertEqual(c.predict(ODD, "i1")["cold"], ["user"])
            self.assert_error(c.ask("DELETE", self.who), 404, "unknown_user")
            self.assert_error(c.get(f"{self.who}/export"), 404, "unknown_user")
            self.assertEqual(c.get("/v1/users/u1/export").status, 200)
        self.ended(d, signal.SIGTERM)
        self.assertEqual(self.files_with(name), [])
        hashes = set()
        for end in (signal.SIGKILL, signal.SIGTERM):
            d = self.begin()
            with d.connect() as c:
                s = c.settled()
                self.assertEqual((s["seq"], s["interim"]), (258, False))
                self.assertNotIn(ODD, json.dumps(s))
                hashes.add(s["model_hash"])
            self.ended(d, end)
        self.assertEqual(len(hashes), 1)

    def test_methods(self):
        with self.populated().connect() as c:
            for method, path in (("POST", self.who), ("POST", "/v1/users/x/export"),
                                 ("GET", f"{self.who}/ratings/i1")):
                self.assertEqual(c.ask(method, path, b"").status, 405)
            for path in ("/v1/users/", "/v1/users/%zz", "/v1/users/a/ratings/"):
                self.assertIn(c.ask("DELETE", path).status, (400, 404))
            self.assertEqual(c.settled()["epoch"], 0)

    def test_pipelined(self):
        """Answers keep their order, whoever works for them."""
        with self.populated().connect() as c:
            ask = [("DELETE", f"{self.who}/ratings/i2"),
                   ("GET", f"{self.who}/export"), ("GET", "/health/live"),
                   ("DELETE", self.who), ("GET", f"{self.who}/export"),
                   ("POST", "/v1/admin/snapshot")]
            c.send(b"".join(build(m, p) for m, p in ask))
            got = [c.read() for _ in ask]
            self.assertEqual([r.status for r in got],
                             [200, 200, 200, 200, 404, 200])
            self.assertNotIn("i2", [s["item_id"]
                                    for s in got[1].json()["seen"]])
            self.assertEqual(got[5].json()["seq"], got[3].json()["seq"])
            self.assertEqual(c.settled()["epoch"], 2)


if __name__ == "__main__":
    main()
