"""GET /v1/evaluation, and what `evaluate` says of the same stream: against
sums made here."""
import json
import math
import os
import signal
import tempfile
import time

import daemon
from client import NDJSON
from durable import DurableTest
from harness import OwnDaemonTest, main

T0 = 1600000000
EVERY = "--evaluation.rank_every=1"
PLACES = ("hr10", "ndcg10", "mrr")


def stream_of(random, n=1500, users=40, items=60, time_of=lambda k: T0):
    """Ratings of items of which some are far more popular than others."""
    return [{"user_id": f"u{random.randrange(users)}",
             "item_id": f"i{int(items * random.random() ** 2)}",
             "rating": random.randint(1, 5), "timestamp": time_of(k)}
            for k in range(n)]


class Oracle:
    """The baselines, by counting; all ratings have one time, so that what is
    popular is what has most of them."""

    def __init__(self, events):
        self.n = self.total = 0
        self.squared = self.absolute = 0.0
        self.cold_items = self.cold_users = 0
        self.places = []
        count, by_user, seen = {}, {}, {}
        for e in events:
            user, item, x = e["user_id"], e["item_id"], e["rating"]
            mean = (30 + self.total) / (10 + self.n)
            self.squared += (mean - x) ** 2
            self.absolute += abs(mean - x)
            self.cold_items += count.get(item, 0) < 5
            self.cold_users += by_user.get(user, 0) < 5
            mine = seen.setdefault(user, set())
            if mine and item not in mine:
                self.places.append(self.place(count, mine, item))
            mine.add(item)
            count[item] = count.get(item, 0) + 1
            by_user[user] = by_user.get(user, 0) + 1
            self.n += 1
            self.total += x

    @staticmethod
    def place(count, seen, item):
        """From 1; infinity for an item that nobody has met."""
        if item not in count:
            return math.inf
        others = [n for i, n in count.items() if i not in seen and i != item]
        above = sum(n > count[item] for n in others)
        equal = sum(n == count[item] for n in others)
        return 1 + above + (equal + 1) // 2

    def popularity(self):
        n = len(self.places)
        return {"hr10": sum(p <= 10 for p in self.places) / n,
                "ndcg10": sum(1 / math.log2(1 + p) for p in self.places
                              if p <= 10) / n,
                "mrr": sum(1 / p for p in self.places) / n}


