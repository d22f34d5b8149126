"""Deadlines, sizes, connections, descriptors: each limit, and what is said."""
import gzip
import json
import time

from client import NDJSON, SLOW, Closed, build
from harness import HttpTest, eventually, main

PAIR = {"user_id": "u", "item_id": "i"}
LIVE = build("GET", "/health/live")


class Deadlines(HttpTest):
    """Absolute: a client that drips does not gain time by it."""

    OPTIONS = ("--limits.header_timeout=0.4", "--limits.body_grace=0.4",
               "--limits.body_rate=1000", "--limits.idle_timeout=0.4",
               "--limits.write_timeout=0.4", "--limits.wait_timeout=1.2")

    def drip(self, c, data, pause=0.03):
        """Sends a byte at a time until the daemon has enough of it, which must
        be at its deadline and not at ours."""
        begun = time.monotonic()
        for at in range(len(data)):
            if not c.try_send(data[at:at + 1]):
                break
            if not c.is_silent(pause):
                break
        else:
            self.fail("the daemon took it all")
        took = time.monotonic() - begun
        self.assertTrue(0.3 < took < 2 * SLOW, took)

    def expect_408(self, c, mentions):
        r = c.read()
        self.assert_error(r, 408, "request_timeout", mentions=mentions)
        self.assertEqual(r.header("Connection"), "close")
        self.assertTrue(c.is_closed())

    def test_slow_head(self):
        c = self.connect()
        self.drip(c, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " +
                  b"x" * 100)
        self.expect_408(c, "limits.header_timeout")

    def test_slow_second_head(self):
        c = self.connect()
        self.assertEqual(c.get("/health/live").status, 200)
        self.drip(c, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " +
                  b"x" * 100)
        self.expect_408(c, "limits.header_timeout")

    def test_slow_bodies(self):
        for kind in ("application/json", NDJSON):
            for headers in (["Content-Length: 5000"],
                            ["Transfer-Encoding: chunked"]):
                with self.subTest(kind=kind, headers=headers):
                    c = self.connect()
                    c.send(build("POST", "/v1/ratings", headers=[
                        *headers, f"Content-Type: {kind}"]))
                    self.drip(c, b"1\r\n \r\n" * 100)
                    self.expect_408(c, "limits.body_rate")

    def test_body_at_the_rate_is_fine(self):
        c = self.connect()
        text = json.dumps({**PAIR, "rating": 3}).encode() + b"\n"
        c.send(build("POST", "/v1/ratings", headers=[
            f"Content-Length: {len(text) * 100}", f"Content-Type: {NDJSON}"]))
        for _ in range(50):
            c.send(text * 2)
            time.sleep(0.02)
        self.assertEqual(self.assert_ok(c.read(), 202)["accepted"], 100)

    def test_silence(self):
        for data in (b"", LIVE):
            with self.subTest(data=data):
                c = self.connect()
                c.send(data)
                if data:
                    c.read()
                begun = time.monotonic()
                self.assertTrue(c.is_closed())
                took = time.monotonic() - begun
                self.assertTrue(0.3 < took < 5 * SLOW, took)

    def test_a_wait_is_not_silence(self):
        """The daemon makes the client wait longer than it may be idle."""
        c = self.connect()
        ahead = c.stats()["seq"] + 1000
        begun = time.monotonic()
        r = c.post(f"/v1/predict?min_seq={ahead}", PAIR)
        self.assert_error(r, 503, "stale", mentions=str(ahead))
        self.assertGreater(time.monotonic() - begun, 1.0)
        self.assertEqual(c.get("/health/live").status, 200)

    def test_client_that_does_not_read(self):
        c = self.connect(receive_buffer=4096)
        ask = build("POST", "/v1/predict", {"instances": [PAIR] * 10000})
        c.sock.settimeout(0.2)
        try:
            for _ in range(40):
                c.sock.sendall(ask)
        except OSError:
            pass  # it does not read any more either, as it should

        def gone():
            with self.daemon.connect() as watcher:
                return watcher.stats()["connections"] == 1
        eventually(gone, 8, "the end of the connection that does not read")


