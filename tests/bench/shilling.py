"""shilling.py U.DATA -- what a shilling attack brings its target.

    python3 tests/bench/shilling.py ml-100k/u.data

The daemon learns FILE (user, item, rating, seconds, with tabs); then 5 % as many
accounts as it has users come, each of whom rates one target 5 and FILLER popular
items as the average does (the "average attack" of Lam and Riedl, 2004).  Asked
before and after, of all real users who have not rated it: the target's mean
predicted rating, its median rank by the ranking head (1,000 at most), and in
how many of their top tens it is.  One row for each way to defend; TARGETS targets,
drawn among the items with 5 to 20 ratings, each attacked in a daemon of its own.
"""
import collections
import os
import random
import statistics
import sys
import tempfile

from distill import Daemon, read

TARGETS, FILLER, ASKED = 6, 30, 200
DAY = 86400
WAYS = (("defaults", ()), ("learn.trust_half=20", ("--learn.trust_half=20",)),
        ("learn.trust_half=100", ("--learn.trust_half=100",)))


def look(d, target, users):
    ratings = d.post("/v1/predict", {"instances": [
        {"user_id": u, "item_id": target} for u in users]})["ratings"]
    ranks, hits = [], 0
    for u in users:
        got = d.post("/v1/recommend", {"user_id": u, "n": 1000})
        items = [i["item_id"] for i in got["items"]]
        rank = items.index(target) if target in items else len(items)
        ranks.append(rank)
        hits += rank < 10
    return (statistics.mean(ratings), statistics.median(ranks),
            100 * hits / len(users))


def attack(d, target, accounts, popular, means, now, draw):
    rows = []
    for k in range(accounts):
        for item in draw.sample(popular, FILLER):
            rows.append((f"fake{k}", item, round(means[item])))
        rows.append((f"fake{k}", target, 5))
    draw.shuffle(rows)
    for at in range(0, len(rows), 1000):
        d.post("/v1/ratings?wait=applied", [
            {"user_id": u, "item_id": i, "rating": r, "timestamp": now}
            for u, i, r in rows[at:at + 1000]])


def main():
    path = sys.argv[1]
    rows = read(path)
    given = collections.defaultdict(list)
    seen = collections.defaultdict(set)
    for user, item, rating, _ in rows:
        given[item].append(rating)
        seen[user].add(item)
    means = {i: statistics.mean(r) for i, r in given.items()}
    popular = sorted(given, key=lambda i: -len(given[i]))[:200]
    few = sorted(i for i in given if 5 <= len(given[i]) <= 20)
    targets = random.Random(1).sample(few, TARGETS)
    accounts = len(seen) // 20
    print(f"{accounts} accounts of {FILLER} ratings and one for the target, "
          f"{len(seen)} users, {TARGETS} targets")
    print(f"{'':24} {'rating':>14} {'median rank':>16} {'in top ten, %':>16}")
    for name, options in WAYS:
        found = []
        for target in targets:
            draw = random.Random(target)
            asked = sorted(u for u in seen if target not in seen[u])
            asked = draw.sample(asked, ASKED)
            with tempfile.TemporaryDirectory() as folder:
                d = Daemon(folder, *options)
                d.run("replay", path)
                before = look(d, target, asked)
                attack(d, target, accounts, popular, means,
                       rows[-1][3] + DAY, draw)
                found.append(before + look(d, target, asked))
                d.end()
        mean = [statistics.mean(c) for c in zip(*found)]
        print(f"{name:24} {mean[0]:6.3f} -> {mean[3]:5.3f} "
              f"{mean[1]:6.0f} -> {mean[4]:6.0f} "
              f"{mean[2]:6.2f} -> {mean[5]:6.2f}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("FRESHET_BIN", "./freshet")
    main()