class Evaluation(OwnDaemonTest):
    def evaluation(self, c, query=""):
        return self.assert_ok(c.get("/v1/evaluation" + query))

    def learn(self, c, events):
        body = "\n".join(json.dumps(e) for e in events).encode()
        self.assert_ok(c.post("/v1/ratings?wait=applied", body, kind=NDJSON))

    def evaluate(self, events, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.ndjson")
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(json.dumps(e) + "\n" for e in events)
            done = daemon.command("evaluate", path, "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def near(self, a, b, what):
        self.assertTrue(math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-6),
                        f"{what}: {a}, {b}")

    def test_baselines_are_what_they_should_be(self):
        events = stream_of(self.random)
        want = Oracle(events)
        popular = want.popularity()
        with self.serve(EVERY).connect() as c:
            self.learn(c, events)
            got = self.evaluation(c)
            stats = c.stats()
        o = got["overall"]
        self.assertEqual(got["model_seq"], len(events))
        self.assertEqual(o["ratings"], len(events))
        self.near(o["rmse_mean"], math.sqrt(want.squared / want.n), "rmse")
        self.near(o["mae_mean"], want.absolute / want.n, "mae")
        self.assertEqual(o["cold_items"]["ratings"], want.cold_items)
        self.assertEqual(o["cold_users"]["ratings"], want.cold_users)
        self.assertEqual(o["rank_samples"], len(want.places))
        for key in PLACES:
            self.near(o[key + "_popularity"], popular[key], key)
        self.assertEqual(o["recall10"], o["hr10"])
        self.near(o["precision10"], o["hr10"] / 10, "precision")
        self.assertEqual(got["recent"], o)  # not many yet
        for key in ("rmse", "mae", "rmse_mean", "hr10", "ndcg10",
                    "hr10_popularity", "ndcg10_popularity", "rank_samples"):
            self.assertEqual(stats[key], o[key], key)
        self.assertEqual(stats["rmse_cold_items"], o["cold_items"]["rmse"])

    def test_is_what_evaluate_says(self):
        events = stream_of(self.random, time_of=lambda k: T0 + k)
        with self.serve(EVERY).connect() as c:
            self.learn(c, events)
            served = self.evaluation(c)["overall"]
        e = self.evaluate(events)
        for key in ("rmse", "mae", "rmse_mean", "mae_mean", "rank_samples",
                    "precision10", *PLACES, *(f"{k}_popularity"
                                              for k in PLACES)):
            self.near(served[key], e[key], key)
        for who in ("items", "users"):
            self.near(served["cold_" + who]["rmse"], e["rmse_cold_" + who],
                      who)
            self.near(served["cold_" + who]["rmse_mean"],
                      e["rmse_mean_cold_" + who], who)

    def test_samples(self):
        """Fewer of them give other numbers and the same model."""
        events = stream_of(self.random, items=600)
        every = self.evaluate(events, "--rank-every=1")
        some = self.evaluate(events, "--rank-every=10")
        never = self.evaluate(events, "--rank-every=0")
        self.assertEqual(every["model_hash"], some["model_hash"])
        self.assertEqual(every["model_hash"], never["model_hash"])
        self.assertLess(some["rank_samples"], every["rank_samples"] / 5)
        self.assertGreater(some["rank_samples"], 100)
        self.assertEqual(never["rank_samples"], 0)
        self.assertIsNone(never["hr10"])
        with self.serve("--evaluation.rank_every=0").connect() as c:
            self.learn(c, events)
            self.assertEqual(self.evaluation(c)["overall"]["rank_samples"], 0)

    def test_empty(self):
        with self.serve().connect() as c:
            got = self.evaluation(c)
        self.assertEqual((got["model_seq"], got["rank_every"]), (0, 16))
        self.assertEqual((got["curve"], got["minutes"]), ([], []))
        self.assertIsNone(got["overall"]["rmse"])
        self.assertIsNone(got["recent"]["hr10_popularity"])

    def test_curve(self):
        n = 9000
        with self.serve("--evaluation.rank_every=10").connect() as c:
            self.learn(c, stream_of(self.random, n))
            for points in (1, 7, 50, 1440):
                got = self.evaluation(c, f"?points={points}&min_seq={n}")
                curve = got["curve"]
                self.assertLessEqual(len(curve), min(points, 512))
                self.assertGreater(len(curve), min(points, 512) // 2 - 1)
                self.assertEqual(sum(p["ratings"] for p in curve), n)
                self.assertEqual(sum(p["rank_samples"] for p in curve),
                                 got["overall"]["rank_samples"])
                self.assertEqual(curve[0]["from_seq"], 0)
                for a, b in zip(curve, curve[1:]):
                    self.assertEqual(a["to_seq"] + 1, b["from_seq"])
                self.assertGreaterEqual(curve[-1]["to_seq"], n)
                self.assertEqual(got["minutes"], [])  # all is years ago
            self.assertEqual(got["recent"]["ratings"], 7 * 1024 + 9000 % 1024)

    def test_minutes(self):
        now = int(time.time())
        ages = (0, 30, 3600, 3601, 7200, 80000)
        events = stream_of(self.random, 600,
                           time_of=lambda k: now - ages[k % 6])
        old = stream_of(self.random, 50, time_of=lambda k: now - 90000 - k)
        with self.serve().connect() as c:
            self.learn(c, events + old)
            fine = self.evaluation(c, "?points=1440")["minutes"]
            rough = self.evaluation(c, "?points=12")["minutes"]
        self.assertEqual(sum(p["ratings"] for p in fine), 600)
        self.assertEqual(sum(p["ratings"] for p in rough), 600)
        starts = {(now - age) // 60 * 60 for age in ages}
        self.assertEqual([p["time"] for p in fine], sorted(starts))
        self.assertEqual({p["seconds"] for p in fine}, {60})
        self.assertEqual({p["seconds"] for p in rough}, {7200})
        self.assertTrue(all(p["time"] % 7200 == 0 for p in rough))
        self.assertLessEqual(len(rough), 5)

    def test_wrong_queries(self):
        with self.serve("--limits.wait_timeout=0.01").connect() as c:
            for query in ("points=0", "points=1441", "points=-1", "points=x",
                          "points=", "point=5", "n=3"):
                r = c.get("/v1/evaluation?" + query)
                self.assert_error(r, 400, "bad_query")
            r = c.get("/v1/evaluation?min_seq=5")
            self.assert_error(r, 503, "stale")


class Kept(DurableTest):
    def test_over_restarts(self):
        """With a snapshot and without one, whatever the end was."""
        options = ("--evaluation.rank_every=4",)
        d = self.begin(*options)
        seen = []
        for end in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            with d.connect() as c:
                self.stream(c, self.ratings(400))
                c.settled()
                before = c.get("/v1/evaluation").json()
            self.ended(d, end)
            d = self.begin(*options)
            with d.connect() as c:
                self.assertEqual(c.get("/v1/evaluation").json(), before)
            seen.append(before["overall"]["rank_samples"])
        self.assertEqual(before["overall"]["ratings"], 1200)
        self.assertEqual(seen, sorted(set(seen)))


if __name__ == "__main__":
    main()