class Sizes(HttpTest):
    OPTIONS = ("--limits.body_bytes=4096", "--limits.json_values=200",
               "--limits.array_elements=100", "--limits.json_depth=5",
               "--limits.header_bytes=1000", "--limits.top_n=7",
               "--limits.future_seconds=100", "--limits.pipeline=1")

    def spaced(self, n):
        """A prediction's document of n bytes."""
        text = json.dumps(PAIR).encode()
        return text + b" " * (n - len(text))

    def test_body_of_just_the_limit(self):
        with self.daemon.connect() as c:
            body = self.spaced(4096)
            for form in (body, [body], [body[:4000], body[4000:]]):
                self.assert_ok(c.post("/v1/predict", form))
            self.assert_ok(c.post("/v1/predict", gzip.compress(body),
                                  ["Content-Encoding: gzip"]))

    def test_body_over_the_limit(self):
        body = self.spaced(4097)
        big = self.spaced(3000000)
        for what, form, headers in (
                ("length", body, []), ("large", big, []),
                ("chunks", [body], []), ("many chunks", [b" " * 500] * 100, []),
                ("large chunk", [big], []),
                ("gzip", gzip.compress(body), ["Content-Encoding: gzip"]),
                ("bomb", gzip.compress(bytes(3000000)),
                 ["Content-Encoding: gzip"])):
            with self.subTest(what=what), self.daemon.connect() as c:
                c.try_send(build("POST", "/v1/predict", form, headers))
                self.assert_error(c.read(), 413, "body_too_large",
                                  mentions="limits.body_bytes")
        self.assert_alive()

    def test_length_alone_is_enough(self):
        for length in (4097, 2 ** 62):
            with self.daemon.connect() as c:
                c.send(build("POST", "/v1/predict", headers=[
                    f"Content-Length: {length}",
                    "Content-Type: application/json"]))
                self.assert_error(c.read(), 413, "body_too_large",
                                  mentions="limits.body_bytes")

    def test_streams_have_no_limit(self):
        line = json.dumps({**PAIR, "rating": 3}).encode() + b"\n"
        with self.daemon.connect() as c:
            for form in (line * 2000, [line * 1000, line * 1000]):
                r = c.post("/v1/ratings", form, kind=NDJSON)
                self.assertEqual(self.assert_ok(r, 202)["accepted"], 2000)

    def test_bomb_in_a_stream(self):
        """One line of 200 MB, from 200 KB: skipped, not stored."""
        line = json.dumps({**PAIR, "rating": 3}).encode()
        body = gzip.compress(line + b"\n" + bytes(200000000) + b"\n" + line, 6)
        with self.daemon.connect() as c:
            before = self.daemon.resident_bytes()
            r = c.post("/v1/ratings", body, ["Content-Encoding: gzip"],
                       kind=NDJSON)
            answer = self.assert_ok(r, 202)
            self.assertEqual((answer["accepted"], answer["rejected"]), (2, 1))
            self.assertEqual(answer["errors"][0]["code"], "line_too_long")
            self.assertLess(self.daemon.resident_bytes() - before, 20000000)

    def test_documents(self):
        with self.daemon.connect() as c:
            for instances, code in (
                    ([0] * 101, "too_many_elements"),
                    ([[[[[[]]]]]], "too_deep"),
                    ([[0] * 100, [0] * 100], "too_many_values")):
                r = c.post("/v1/predict", {"instances": instances})
                self.assert_error(r, 400, code)
            r = c.post("/v1/recommend", {"user_id": "u", "n": 8})
            self.assert_error(r, 400, "invalid_n", mentions="limits.top_n")
            self.assert_ok(c.post("/v1/recommend", {"user_id": "u"}))
            self.assert_ok(c.get("/v1/users/u/recommendations"))
            for ahead, status in ((60, 202), (200, 400)):
                r = c.post("/v1/ratings", {**PAIR, "rating": 3,
                                           "timestamp": time.time() + ahead})
                self.assertEqual(r.status, status, r)

    def test_head(self):
        with self.daemon.connect() as c:
            self.assert_ok(c.get("/health/live", ["X: " + "x" * 800]))
            r = c.get("/health/live", ["X: " + "x" * 1000])
            self.assert_error(r, 431, "headers_too_large", mentions="1000")

    def test_one_at_a_time(self):
        """limits.pipeline=1 slows a pipelining client, and loses nothing."""
        with self.daemon.connect() as c:
            c.send((build("POST", "/v1/ratings?wait=applied",
                          {**PAIR, "rating": 3}) + LIVE) * 50)
            for _ in range(50):
                self.assertEqual(c.read().status, 200)
                self.assertEqual(c.read().json(), {"status": "live"})


