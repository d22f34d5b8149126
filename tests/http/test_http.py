"""HTTP as it may be spoken: keep-alive, pipelining, HEAD, 405, Expect."""
import json
import time

from client import NDJSON, SLOW, build
from harness import HttpTest, eventually, main

PAIR = {"user_id": "u", "item_id": "i"}
GETS = ("/v1/stats", "/metrics", "/health/live", "/health/ready",
        "/v1/users/u/recommendations")
POSTS = ("/v1/predict", "/v1/ratings", "/v1/recommend")
LIVE = build("GET", "/health/live")


class Connections(HttpTest):
    def test_keep_alive(self):
        with self.daemon.connect() as c:
            for k in range(50):
                r = c.post("/v1/predict", PAIR) if k % 2 else c.get(GETS[0])
                self.assertEqual(r.status, 200)
                self.assertIsNone(r.header("Connection"))

    def test_errors_that_keep_the_connection(self):
        with self.daemon.connect() as c:
            for _ in range(3):
                self.assertEqual(c.get("/nowhere").status, 404)
                self.assertEqual(c.get("/v1/predict").status, 405)
                self.assertEqual(c.post("/v1/predict", {}).status, 400)
                self.assertEqual(c.post("/nowhere", PAIR).status, 404)
                self.assertEqual(
                    c.post("/v1/predict", PAIR, kind="text/plain").status, 415)
                self.assertEqual(c.post("/v1/predict", PAIR).status, 200)

    def test_close_is_heeded(self):
        with self.daemon.connect() as c:
            r = c.post("/v1/predict", PAIR, ["Connection: close"])
            self.assertEqual(r.header("Connection"), "close")
            self.assertTrue(c.is_closed())

    def test_nothing_is_answered_behind_a_close(self):
        with self.daemon.connect() as c:
            c.send(build("GET", "/health/live", headers=["Connection: close"])
                   + LIVE)
            self.assertEqual(c.read().status, 200)
            self.assertTrue(c.is_closed())

    def test_http_10(self):
        with self.daemon.connect() as c:
            c.send(b"GET /health/live HTTP/1.0\r\n\r\n")
            self.assertEqual(c.read().json(), {"status": "live"})
            self.assertTrue(c.is_closed())

    def test_http_10_keep_alive(self):
        """Who asks for it in HTTP/1.0 must be told that it was granted."""
        ask = b"GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        with self.daemon.connect() as c:
            c.send(ask)
            r = c.read()
            if r.header("Connection") == "close":
                self.assertTrue(c.is_closed())
            else:
                self.assertEqual(r.header("Connection"), "keep-alive")
                c.send(ask)
                self.assertEqual(c.read().status, 200)

    def test_absolute_target(self):
        with self.daemon.connect() as c:
            c.send(b"GET http://freshet.test/health/live HTTP/1.1\r\n"
                   b"Host: freshet.test\r\n\r\n")
            self.assertEqual(c.read().json(), {"status": "live"})

    def test_empty_lines_before_a_request(self):
        with self.daemon.connect() as c:
            for _ in range(2):
                c.send(b"\r\n\r\n" + LIVE)
                self.assertEqual(c.read().status, 200)

    def test_byte_by_byte(self):
        """Every place at which TCP may cut."""
        with self.daemon.connect() as c:
            for body in (json.dumps(PAIR).encode(), [b'{"user_id":"u",',
                                                     b'"item_id":"i"}']):
                c.send_slowly(build("POST", "/v1/predict", body), 1, 0.0003)
                self.assertIn("rating", self.assert_ok(c.read()))

    def test_half_close(self):
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/ratings?wait=applied",
                         {**PAIR, "rating": 4}) + LIVE)
            c.half_close()
            self.assertEqual(c.read().status, 200)
            self.assertEqual(c.read().json(), {"status": "live"})
            self.assertTrue(c.is_closed())

    def test_half_close_in_the_middle(self):
        for data in (b"", b"GET", LIVE[:-2], build(
                "POST", "/v1/predict", PAIR)[:-1], build(
                    "POST", "/v1/ratings", [b"{}"], kind=NDJSON)[:-2]):
            with self.subTest(data=data), self.daemon.connect() as c:
                c.send(data)
                c.half_close()
                self.assertTrue(c.is_closed())

    def test_head(self):
        with self.daemon.connect() as c:
            for path in GETS:
                with self.subTest(path=path):
                    get = c.get(path)
                    head = c.ask("HEAD", path)
                    self.assertEqual(head.status, get.status)
                    self.assertEqual(head.header("Content-Type"),
                                     get.header("Content-Type"))
                    if path.startswith("/health"):
                        self.assertEqual(head.header("Content-Length"),
                                         str(len(get.body)))
            for path, status in (("/nowhere", 404), ("/v1/predict", 405)):
                self.assertEqual(c.ask("HEAD", path).status, status)
            self.assertEqual(c.get("/health/live").status, 200)

    def test_allow(self):
        with self.daemon.connect() as c:
            for paths, methods, allow in (
                    (GETS, ("POST", "PUT", "DELETE", "PATCH", "OPTIONS",
                            "TRACE", "PROPFIND"), "GET, HEAD"),
                    (POSTS, ("GET", "HEAD", "PUT", "DELETE", "PATCH",
                             "OPTIONS"), "POST")):
                for path in paths:
                    for method in methods:
                        with self.subTest(path=path, method=method):
                            r = c.ask(method, path)
                            self.assertEqual(r.status, 405, r)
                            self.assertEqual(r.header("Allow"), allow)


