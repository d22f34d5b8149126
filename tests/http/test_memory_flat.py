"""Many requests of all kinds, and no more memory afterwards than before."""
import re
import unittest

from client import NDJSON, Connection, build
from daemon import BINARY
from harness import HttpTest, main

USERS, ITEMS = 20, 100
WARM, ROUNDS = 200, 400      # what is full after WARM rounds stays full
GROWN = 60_000               # bytes in ROUNDS: 150 for a request of one kind

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")


def statuses(c, data, n):
    """Sends n requests at once: the statuses of their answers."""
    found = []
    c.send(data)
    while len(found) < n:
        # not Connection.read(), whose checks are many times the daemon's work
        head = c._until(b"\r\n\r\n")  # pylint: disable=protected-access
        length = int(_LENGTH.search(head)[1])
        while len(c.buffer) < length:
            c._more()                 # pylint: disable=protected-access
        c.buffer = c.buffer[length:]
        found.append(int(head[9:12]))
    return found


def questions(user, item, other):
    """Of each kind one: (status, method, path, body)."""
    yield from ((200, "POST", "/v1/recommend", body) for body in (
        {"user_id": user, "n": 20},
        {"user_id": user, "filter": {
            "categories": {"any": ["a", "b"]}, "tags": {"none": ["t1"]},
            "numbers": {"year": {"min": 1960}}}},
        {"users": [user, "nobody", "u1"], "n": 5},
        {"history": [item, {"item_id": other, "weight": -1}]},
        {"user_id": user, "include": [item, other, "none"]},
        {"user_id": user, "exclude": [item], "pinned": [other],
         "boosts": [{"filter": {"tags": ["t2"]}, "items": [item], "by": 3}]},
        {"user_id": user, "diversity": 0.5, "explain": True},
        {"similar_to": item}))
    yield from ((200, "GET", path, None) for path in (
        f"/v1/users/{user}/recommendations?n=30&offset=10&keep=true",
        f"/v1/users/{user}/similar", f"/v1/items/{item}",
        "/v1/popular?category=a", f"/v1/latest?user_id={user}", "/v1/stats"))
    yield 410, "GET", "/v1/popular?at_seq=1", None
    yield 200, "POST", "/v1/predict", {"user_id": user, "item_id": item}
    yield 200, "POST", "/v1/predict", {"instances": [
        {"user_id": user, "item_id": item}, {"user_id": "nobody",
                                             "item_id": other}]}
    yield 200, "POST", "/v1/explain", {"user_id": user, "item_id": item}
    yield 400, "POST", "/v1/recommend", {"user_id": user, "n": 0}
    yield 400, "POST", "/v1/recommend", b'{"user_id":"u1","include":["'
    yield 400, "POST", "/v1/predict", {"user_id": "", "item_id": item}
    yield 404, "GET", "/v1/items/none/similar", None
    yield 404, "GET", "/v1/nothing?a=b", None
    yield 405, "DELETE", "/v1/stats", None


def writes(k, user, item, other):
    yield 202, "POST", "/v1/ratings", {
        "user_id": user, "item_id": item, "rating": 1 + k % 5,
        "event_id": f"rating {k}"}
    yield 202, "POST", "/v1/ratings", [
        {"user_id": user, "item_id": i, "rating": 3} for i in (item, other)]
    yield 400, "POST", "/v1/ratings", [
        {"user_id": user, "item_id": item, "rating": 3}, {"user_id": user}]
    yield 202, "POST", "/v1/events", {
        "user_id": user, "item_id": other, "type": ("view", "click")[k % 2]}
    # so that no more than a round waits to be learned
    yield 200, "PUT", f"/v1/items/{item}?wait=applied", {
        "categories": ["a", "b"][:k % 3], "tags": [f"t{k % 4}"],
        "year": 1950 + k % 50, "text": "all that is known of it " * (k % 5)}


@unittest.skipIf("san/" in BINARY, "a sanitizer keeps what was freed")
class Flat(HttpTest):
    def fill(self, c):
        """All that the requests could make grow otherwise: who knows what."""
        lines = "".join(f'{{"user_id":"u{u}","item_id":"i{i}","rating":3}}\n'
                        for u in range(USERS) for i in range(ITEMS)).encode()
        r = c.post("/v1/ratings?wait=applied", lines, kind=NDJSON)
        self.assertEqual(r.json()["accepted"], USERS * ITEMS, r)

    def round(self, c, k):
        user, item, other = (f"u{k % USERS}", f"i{k * 7 % ITEMS}",
                             f"i{k * 11 % ITEMS}")
        kept = c.post("/v1/recommend", {"user_id": user, "n": 5, "keep": True})
        page = {"user_id": user, "n": 5, "offset": 5,
                "at_seq": kept.json()["model_seq"]}
        all_of_it = [(200, "POST", "/v1/recommend", page),
                     *writes(k, user, item, other),
                     *questions(user, item, other)]
        data = b"".join(build(m, path, body) for _, m, path, body in all_of_it)
        got = statuses(c, data, len(all_of_it))
        self.assertEqual(got, [status for status, *_ in all_of_it])
        with Connection(self.d.address) as bad:
            bad.send(b"GET /v1/stats HTTP/1.1\r\nHost : x\r\n\r\n")
            self.assertEqual(bad.read().status, 400)

    def flat(self, *more):
        self.d = self.serve("--learn.history=1000", "--ranking.history=1000",
                            "--recommend.kept_lists=50",
                            "--journal.dedupe_window=1000", *more)
        with self.d.connect() as c:
            self.fill(c)
            spans = [range(WARM)] + [range(WARM + k * ROUNDS,
                                           WARM + (k + 1) * ROUNDS)
                                     for k in range(3)]
            resident = []
            for span in spans:
                for k in span:
                    self.round(c, k)
                resident.append(self.d.resident_bytes())
        grown = [b - a for a, b in zip(resident, resident[1:])]
        # a leak is in all of them, the peak of a busy machine in one
        self.assertLess(sorted(grown)[1], GROWN, grown)

    def test_by_workers(self):
        self.flat()

    def test_by_scan_threads(self):
        self.flat("--recommend.scan_from=0")


if __name__ == "__main__":
    main()
