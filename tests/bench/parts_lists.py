"""parts_lists.py -- lists over HTTP: the part of the bench that asks a daemon
with a large catalogue for the best of it."""
from rig import Failed, Row, Stream, alternate, feed, load, median, serving

USERS, RATINGS, SEEN = 1000, 5000, 1000
NDJSON = "application/x-ndjson"
FEATURES = "--items.buckets=year:5,price:5"


def ask(more="", user="u%u"):
    """A request for a top ten, for load."""
    return f'200 POST /v1/recommend {{"user_id":"{user}","n":10{more}}}'


def only(category):
    return f',"filter":{{"categories":["{category}"]}}'


LISTS = {"top 10": ask(), "filter 50%": ask(only("half1")),
         "filter 1%": ask(only("percent7")), "1,000 seen": ask("", "seen")}
KIN = {"similar items": "200 GET /v1/items/i%i/similar?n=10",
       "similar, filter 1%":
           "200 GET /v1/items/i%i/similar?n=10&category=percent7",
       "similar users": "200 GET /v1/users/u%u/similar?n=10",
       "popular": "200 GET /v1/popular?n=10",
       "latest": "200 GET /v1/latest?n=10"}

# One of each kind of question, writes and mistakes among them.
MIX = [
    ask(), ask(only("half1")), ask(',"offset":20,"keep":true'),
    ask(',"include":["i1","i2","none"],"exclude":["i2"]'),
    ask(',"diversity":0.5,"pinned":["i%i"]'),
    ask(',"boosts":[{"filter":{"tags":["tag1"]},"by":2}]'),
    ask(',"history":["i%i",{"item_id":"i%i","weight":0.5}]'),
    ask(',"explain":true'), ask("", "nobody"),
    '200 POST /v1/recommend {"users":["u%u","u%u","nobody"],"n":10}',
    *KIN.values(), "200 GET /v1/latest?n=20&keep=true&user_id=u%u",
    "410 GET /v1/popular?n=10&offset=10&at_seq=1",
    '200 POST /v1/predict {"user_id":"u%u","item_id":"i%i"}',
    '200 POST /v1/predict {"instances":[{"user_id":"u%u","item_id":"i%i"},'
    '{"user_id":"u%u","item_id":"none"}]}',
    '200 POST /v1/explain {"user_id":"u%u","item_id":"i%i"}',
    '202 POST /v1/ratings {"user_id":"u%u","item_id":"i%i","rating":%r}',
    '202 POST /v1/events {"user_id":"u%u","item_id":"i%i","type":"click"}',
    '202 PUT /v1/items/i%i {"categories":["half%r"],"tags":["tag%r"]}',
    "200 GET /v1/items/i%i", "200 GET /v1/stats", "404 GET /v1/nothing",
    "404 GET /v1/items/none/similar", '400 POST /v1/recommend {"n":10',
    ask(',"n":0').replace("200", "400", 1)]


def line(k):
    """Item k with five features, as bench_recommend.c has it."""
    return (f'{{"item_id":"i{k}",'
            f'"categories":["percent{k % 100}","half{k % 2}"],'
            f'"tags":["tag{k * 2654435761 % 2**32 % 1000}"],'
            f'"year":{1950 + k * 40503 % 14 * 5},"price":{k * 48271 % 20 * 5}}}\n')