class Pipelining(HttpTest):
    OPTIONS = ("--limits.wait_timeout=0.4",)

    def test_answers_come_in_order(self):
        n = 300
        with self.daemon.connect() as c:
            c.rate("u", "i", 4)
            c.send(b"".join(
                build("POST", "/v1/predict",
                      {"instances": [PAIR] * (k % 7 + 1)}) for k in range(n)))
            for k in range(n):
                answer = self.assert_ok(c.read())
                self.assertEqual(len(answer["ratings"]), k % 7 + 1)

    def test_slow_and_fast(self):
        """What is ready waits for what was asked before it."""
        with self.daemon.connect() as c:
            for _ in range(20):
                c.send(build("POST", "/v1/ratings?wait=applied",
                             {**PAIR, "rating": 4})
                       + build("POST", "/v1/predict", PAIR) + LIVE
                       + build("GET", "/nowhere") + build("GET", "/v1/stats"))
                self.assertIn("seq", self.assert_ok(c.read()))
                self.assertIn("rating", self.assert_ok(c.read()))
                self.assertEqual(c.read().json(), {"status": "live"})
                self.assertEqual(c.read().status, 404)
                self.assertIn("users", self.assert_ok(c.read()))

    def test_a_wait_holds_back_what_follows(self):
        with self.daemon.connect() as c, self.daemon.connect() as other:
            ahead = other.stats()["seq"] + 1000
            begun = time.monotonic()
            c.send(build("POST", f"/v1/predict?min_seq={ahead}", PAIR) +
                   LIVE * 200)
            self.assertTrue(c.is_silent(0.2))
            self.assertEqual(other.get("/health/live").status, 200)
            self.assert_error(c.read(), 503, "stale",
                              mentions=str(ahead))
            self.assertLess(time.monotonic() - begun, 3 * SLOW)
            for _ in range(200):
                self.assertEqual(c.read().json(), {"status": "live"})

    def test_all_kinds_of_bodies(self):
        text = json.dumps({**PAIR, "rating": 3}).encode()
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/ratings", text)
                   + build("POST", "/v1/ratings", [text[:5], text[5:]])
                   + build("POST", "/v1/ratings", text + b"\n" + text,
                           kind=NDJSON)
                   + build("POST", "/v1/ratings", [text, b"\n", text],
                           kind=NDJSON)
                   + build("POST", "/nowhere", text)
                   + build("HEAD", "/health/live") + LIVE)
            for accepted in (1, 1, 2, 2):
                self.assertEqual(self.assert_ok(c.read(), 202)["accepted"],
                                 accepted)
            self.assertEqual(c.read().status, 404)
            self.assertEqual(c.read("HEAD").status, 200)
            self.assertEqual(c.read().json(), {"status": "live"})

    def test_cut_anywhere(self):
        data = (build("POST", "/v1/ratings", {**PAIR, "rating": 3}) + LIVE) * 3
        with self.daemon.connect() as c:
            for at in range(1, len(data) // 3):
                c.send(data[:at])
                if at % 3 == 0:
                    time.sleep(0.001)
                c.send(data[at:])
                for _ in range(3):
                    self.assertEqual(c.read().status, 202)
                    self.assertEqual(c.read().status, 200)


class Going(HttpTest):
    """Clients that leave while something is owed to them.  They may have closed
    their sending side only, so the daemon owes until the wait is over."""

    OPTIONS = ("--limits.wait_timeout=0.4",)

    def test_while_an_answer_is_pending(self):
        with self.daemon.connect() as watcher:
            ahead = watcher.stats()["seq"] + 1000
            for k in range(30):
                c = self.daemon.connect()
                c.send(build("POST", "/v1/ratings?wait=applied",
                             {**PAIR, "rating": 4}) +
                       build("POST", f"/v1/predict?min_seq={ahead}", PAIR) +
                       build("GET", "/v1/stats"))
                if k % 2:
                    time.sleep(0.002)
                c.close()
            eventually(lambda: watcher.stats()["connections"] == 1,
                       what="the end of the connections")

    def test_while_a_body_comes(self):
        with self.daemon.connect() as watcher:
            for kind in ("application/json", NDJSON):
                for _ in range(10):
                    with self.daemon.connect() as c:
                        c.send(build("POST", "/v1/ratings", headers=[
                            "Content-Length: 1000", f"Content-Type: {kind}"])
                            + b'{"user_id":"u","item_id":"i","rating":3}\n{"u')
            eventually(lambda: watcher.stats()["connections"] == 1)
            eventually(lambda: watcher.stats()["lag"] == 0)


if __name__ == "__main__":
    main()
