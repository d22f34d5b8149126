"""The control plane of learning over HTTP: rollback, guard, pause, settings."""
import signal
import threading

from client import Closed
from durable import DurableTest
from harness import OwnDaemonTest, eventually, main


class Admin(DurableTest):
    def learn(self, c, events):
        """However long it takes; ?wait=applied has its limits.wait_timeout."""
        self.assertEqual(self.stream(c, events).json()["accepted"], len(events))
        return c.settled()

    def taste(self, n, turned=False):
        """Ratings with something to learn in them, or the contrary."""
        out = []
        for e in self.ratings(n):
            u, i = self.random.randrange(300), self.random.randrange(200)
            e.update(user_id=f"u{u}", item_id=f"i{i}")
            value = 4 if u % 3 == i % 3 else 2
            value += self.random.randrange(2)
            out.append({**e, "rating": 6 - value if turned else value})
        return out

    def shown(self, c):
        """What is served: predictions and lists of some, at a fixed time."""
        pairs = [{"user_id": f"u{k}", "item_id": f"i{k % 30}",
                  "timestamp": 1700100000} for k in range(52)]
        r = self.assert_ok(c.post("/v1/predict", {"instances": pairs}))
        lists = [self.assert_ok(c.get(f"/v1/users/u{k}/recommendations"))
                 for k in range(0, 50, 7)]
        return (r["ratings"], r.get("cold"),
                [a["items"] for a in lists])

    def hash(self, c):
        c.settled()
        return c.stats()["model_hash"]


class Rollback(Admin):
    def roll_back(self, c, to_seq, status=200):
        return self.assert_ok(
            c.post("/v1/admin/rollback", {"to_seq": to_seq}), status)

    def test_as_it_was(self):
        d = self.begin("--snapshot.on_exit=no")
        with d.connect() as c:
            self.post(c, self.ratings(400))
            c.settled()
            before = self.shown(c)
            events = self.ratings(200)
            self.post(c, events)
            c.settled()
            self.assertNotEqual(self.shown(c), before)
            r = self.roll_back(c, 400)
            self.assertEqual(
                {k: r[k] for k in r if k != "model_seq"},
                {"rolled_back": True, "to_seq": 400, "seq": 601,
                 "events": 200, "effective": "now"})
            self.assertEqual(self.shown(c), before)
            s = c.stats()
            self.assertEqual((s["events"], s["seq"], s["interim"]),
                             (400, 601, False))
            # the ids of what was undone stay known
            self.assert_counts(self.post(c, events), 0, 200, 600)
            self.post(c, self.ratings(100))
            after = self.hash(c)
            shown = self.shown(c)
        for number in signal.SIGKILL, signal.SIGTERM:
            self.ended(d, number)
            d = self.begin()
            with d.connect() as c:
                self.assertEqual(self.hash(c), after)
                self.assertEqual(self.shown(c), shown)

    def test_model_seq_never_decreases(self):
        with self.begin().connect() as c:
            for _ in range(5):
                self.post(c, self.ratings(100), 200, "?wait=applied")
                seq = c.stats()["model_seq"]
                r = self.roll_back(c, max(0, seq - 150))
                self.assertGreaterEqual(r["model_seq"], seq)
                self.assert_ok(c.get(f"/v1/stats?min_seq={r['seq']}"))

    def test_readers_meanwhile(self):
        """Answers come from one model or the other, and all of them come."""
        d = self.begin("--server.workers=2")
        stop, wrong, n = threading.Event(), [], [0] * 3

        def read(k):
            with d.connect() as c:
                while not stop.is_set():
                    try:
                        self.shown(c)
                        n[k] += 1
                    except (AssertionError, Closed) as e:
                        wrong.append(e)
                        return

        with d.connect() as c:
            self.post(c, self.ratings(3000), 200, "?wait=applied")
            threads = [threading.Thread(target=read, args=(k,))
                       for k in range(len(n))]
            for t in threads:
                t.start()
            for k in range(6):
                self.post(c, self.ratings(300))
                self.roll_back(c, 2500 + 100 * k)
            stop.set()
            for t in threads:
                t.join()
            self.assertEqual(wrong, [])
            self.assertTrue(all(n), n)
            self.assert_ok(c.get("/v1/stats"))

    def test_refused(self):
        with self.begin().connect() as c:
            self.post(c, self.ratings(10), 200, "?wait=applied")
            for to in 10, 11, 2 ** 62:
                r = c.post("/v1/admin/rollback", {"to_seq": to})
                self.assert_error(r, 409, "cannot_roll_back")
            for body, code in (({}, "missing_field"),
                               ({"to_seq": -1}, "invalid_type"),
                               ({"to_seq": 1.5}, "invalid_type"),
                               ({"to_seq": "1"}, "invalid_type"),
                               ({"seq": 1}, "unknown_field"),
                               ([], "invalid_type"), (b"x", "invalid_json")):
                r = c.post("/v1/admin/rollback", body)
                self.assert_error(r, 400, code)
            self.assertEqual(c.stats()["seq"], 10)


