"""`freshet evaluate`: the learning curve, and a holdout as a test of ranking."""
import csv
import io
import json
import math
import os
import tempfile

import daemon
from harness import OwnDaemonTest, main

T0 = 1600000000
CANTCREAT = 73


class Evaluate(OwnDaemonTest):
    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, rows):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.writelines("\t".join(map(str, r)) + "\n" for r in rows)
        return path

    def rows(self, n):
        r = self.random
        return [(f"u{r.randrange(30)}", f"i{int(60 * r.random() ** 2)}",
                 r.randint(1, 5), T0) for _ in range(n)]

    def evaluate(self, *args, status=0):
        done = daemon.command("evaluate", *args)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_curve(self):
        path = self.write("r", self.rows(1234))
        to = os.path.join(self.folder, "curve.csv")
        e = json.loads(self.evaluate(path, "--json", f"--curve={to}").stdout)
        with open(to, encoding="utf-8") as f:
            text = f.read()
        lines = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(len(lines), 200)
        events = [int(line["events"]) for line in lines]
        self.assertEqual(events, [1234 * p // 200 for p in range(1, 201)])
        last = lines[-1]
        for key in ("rmse", "rmse_mean", "mae", "mae_mean", "hr10", "ndcg10",
                    "hr10_popularity", "ndcg10_popularity"):
            self.assertAlmostEqual(float(last[key]), e[key], 5, key)
        # the windows together are the whole
        before, squared = 0, 0
        for line, n in zip(lines, events):
            squared += float(line["window_rmse"]) ** 2 * (n - before)
            before = n
            self.assertAlmostEqual(math.sqrt(squared / n), float(line["rmse"]),
                                   4)
        self.assertEqual(self.evaluate(path, "--curve=-").stdout, text)

    def test_curve_of_few(self):
        path = self.write("r", self.rows(3))
        out = self.evaluate(path, "--curve=-", "--rank-every=0").stdout
        lines = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual([line["events"] for line in lines], ["1", "2", "3"])
        self.assertEqual({line["hr10"] for line in lines}, {""})

    def test_curve_that_cannot_be_written(self):
        path = self.write("r", self.rows(10))
        for to in ("/no/such/file", "/dev/full"):
            done = self.evaluate(path, f"--curve={to}", status=CANTCREAT)
            self.assertIn(to, done.stderr)

    def test_holdout(self):
        """One item of each user, looked for among what they have not seen;
        beside it the popularity that is counted here."""
        rows = self.rows(900)
        count, seen = {}, {}
        for user, item, _, _ in rows:
            count[item] = count.get(item, 0) + 1
            seen.setdefault(user, set()).add(item)
        held, places = [], []
        for user in sorted(seen):
            item = self.random.choice(sorted(set(count) - seen[user]))
            held.append((user, item, 4, T0))
            others = [n for i, n in count.items()
                      if i not in seen[user] and i != item]
            above = sum(n > count[item] for n in others)
            equal = sum(n == count[item] for n in others)
            places.append(1 + above + (equal + 1) // 2)
        held.append(("u0", "nobody knows", 4, T0))
        held.append((rows[0][0], rows[0][1], 4, T0))  # seen: is not asked
        args = (self.write("r", rows), "--holdout=" + self.write("h", held))
        e = json.loads(self.evaluate(*args, "--json").stdout)
        n = len(places) + 1
        self.assertEqual(e["holdout_rank_samples"], n)
        self.assertAlmostEqual(e["holdout_hr10_popularity"],
                               sum(p <= 10 for p in places) / n, 6)
        self.assertAlmostEqual(e["holdout_ndcg10_popularity"],
                               sum(1 / math.log2(1 + p) for p in places
                                   if p <= 10) / n, 6)
        self.assertAlmostEqual(e["holdout_mrr_popularity"],
                               sum(1 / p for p in places) / n, 6)
        self.assertTrue(0 <= e["holdout_ndcg10"] <= e["holdout_hr10"] <= 1)
        report = self.evaluate(*args).stdout
        self.assertIn(f"{n} items that were not learned", report)
        self.assertIn("to compare: the same items by popularity", report)

    def test_nothing_is_learned_of_it(self):
        """What is asked for changes no bit."""
        path = self.write("r", self.rows(500))
        held = self.write("h", self.rows(50))
        plain = self.evaluate(path, "--hash", "--rank-every=0").stdout
        asked = self.evaluate(path, "--hash", f"--holdout={held}",
                              f"--curve={self.folder}/c").stdout
        self.assertEqual(asked, plain)


if __name__ == "__main__":
    main()
