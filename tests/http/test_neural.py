"""The neural head behind the API: learned, served one by one and in batches,
saved as a notebook reads it, restarted, erased."""
import json
import os
import signal

import daemon
from durable import DurableTest
from harness import main
import test_snapshot_file as snapshot_file

HEAD = ("--model.hidden=16,8", "--model.hidden_slope=0.1",
        "--learn.mlp_rate=0.05")


class Neural(DurableTest):
    LIMIT = 60

    def filled(self, *options, n=2000):
        d = self.begin(*HEAD, *options)
        self.events = self.ratings(n)
        with d.connect() as c:
            self.post(c, self.events)
            self.stats = c.settled()
        return d

    def predictions(self, c, pairs):
        """Of all pairs in one request."""
        r = self.assert_ok(c.post("/v1/predict", {"instances": pairs}))
        return r["ratings"]

    def pairs(self):
        return [{"user_id": f"u{u}", "item_id": f"i{i}",
                 "timestamp": 1600000000} for u in range(55) for i in range(4)]

    def test_batches_agree_with_single_predictions(self):
        with self.filled().connect() as c:
            pairs = self.pairs()
            together = self.predictions(c, pairs)
            few = self.predictions(c, pairs[:5])
            alone = [self.assert_ok(c.post("/v1/predict", p))["rating"]
                     for p in pairs]
        self.assertEqual(few, alone[:5])
        for a, b in zip(together, alone, strict=True):
            self.assertAlmostEqual(a, b, delta=1e-4)
        self.assertGreater(len(set(alone)), 100)

    def test_evaluate_learns_the_same(self):
        self.filled()
        path = os.path.join(self.folder, "r.ndjson")
        with open(path, "w", encoding="utf-8") as f:
            for e in self.events:
                f.write(json.dumps(e) + "\n")
        hashes = set()
        for options in (HEAD, ("--model.hidden=16",), ()):
            done = daemon.command("evaluate", path, "--json", "--order=file",
                                  *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            hashes.add(json.loads(done.stdout)["model_hash"])
        self.assertEqual(len(hashes), 3)
        self.assertIn(self.stats["model_hash"], hashes)

    def test_the_file_predicts_what_the_daemon_does(self):
        d = self.filled("--model.rating_dim=8", "--learn.session_tau=0")
        with d.connect() as c:
            said = self.assert_ok(c.post("/v1/admin/snapshot", None))
            served = self.predictions(c, self.pairs())
        t, notes = snapshot_file.open_safetensors(
            os.path.join(self.data, "snapshot", said["file"]))
        self.assertEqual(notes["model_hash"], self.stats["model_hash"])
        self.assertEqual([t[f"mlp.{k}.weight"][0] for k in range(3)],
                         [[16, 24], [8, 16], [1, 8]])
        rows = {side: {name: k for k, name in enumerate(
            snapshot_file.SnapshotFile.ids(t, side))}
            for side in ("users", "items")}
        mean = ((sum(e["rating"] for e in self.events) + 10 * 3) /
                (len(self.events) + 10))
        compared = 0
        for pair, rating in zip(self.pairs(), served, strict=True):
            u = rows["users"].get(pair["user_id"])
            i = rows["items"].get(pair["item_id"])
            if u is None or i is None:
                continue
            p, q = (t[f"{side}.vec"][1][8 * row:8 * row + 8]
                    for side, row in (("users", u), ("items", i)))
            inner = (mean + t["users.bias"][1][u] + t["items.bias"][1][i] +
                     sum(a * b for a, b in zip(p, q, strict=True)) +
                     self.forward(t, [*p, *q, *(a * b for a, b in zip(
                         p, q, strict=True))]))
            self.assertAlmostEqual(min(max(inner, 1), 5), rating, places=4)
            compared += 1
        self.assertGreater(compared, 150)

    @staticmethod
    def forward(t, x):
        """The head as a notebook would compute it."""
        for layer in range(3):
            w, b = t[f"mlp.{layer}.weight"][1], t[f"mlp.{layer}.bias"][1]
            n = len(x)
            z = [b[o] + sum(w[o * n + i] * x[i] for i in range(n))
                 for o in range(len(b))]
            x = z if layer == 2 else [max(v, 0.1 * v) for v in z]
        return x[0]

    def test_restarts(self):
        """From the log alone, from a snapshot and what is behind it."""
        d = self.filled()
        with d.connect() as c:
            self.assert_ok(c.post("/v1/admin/snapshot", None))
            self.post(c, self.ratings(300))
            expected = c.settled()["model_hash"]
            served = self.predictions(c, self.pairs())
        self.ended(d, signal.SIGKILL)
        for end in (signal.SIGTERM, signal.SIGKILL):
            d = self.begin(*HEAD)
            with d.connect() as c:
                self.assertEqual(c.settled()["model_hash"], expected)
                self.assertEqual(self.predictions(c, self.pairs()), served)
            self.ended(d, end)

    def test_another_head_is_another_model(self):
        self.ended(self.filled(n=50), signal.SIGTERM)
        for option in ("--model.hidden=16", "--model.hidden=",
                       "--model.hidden_slope=0.2"):
            done = daemon.command("serve", f"--data.dir={self.data}",
                                  "--server.listen=127.0.0.1:0", *HEAD, option)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("freshet refold", done.stderr)
            self.assertIn("model.hidden", done.stderr)

    def test_erasure(self):
        """What is left is the fold of the log without the person's events."""
        d = self.filled(n=500)
        with d.connect() as c:
            self.assert_ok(c.ask("DELETE", "/v1/users/u7"))
            self.assertTrue(c.settled()["interim"])
        self.ended(d, signal.SIGTERM)
        hashes = set()
        for end in (signal.SIGKILL, signal.SIGTERM):
            d = self.begin(*HEAD)
            with d.connect() as c:
                s = c.settled()
                self.assertFalse(s["interim"])
                hashes.add(s["model_hash"])
            self.ended(d, end)
        self.assertEqual(len(hashes), 1)
        self.assertNotIn(self.stats["model_hash"], hashes)


if __name__ == "__main__":
    main()