class InMemory(OwnDaemonTest):
    def test_no_way_back(self):
        with self.serve().connect() as c:
            c.rate("u", "i", 3)
            c.settled()
            self.assert_error(c.post("/v1/admin/rollback", {"to_seq": 0}), 409,
                              "cannot_roll_back", mentions="data.dir")

    def test_settings_hold_as_long_as_it_runs(self):
        with self.serve().connect() as c:
            r = self.assert_ok(c.post("/v1/admin/settings",
                                      {"learn.replay": 2}), 202)
            r = self.assert_ok(
                c.get(f"/v1/admin/settings?min_seq={r['seq']}"))
            self.assertEqual(r["settings"]["learn.replay"], 2)
            self.assertEqual(r["configured"], {"learn.replay": 8})


class Guard(Admin):
    def test_holds_until_undone(self):
        d = self.begin("--server.workers=1")
        with d.connect() as c:
            self.learn(c, self.taste(12288))
            self.assertEqual(c.stats()["guard"], "ok")
            self.post(c, self.taste(1500, turned=True))
            eventually(lambda: c.stats()["guard"] == "held")
            eventually(lambda: c.stats()["folded_seq"] == 13788)
            s = c.stats()
            self.assertEqual(s["held_since_seq"], 12288)
            self.assertLess(s["model_seq"], 13788)
            self.assertEqual(s["model_hash_seq"], 13788)
            d.wait_log(r"ERROR +publishing_held good_seq=12288")
            # it serves, takes events, and says why they are not seen
            self.assert_ok(c.get("/health/ready"))
            shown = self.shown(c)
            self.post(c, self.taste(50, turned=True))
            self.assertEqual(self.shown(c), shown)
            r = c.get("/v1/stats?min_seq=13838")
            self.assert_error(r, 503, "publishing_held", mentions="guard")
            r = c.post("/v1/ratings?wait=applied", self.taste(1, True))
            self.assert_error(r, 503, "not_applied", mentions="guard")
            r = c.post("/v1/admin/snapshot", b"")
            self.assert_error(r, 503, "snapshot_failed", mentions="guard")
            page = c.get("/metrics").body.decode()
            self.assertIn("\nfreshet_guard_held 1\n", page)
            self.assertIn("\nfreshet_guard_trips_total 1\n", page)
            # undone, it is over
            self.assert_ok(c.post("/v1/admin/rollback", {"to_seq": 12288}))
            s = c.stats()
            self.assertEqual((s["guard"], s["events"]), ("ok", 12288))
            d.wait_log("publishing_resumed")
            self.post(c, self.taste(100), 200, "?wait=applied")

    def test_held_over_a_restart(self):
        d = self.begin()
        with d.connect() as c:
            self.learn(c, self.taste(12288))
            self.post(c, self.taste(1500, turned=True))
            eventually(lambda: c.stats()["guard"] == "held")
            eventually(lambda: c.stats()["folded_seq"] == 13788)
            learned = c.stats()["model_hash"]
        self.ended(d, signal.SIGTERM)
        d = self.begin()
        d.wait_log("publishing_held")
        with d.connect() as c:
            s = c.stats()
            self.assertEqual((s["guard"], s["held_since_seq"]), ("held", 12288))
            self.assertLess(s["model_seq"], 13313)
            self.assertEqual((s["model_hash"], s["model_hash_seq"]),
                             (learned, 13788))
            for _ in range(20): # good events end it
                self.post(c, self.taste(1000))
            eventually(lambda: c.stats()["model_seq"] == 33788)

    def test_off(self):
        with self.begin("--guard.ratio=0").connect() as c:
            self.learn(c, self.taste(12288))
            self.post(c, self.taste(1500, turned=True), 200, "?wait=applied")
            self.assertEqual(c.stats()["guard"], "off")


