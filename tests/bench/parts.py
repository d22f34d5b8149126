"""parts.py -- the measurements of the bench, one function each.

A part takes `quick` and yields rows.  Ratios compare two things measured in
turns in this run; each says how many runs its median is of.
"""
import json
import os
import subprocess

import parts_lists as lists
import parts_store as store
from rig import (PROGRAMS, Failed, Row, Stream, alternate, bare_loop, feed, load,
                 median, serving)

USERS, ITEMS = 10_000, 2_000    # known ids of the predict measurements


def warm(daemon):
    """A model in which every id is known and has been learned from."""
    feed(daemon, 20 * USERS, USERS, ITEMS, cover=True)


def part_cpu(quick):
    """CPU time per predict against a bare loop that answers a constant."""
    pairs, seconds = (3, 1) if quick else (9, 3)
    with bare_loop() as bare, serving("--server.workers=1") as daemon:
        warm(daemon)

        def measure(server):
            return load(server.address, connections=32, users=USERS,
                        items=ITEMS, seconds=seconds, warmup=0.3,
                        pid=server.pid)

        ours, floor = alternate(lambda: measure(daemon),
                                lambda: measure(bare), pairs)
    ratios = [a["cpu_us_per_request"] / b["cpu_us_per_request"]
              for a, b in zip(ours, floor)]
    note = f"one worker, 32 connections; median of {pairs} pairs"
    yield Row("cpu", "CPU per predict / bare loop", median(ratios), "x",
              ("<=", 1.4), note, ratios)
    for name, runs in (("freshet", ours), ("bare loop", floor)):
        cpu = [r["cpu_us_per_request"] for r in runs]
        rate = [r["per_second"] for r in runs]
        size = median([r["reply_bytes"] for r in runs])
        yield Row("cpu", f"CPU per request, {name}", median(cpu), "us",
                  note=f"answers of {size:.0f} bytes", runs=cpu)
        yield Row("cpu", f"requests/s, {name}", median(rate), "/s",
                  note="closed loop, client on the same machine", runs=rate)


def part_p99(quick):
    """p99 of predict while ratings stream in, against idle."""
    pairs, seconds = (3, 2) if quick else (10, 4)
    streams = []
    with serving() as daemon:
        warm(daemon)

        def idle():
            return load(daemon.address, mode="open", rate=2000, connections=16,
                        users=USERS, items=ITEMS, seconds=seconds, warmup=0.5,
                        pid=daemon.pid)

        def loaded():
            with Stream(daemon.address, rate=20_000, users=USERS,
                        items=ITEMS) as stream:
                result = idle()
            streams.append(stream.result)
            return result

        quiet, busy = alternate(idle, loaded, pairs)
    ratios = [b["p99_us"] / a["p99_us"] for a, b in zip(quiet, busy)]
    rate = median([s["per_second"] for s in streams])
    cpu = median([r["cpu_seconds"] / r["seconds"] for r in busy])
    yield Row("p99", "predict p99, ratings streaming / idle", median(ratios),
              "x", ("<=", 1.5),
              f"open loop, 2,000/s; {rate:.0f} ratings/s; daemon used "
              f"{cpu:.2f} cores of {os.cpu_count()}; median of {pairs} pairs",
              ratios)
    for name, runs in (("idle", quiet), ("ratings streaming", busy)):
        p99 = [r["p99_us"] for r in runs]
        p50 = median([r["p50_us"] for r in runs])
        late = median([r["late_p99_us"] for r in runs])
        yield Row("p99", f"predict p99, {name}", median(p99), "us",
                  note=f"p50 {p50:.0f} us; of it the generator's own lateness,"
                       f" p99 {late:.0f} us", runs=p99)


def part_visible(quick):
    """From a rating received to the model that knows it, 1,000 events/s."""
    runs, seconds = (1, 3) if quick else (5, 5)
    inside, outside = [], []
    for _ in range(runs):
        # A daemon of its own for each: its histogram starts with its process,
        # so nothing may be fed in another way first.
        with serving() as daemon:
            r = load(daemon.address, mode="open", what="rating", rate=1000,
                     path="/v1/ratings?wait=applied", connections=16,
                     users=USERS, items=ITEMS, seconds=seconds, warmup=0.5)
            with daemon.connect() as c:
                s = c.stats()
        outside.append((r["p50_us"] * 1e-3, r["p99_us"] * 1e-3))
        inside.append((s["visible_p50_seconds"] * 1e3,
                       s["visible_p99_seconds"] * 1e3))
    for name, pairs, bar, note in (
            ("daemon's own", inside, ("<=", 2), "received -> published"),
            ("client's round trip", outside, None, "?wait=applied")):
        p50, p99 = [p for p, _ in pairs], [p for _, p in pairs]
        note = f"1,000/s, no disk; {note}; median of {runs}"
        yield Row("visible", f"rating to visible p50, {name}", median(p50),
                  "ms", note=note, runs=p50)
        yield Row("visible", f"rating to visible p99, {name}", median(p99),
                  "ms", bar, note, p99)


