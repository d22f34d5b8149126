"""parts_store.py -- the parts of the bench that need a disk."""
import os
import shutil
import tempfile
import threading
import time

from rig import Failed, Row, Stream, feed, load, median, serving

USERS, ITEMS = 100_000, 20_000


class Directory:
    """A data.dir of its own, for the length of a with block."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="freshet-bench-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def options(self, *more):
        return (f"--data.dir={self.path}/data", "--model.rating_dim=16",
                "--learn.replay=8", "--snapshot.every_events=0", *more)

    def log_bytes(self):
        """Of the segments, without what is allocated ahead."""
        log = os.path.join(self.path, "data", "log")
        return sum(e.stat().st_size for e in os.scandir(log)
                   if e.name != "next.seg")


def metric(daemon, name):
    with daemon.connect() as c:
        for line in c.get("/metrics").body.decode().splitlines():
            if line.startswith(f"freshet_{name} "):
                return float(line.split()[1])
    raise Failed(f"no metric {name}")


def fdatasync_probe(seconds=1.0):
    """p50 and p99 of an 80-byte append with fdatasync into a preallocated file
    here, in ms: what the disk alone costs."""
    took = []
    with tempfile.NamedTemporaryFile(prefix="freshet-bench-") as f:
        os.posix_fallocate(f.fileno(), 0, 1 << 26)
        end, at = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            t = time.monotonic_ns()
            os.pwrite(f.fileno(), b"x" * 80, at)
            os.fdatasync(f.fileno())
            took.append((time.monotonic_ns() - t) * 1e-6)
            at += 80
    took.sort()
    return took[len(took) // 2], took[len(took) * 99 // 100]


def single(quick, connections, fsync):
    """Durable ratings/s, one a request, and syncs/s meanwhile."""
    seconds = 2 if quick else 5
    with Directory() as d, serving(*d.options(f"--journal.fsync={fsync}")) \
            as daemon:
        before = metric(daemon, "log_syncs_total")
        r = load(daemon.address, what="rating", connections=connections,
                 seconds=seconds, users=USERS, items=ITEMS)
        syncs = metric(daemon, "log_syncs_total") - before
    return r["per_second"], syncs / seconds


def part_durable(quick):
    """Ingest with the log on disk, and what a sync costs."""
    p50, p99 = fdatasync_probe()
    yield Row("durable", "fdatasync alone, p50", p50, "ms",
              note="80 bytes into a preallocated file, one after the other")
    yield Row("durable", "fdatasync alone, p99", p99, "ms")
    for fsync in ("always", "everysec", "no"):
        for connections in (1, 64):
            rate, syncs = single(quick, connections, fsync)
            yield Row("durable", f"one rating a request, fsync {fsync}, "
                      f"{connections} connections", rate, "events/s",
                      note=f"{syncs:,.0f} syncs/s")
    runs, count = (1, 300_000) if quick else (3, 2_000_000)
    rates, size = [], 0
    for _ in range(runs):
        with Directory() as d, serving(*d.options()) as daemon:
            rates.append(count / feed(daemon, count, USERS, ITEMS,
                                      connections=2))
            daemon.stop()
            size = d.log_bytes()
    yield Row("durable", "NDJSON until model_seq = seq", median(rates),
              "events/s", (">=", 250_000),
              f"{count:,} events, {USERS:,} users x {ITEMS:,} items, K=16, "
              f"replay 8, fsync always, 2 connections, client on the same "
              f"machine; median of {runs}", rates)
    yield Row("durable", "log on disk", size / count, "bytes/event",
              note="ids of about 6 bytes, no event_id; what is allocated ahead "
                   "left out")


def restart_seconds(options):
    """From exec to ready."""
    t = time.monotonic()
    with serving(*options) as daemon:
        took = time.monotonic() - t
        with daemon.connect() as c:
            seq = c.stats()["model_seq"]
    return took, seq


def part_restart(quick):
    """Restart with 1 M events, with and without a snapshot."""
    count = 100_000 if quick else 1_000_000
    with Directory() as d:
        with serving(*d.options("--snapshot.on_exit=no")) as daemon:
            feed(daemon, count, USERS, ITEMS, connections=2)
        without, seq = restart_seconds(d.options("--snapshot.on_exit=no"))
        if seq != count:
            raise Failed(f"{seq} of {count} events after the restart")
        with serving(*d.options()) as daemon:
            pass
        with_one, seq = restart_seconds(d.options())
        if seq != count:
            raise Failed(f"{seq} of {count} events with the snapshot")
    note = f"{count:,} events, {USERS:,} users x {ITEMS:,} items, K=16, " \
           "replay 8; from exec until /health/ready says so"
    yield Row("restart", "without a snapshot", without, "s",
              ("<=", 2.0 if not quick else 1.0), note)
    yield Row("restart", "with a snapshot", with_one, "s", note=note)


def tails(daemon, seconds):
    """p99 in ms of predict, and of a rating until it is applied."""
    with Stream(daemon.address, rate=1000, connections=1, users=1000,
                items=1000):
        predict = load(daemon.address, mode="open", rate=2000, seconds=seconds,
                       connections=8, users=1000, items=1000)
        applied = load(daemon.address, mode="closed", what="rating",
                       path="/v1/ratings?wait=applied", connections=1,
                       seconds=seconds, users=1000, items=1000)
    return predict["p99_us"] * 1e-3, applied["p99_us"] * 1e-3


class Snapshots:
    """Snapshots, one after the other, for the length of a with block."""

    def __init__(self, daemon):
        self.daemon, self.taken, self.failed = daemon, [], None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.ask)

    def ask(self):
        with self.daemon.connect() as c:
            c.sock.settimeout(300)
            while not self.stop.is_set():
                r = c.post("/v1/admin/snapshot", None)
                if r.status != 200:
                    self.failed = r.body
                    return
                self.taken.append(r.json())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        if self.failed or not self.taken:
            raise Failed(f"a snapshot failed: {self.failed}")


def part_snapshot(quick):
    """A snapshot of a large model: its time, and what others feel of it."""
    users, items, dim = (100_000, 20_000, 64) if quick \
        else (3_600_000, 200_000, 64)
    seconds = 3 if quick else 10
    with Directory() as d:
        options = (f"--data.dir={d.path}/data", f"--model.rating_dim={dim}",
                   "--learn.replay=0", "--snapshot.every_events=0",
                   "--snapshot.on_exit=no")
        with serving(*options) as daemon:
            feed(daemon, users + items, users, items, cover=True)
            before = tails(daemon, seconds)
            with Snapshots(daemon) as snapshots:
                during = tails(daemon, seconds)
    took = [x["seconds"] for x in snapshots.taken]
    note = f"{users:,} users x {items:,} items, K={dim}; a file of " \
           f"{snapshots.taken[0]['bytes'] / 2**20:,.0f} MiB; 2,000 predicts/s " \
           "and 1,000 ratings/s meanwhile"
    yield Row("snapshot", "time", median(took), "s", note=note, runs=took)
    for i, what in enumerate(("predict", "rating until applied")):
        yield Row("snapshot", f"{what} p99 before", before[i], "ms")
        yield Row("snapshot", f"{what} p99 during", during[i], "ms",
                  note=f"{during[i] / before[i]:.2f}x" +
                       ("; one client, round trips" if i else ""))