class Pause(Admin):
    def test_pause_and_resume(self):
        d = self.begin("--ingest.queue_events=300")
        with d.connect() as c, d.connect() as waiting:
            self.post(c, self.ratings(100), 200, "?wait=applied")
            waiting.send(b"GET /v1/stats?min_seq=105 HTTP/1.1\r\n"
                         b"Host: x\r\n\r\n")
            self.assertTrue(waiting.is_silent(0.2))
            for _ in range(2): # again is as once
                r = self.assert_ok(c.post("/v1/admin/pause", b""))
                self.assertEqual(r, {"paused": True, "model_seq": 100})
            self.assert_error(waiting.read(), 503, "publishing_held",
                              mentions="paused")
            self.assertTrue(c.stats()["paused"])
            self.post(c, self.ratings(200))
            r = c.post("/v1/ratings?wait=applied", self.ratings(1))
            self.assert_error(r, 503, "not_applied", mentions="paused")
            self.assertEqual(c.stats()["model_seq"], 100)
            full = None
            for _ in range(20):
                r = c.post("/v1/ratings", self.ratings(100))
                if r.status == 503:
                    full = full or r
            self.assert_error(full, 503, "queue_full")
            self.assert_ok(c.get("/v1/users/u1/recommendations"))
            r = self.assert_ok(c.post("/v1/admin/resume", b""))
            self.assertFalse(r["paused"])
            c.settled()
            s = c.stats()
            self.assertEqual(s["model_seq"], s["seq"])
            self.assertFalse(s["paused"])

    def test_stopped_while_paused(self):
        """What was accepted is learned before it ends, and kept."""
        d = self.begin("--ingest.queue_events=300")
        with d.connect() as c:
            self.assert_ok(c.post("/v1/admin/pause", b""))
            for _ in range(20):
                c.post("/v1/ratings", self.ratings(100))
            seq = c.stats()["seq"]
            self.assertGreaterEqual(seq, 300)
        self.ended(d, signal.SIGTERM)
        self.assertEqual(d.status, 0)
        d = self.begin()
        self.assertRegex(d.log(), rf"snapshot_loaded .*seq={seq}\b")
        with d.connect() as c:
            s = c.stats()
            self.assertEqual((s["model_seq"], s["paused"]), (seq, False))


class Settings(Admin):
    def set(self, c, **options):
        return self.assert_ok(c.post("/v1/admin/settings", options), 202)

    def get(self, c, seq=0):
        return self.assert_ok(c.get(f"/v1/admin/settings?min_seq={seq}"))

    def test_in_force_and_kept(self):
        d = self.begin()
        with d.connect() as c:
            before = self.get(c)
            self.assertEqual(before["configured"], {})
            changed = {"learn.bias_rate": 0.02, "learn.control": "on"}
            r = self.set(c, **changed)
            self.assertEqual(r["settings"], {**before["settings"], **changed})
            now = self.get(c, r["seq"])
            self.assertEqual(now["settings"], r["settings"])
            was = {k: before["settings"][k] for k in changed}
            self.assertEqual(now["configured"], was)
            # the same again is no event
            self.assertEqual(self.set(c, **changed)["seq"], r["seq"])
            self.assertEqual(c.stats()["seq"], r["seq"])
        for number in signal.SIGTERM, signal.SIGKILL:
            self.ended(d, number)
            d = self.begin()
            with d.connect() as c:
                again = self.get(c)
                self.assertEqual(again["settings"], now["settings"])
                self.assertEqual(again["configured"], was)
        self.ended(d, signal.SIGTERM)
        d = self.begin("--learn.bias_rate=0.03", "--learn.session_rate=0.1")
        with d.connect() as c:
            s = self.get(c)
            self.assertEqual((s["settings"]["learn.bias_rate"],
                              s["settings"]["learn.session_rate"],
                              s["settings"]["learn.control"]),
                             (0.03, 0.1, "on"))
            self.assertEqual(s["configured"], {"learn.control": "off"})

    def test_refused(self):
        with self.begin().connect() as c:
            for body, mentions in (
                    ({"learn.bias_rat": 0.02}, "learn.bias_rate"),
                    ({"learn.bias_rate": 11}, "0..10"),
                    ({"learn.bias_rate": "x"}, "0..10"),
                    ({"learn.replay": 2.5}, "whole number"),
                    ({"learn.control": "maybe"}, "off|on"),
                    ({"model.seed": 7}, "cannot change"),
                    ({"model.max_users": 7}, "cannot change"),
                    ({"server.listen": "x"}, "server.listen"),
                    ({"log.level": "debug"}, "SIGHUP"),
                    ({"learn.bias_rate": 0.02, "model.seed": 7}, "seed")):
                r = c.post("/v1/admin/settings", body)
                self.assert_error(r, 400, "invalid_setting", mentions=mentions)
            for body, code in (({}, "missing_field"), ([], "invalid_type"),
                               ({"learn.bias_rate": None}, "invalid_type"),
                               ({"learn.bias_rate": [1]}, "invalid_type"),
                               (b'{"learn.replay":1,"learn.replay":2}',
                                "invalid_json")):
                self.assert_error(c.post("/v1/admin/settings", body), 400,
                                  code)
            self.assertEqual(c.stats()["seq"], 0)

    def test_all_that_may_change_can(self):
        with self.begin().connect() as c:
            s = self.get(c)["settings"]
            self.assertGreater(len(s), 20)
            self.assertEqual(self.set(c, **s)["settings"], s)


if __name__ == "__main__":
    main()