def part_ingest(quick):
    """NDJSON flat out, timed until model_seq = seq."""
    runs, count = (1, 300_000) if quick else (3, 2_000_000)
    rates = []
    for _ in range(runs):
        with serving("--model.rating_dim=16", "--learn.replay=8") as daemon:
            rates.append(count / feed(daemon, count, 100_000, 20_000,
                                      connections=2))
    yield Row("ingest", "NDJSON until model_seq = seq", median(rates),
              "events/s", (">=", 250_000),
              f"{count:,} events, 100,000 users x 20,000 items, K=16, replay "
              f"8, 2 connections, client on the same machine, acknowledged in "
              f"memory; median of {runs}", rates)


def part_memory(quick):
    """Resident memory of a large model."""
    users, items, dim = 1_000_000, 200_000, 64
    if quick:
        users, items = users // 10, items // 10
    with serving(f"--model.rating_dim={dim}", "--learn.replay=0") as daemon:
        empty = daemon.resident_bytes()
        feed(daemon, users + items, users, items, cover=True)
        with daemon.connect() as c:
            s = c.stats()
        if (s["users"], s["items"]) != (users, items):
            raise Failed(f"{s['users']} users, {s['items']} items learned")
        rss = daemon.resident_bytes()
    parameters = 4 * (users + items) * (dim + 1)
    note = f"{users:,} users x {items:,} items, K={dim}, {users + items:,} " \
           "ratings, learn.replay=0 (for the time it takes)"
    yield Row("memory", "RSS", rss / 2**20, "MiB", note=note)
    yield Row("memory", "RSS per user", (rss - empty) / users, "bytes",
              note="items' share included; the empty daemon's "
                   f"{empty / 2**20:.0f} MiB not")
    yield Row("memory", "RSS / one copy of the parameters", rss / parameters,
              "x", note="factors and biases as floats; ids, history, seen "
                        "items and the second copy are the rest")


def part_fold(_quick):
    """Steps per second of the fold, in process: what bench_fold prints."""
    program = os.path.join(PROGRAMS, "bench_fold")
    r = subprocess.run([program], capture_output=True, text=True, check=False)
    if r.returncode != 0:
        raise Failed(f"bench_fold: status {r.returncode} {r.stderr.strip()}")
    for line in r.stdout.splitlines():
        what, value, unit = line.rsplit(maxsplit=2)
        what = " ".join(what.split())
        bar = (">=", 20) if what == "step K=16 small" else None
        yield Row("fold", what, float(value), unit, bar,
                  "in cache, CPU time of one thread" if bar else "")


def part_recommend(quick):
    """Top ten of a catalogue against one bare sgemv over its vectors."""
    program = os.path.join(PROGRAMS, "bench_recommend")
    for items, runs in ((100_000, 25), (1_000_000, 9)):
        r = subprocess.run([program, str(items), str(5 if quick else runs)],
                           capture_output=True, text=True, check=False)
        if r.returncode != 0:
            raise Failed(f"bench_recommend: status {r.returncode} "
                         f"{r.stderr.strip()}")
        for m in map(json.loads, r.stdout.splitlines()):
            plain = m["what"] in ("all", "1000 seen")
            yield Row("recommend", f"{m['what']}, {items:,} items / sgemv",
                      m["ratio"], "x", ("<=", 1.3) if plain else None,
                      f"{m['list_us']} us against {m['sgemv_us']}, K=64, five "
                      f"features each, one thread; median of {runs} pairs")


PARTS = {"durable": store.part_durable, "restart": store.part_restart,
         "snapshot": store.part_snapshot,
         "cpu": part_cpu, "p99": part_p99, "visible": part_visible,
         "ingest": part_ingest, "memory": part_memory, "fold": part_fold,
         "recommend": part_recommend, "lists": lists.part_lists}
