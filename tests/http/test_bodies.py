"""How a body may come: announced by Expect, in chunks."""
import json

from client import NDJSON, build, chunked
from harness import HttpTest, main

PAIR = {"user_id": "u", "item_id": "i"}
LIVE = build("GET", "/health/live")


class Expect(HttpTest):
    def expecting(self, target="/v1/predict", *headers, size=29,
                  kind="application/json"):
        return build("POST", target, headers=[
            "Expect: 100-continue", f"Content-Length: {size}",
            f"Content-Type: {kind}", *headers])

    def test_continue_and_then_the_answer(self):
        body = json.dumps(PAIR).encode()
        with self.daemon.connect() as c:
            for _ in range(2):
                c.send(self.expecting(size=len(body)))
                self.assertEqual(c.read().status, 100)
                self.assertTrue(c.is_silent(0.05))
                c.send(body)
                self.assertIn("rating", self.assert_ok(c.read()))

    def test_chunked(self):
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/ratings", headers=[
                "Expect: 100-Continue", "Transfer-Encoding: chunked",
                f"Content-Type: {NDJSON}"]))
            self.assertEqual(c.read().status, 100)
            c.send(chunked(json.dumps({**PAIR, "rating": 3}).encode()))
            self.assertEqual(self.assert_ok(c.read(), 202)["accepted"], 1)

    def test_body_that_does_not_wait(self):
        """A body in the same packet needs no 100; one may come all the same."""
        body = json.dumps(PAIR).encode()
        with self.daemon.connect() as c:
            c.send(self.expecting(size=len(body)) + body + LIVE)
            r = c.read()
            if r.status == 100:
                r = c.read()
            self.assertIn("rating", self.assert_ok(r))
            self.assertEqual(c.read().json(), {"status": "live"})

    def test_behind_a_slow_request(self):
        """100 is not said before the answers that come first."""
        body = json.dumps(PAIR).encode()
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/ratings?wait=applied",
                         {**PAIR, "rating": 4}) +
                   self.expecting(size=len(body)))
            self.assertEqual(c.read().status, 200)
            self.assertEqual(c.read().status, 100)
            c.send(body)
            self.assertIn("rating", self.assert_ok(c.read()))

    def test_refused_before_the_body(self):
        for what, data, status in (
                ("route", self.expecting("/nowhere"), 404),
                ("type", self.expecting(kind="text/plain"), 415),
                ("coding", self.expecting(
                    "/v1/predict", "Content-Encoding: br"), 415),
                ("size", self.expecting(size=2 ** 40), 413),
                ("query", self.expecting("/v1/predict?x=1"), 400)):
            with self.subTest(what=what), self.daemon.connect() as c:
                c.send(data)
                r = c.read()
                self.assertEqual(r.status, status, r)
                self.assertEqual(r.header("Connection"), "close")
                self.assertTrue(c.is_closed())

    def test_other_expectations(self):
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/predict", PAIR, ["Expect: 200-ok"]))
            self.assert_error(c.read(), 417, "expectation_failed")

    def test_without_a_body(self):
        with self.daemon.connect() as c:
            r = c.get("/health/live", ["Expect: 100-continue"])
            self.assertEqual(r.status, 200)


class Chunks(HttpTest):
    BODY = json.dumps(PAIR).encode()
    HEAD = build("POST", "/v1/predict", headers=[
        "Transfer-Encoding: chunked", "Content-Type: application/json"])

    def test_forms(self):
        b = self.BODY
        for what, body in (
                ("one", chunked(b)), ("bytes", chunked(*(b[k:k + 1]
                                                         for k in range(len(b))
                                                         ))),
                ("upper case", b"%X\r\n%b\r\n0\r\n\r\n" % (len(b), b)),
                ("leading zeros", b"00%x\r\n%b\r\n000\r\n\r\n" % (len(b), b)),
                ("extension", b"%x;a=\"b\"\r\n%b\r\n0;e\r\n\r\n"
                 % (len(b), b)),
                ("trailer", chunked(b, trailers=b"X-Sum: 1\r\nY: 2\r\n"))):
            with self.subTest(what=what), self.daemon.connect() as c:
                for step in (len(body), 1):
                    c.send(self.HEAD)
                    c.send_slowly(body + LIVE, step)
                    self.assertIn("rating", self.assert_ok(c.read()))
                    self.assertEqual(c.read().json(), {"status": "live"})

    def test_coding_name_has_no_case(self):
        with self.daemon.connect() as c:
            c.send(build("POST", "/v1/predict", headers=[
                "tRANSFER-eNCODING: cHUNKED",
                "cONTENT-tYPE: application/json"]) + chunked(self.BODY))
            self.assertIn("rating", self.assert_ok(c.read()))

    def test_empty_body(self):
        with self.daemon.connect() as c:
            c.send(self.HEAD + b"0\r\n\r\n")
            self.assert_error(c.read(), 400, "invalid_json")


if __name__ == "__main__":
    main()