class Memory(HttpTest):
    OPTIONS = ("--limits.body_memory=2621440",)

    def test_bodies_that_are_held(self):
        """All bodies together are bounded; who comes too late is told so."""
        half = build("POST", "/v1/predict", headers=[
            "Content-Length: 900000",
            "Content-Type: application/json"]) + b" " * 600000
        first, second, third = (self.connect() for _ in range(3))
        first.send(half)
        second.send(half)
        time.sleep(0.2)
        third.try_send(half)
        r = third.read()
        self.assert_error(r, 503, "busy", mentions="limits.body_memory")
        with self.daemon.connect() as c:  # a small one still fits
            self.assertIn("rating", c.predict("u", "i"))
        first.close()
        with self.daemon.connect() as c:
            def fits():
                r = c.post("/v1/predict", json.dumps(PAIR).encode()
                           + b" " * 600000)
                if r.header("Connection") == "close":
                    c.__init__(self.daemon.address)
                return r.status == 200
            eventually(fits)


class TooMany(HttpTest):
    OPTIONS = ("--server.max_connections=4",)

    def test_one_more_is_told_so(self):
        held = [self.connect() for _ in range(4)]
        for c in held:
            self.assertEqual(c.get("/health/live").status, 200)
        for _ in range(3):
            with self.daemon.connect() as c:
                r = c.read()
                self.assert_error(r, 503, "too_many_connections")
                self.assertEqual(r.header("Connection"), "close")
                self.assertTrue(c.is_closed())
        for c in held:  # they go on
            self.assertEqual(c.get("/health/live").status, 200)
        held.pop().close()

        def admitted():
            try:
                with self.daemon.connect() as c:
                    return c.get("/health/live").status == 200
            except (Closed, ConnectionError):
                return False
        eventually(admitted, what="room for a connection")


class Descriptors(HttpTest):
    def test_none_left(self):
        """Those that are connected go on, the loop does not spin, and it
        recovers."""
        d = self.serve("--server.workers=2", files=64)
        old = self.connect(d)
        self.assertEqual(old.get("/health/live").status, 200)
        crowd = [self.connect(d) for _ in range(120)]
        time.sleep(0.1)
        cpu, begun = d.cpu_seconds(), time.monotonic()
        while time.monotonic() - begun < 1:
            self.assertEqual(old.get("/health/live").status, 200)
            time.sleep(0.05)
        self.assertLess(d.cpu_seconds() - cpu, 0.2 * SLOW)
        self.assertLess(len(d.log()), 20000)
        self.assertIn("no_descriptors", d.log())
        for c in crowd:
            c.close()

        def served():
            try:
                with d.connect() as c:
                    return c.get("/health/live").status == 200
            except (Closed, ConnectionError):
                return False
        eventually(served, what="service after the crowd has left")


if __name__ == "__main__":
    main()