def stock(daemon, items):
    """The catalogue, ratings, and a user who has seen SEEN items."""
    lines = (("".join(map(line, range(k, min(k + 1000, items))))).encode()
             for k in range(0, items, 1000))
    seen = [{"user_id": "seen", "item_id": f"i{items // SEEN * k}", "rating": 5}
            for k in range(SEEN)]
    with daemon.connect() as c:
        c.sock.settimeout(300)
        c.send(b"POST /v1/items?wait=applied HTTP/1.1\r\nHost: bench\r\n"
               b"Content-Type: " + NDJSON.encode() +
               b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        for text in lines:
            c.send(b"%x\r\n%b\r\n" % (len(text), text))
        c.send(b"0\r\n\r\n")
        r = c.read()
        if r.status != 200 or r.json()["accepted"] != items:
            raise Failed(f"POST /v1/items: {r}")
        # items far from each other, each user some
        r = c.post("/v1/ratings?wait=applied", seen)
        if r.status != 200:
            raise Failed(f"POST /v1/ratings: {r}")
    feed(daemon, RATINGS, USERS, items, cover=True)


def runs_of(daemon, items, requests, clients, quick):
    """{name: results}, in turns."""
    times, seconds = (1, 1) if quick else (3, 2)
    found = {name: [] for name in requests}
    for _ in range(times):
        for name, request in requests.items():
            found[name].append(load(
                daemon.address, request=request, connections=clients,
                seconds=seconds, warmup=0.3 if clients == 1 else 1,
                users=USERS, items=items, pid=daemon.pid))
    return found


def of(runs, name, scale=1.0):
    return median([r[name] * scale for r in runs])


def rate_row(what, items, clients, runs, bar=None):
    """Requests/s of one core, by the CPU time they cost."""
    rates = [1e6 / r["cpu_us_per_request"] for r in runs]
    return Row("lists", f"{what} of {items:,}, {clients} client"
               f"{'s' if clients > 1 else ''}", median(rates), "/s a core", bar,
               f"p50 {of(runs, 'p50_us', 1e-3):.3g} ms, p99 "
               f"{of(runs, 'p99_us', 1e-3):.3g} ms; "
               f"{of(runs, 'per_second'):.0f}/s on two cores with the client; "
               f"median of {len(runs)}", rates)


def lists_of(items, quick):
    """Lists and their kin out of a catalogue."""
    with serving("--model.ranking_dim=64", FEATURES) as daemon:
        stock(daemon, items)
        for clients in (1, 64):
            for what, runs in runs_of(daemon, items, LISTS, clients,
                                      quick).items():
                yield rate_row(what, items, clients, runs)
        for what, runs in runs_of(daemon, items, KIN, 1, quick).items():
            among = USERS if what == "similar users" else items
            yield Row("lists", f"{what} of {among:,}, p50",
                      of(runs, "p50_us", 1e-3), "ms",
                      note=f"p99 {of(runs, 'p99_us', 1e-3):.3g} ms; "
                           f"{of(runs, 'cpu_us_per_request', 1e-3):.3g} ms of "
                           f"CPU; one client; median of {len(runs)}",
                      runs=[r["p50_us"] for r in runs])
        yield from beside(daemon, items, quick)


def beside(daemon, items, quick):
    """Predictions while one list after the other is made."""
    pairs, seconds = (3, 1) if quick else (10, 3)

    def idle():
        return load(daemon.address, mode="open", rate=2000, connections=16,
                    users=USERS, items=items, seconds=seconds, warmup=0.5,
                    pid=daemon.pid)

    def loaded():
        with Stream(daemon.address, mode="closed", connections=1,
                    request=LISTS["top 10"], users=USERS, items=items):
            return idle()

    quiet, busy = alternate(idle, loaded, pairs)
    ratios = [b["p99_us"] / a["p99_us"] for a, b in zip(quiet, busy)]
    yield Row("lists", f"predict p99 beside top 10 of {items:,} / idle",
              median(ratios), "x", ("<=", 2),
              f"{of(busy, 'p99_us'):.0f} us against {of(quiet, 'p99_us'):.0f}, "
              f"p50 {of(busy, 'p50_us'):.0f} against {of(quiet, 'p50_us'):.0f}; "
              f"open loop, 2,000/s, and one list after the other; median of "
              f"{pairs} pairs", ratios)


def as_published(items, quick):
    """What users of Oryx publish: 70/s at 28 ms on 32 cores, a million items x
    50.  Ours on two, the client among them."""
    with serving("--model.ranking_dim=56", FEATURES) as daemon:
        stock(daemon, items)
        plain = {"K=56, top 10": LISTS["top 10"]}
        for clients in (1, 3):
            for what, runs in runs_of(daemon, items, plain, clients,
                                      quick).items():
                row = rate_row(what, items, clients, runs)
                row.value = of(runs, "per_second")
                row.runs = [r["per_second"] for r in runs]
                row.unit, row.bar = "/s", (">=", 70) if clients > 1 else None
                yield row


def flat(quick):
    """Resident memory after so many requests of all kinds."""
    first, then = 10_000, 50_000 if quick else 1_000_000
    users, items = 99, 500
    with serving("--learn.history=10000", "--ranking.history=10000",
                 "--recommend.kept_lists=100") as daemon:
        with daemon.connect() as c:
            c.post("/v1/items?wait=applied", b"".join(
                line(k).encode() for k in range(items)), kind=NDJSON)
        feed(daemon, users * items, users, items, cover=True)

        def mixed(count, seed):
            load(daemon.address, request=MIX, count=count, users=users,
                 items=items, connections=16, seed=seed)
            return daemon.resident_bytes() / 2**20

        before = mixed(first, 1)
        after = mixed(then - first, 2)
    yield Row("lists", f"RSS after {then:,} requests / after {first:,}",
              after / before, "x", ("<=", 1.05),
              f"{after:.1f} MiB against {before:.1f}; {len(MIX)} kinds in turn, "
              f"{items} items, {users} users, 16 clients")


def part_lists(quick):
    """Recommend, similar, popular and latest of large catalogues, over HTTP."""
    yield from flat(quick)
    for items in (10_000, 100_000) if quick else (100_000, 1_000_000):
        yield from lists_of(items, quick)
    yield from as_published(100_000 if quick else 1_000_000, quick)
