"""The bearer token: which routes want it, and what is not it."""
import unittest

import daemon
from client import NDJSON, build
from harness import URL, HttpTest, main

PAIR = {"user_id": "u", "item_id": "i"}
RATING = {**PAIR, "rating": 4}


class Auth(HttpTest):
    TOKEN = "0123456789abcdef0123456789abcdef"
    OPEN = (("GET", "/metrics"), ("GET", "/health/live"),
            ("GET", "/health/ready"))
    CLOSED = (("POST", "/v1/predict", PAIR), ("POST", "/v1/ratings", RATING),
              ("POST", "/v1/recommend", {"user_id": "u"}),
              ("GET", "/v1/users/u/recommendations"), ("GET", "/v1/stats"))

    @classmethod
    def setUpClass(cls):
        if URL:
            raise unittest.SkipTest("needs a daemon of its own")
        cls.daemon = daemon.Daemon(env={"FRESHET_AUTH_TOKEN": cls.TOKEN},
                                   token=cls.TOKEN)
        cls.daemon.start()

    def ask(self, route, *headers):
        with self.daemon.connect(token=None) as c:
            return c.ask(*route[:2], *route[2:], headers=headers)

    def test_with_the_token(self):
        for route in self.CLOSED:
            for scheme in ("Bearer", "bearer", "BEARER"):
                r = self.ask(route, f"Authorization: {scheme} {self.TOKEN}")
                self.assertIn(r.status, (200, 202), r)

    def test_without_it(self):
        t = self.TOKEN
        for route in self.CLOSED:
            for headers in ((), ("Authorization:",), (f"Authorization: {t}",),
                            ("Authorization: Bearer",),
                            ("Authorization: Bearer ",),
                            (f"Authorization: Basic {t}",),
                            (f"Authorization: Bearer {t[:-1]}",),
                            (f"Authorization: Bearer {t}0",),
                            (f"Authorization: Bearer {t} x",),
                            (f"Authorization: Bearer {t.upper()}",),
                            (f"Authorization: Bearer {'x' * 600}",),
                            (f"Authorization: Bearer\t{t}",),
                            (f"X-Authorization: Bearer {t}",),
                            (f"Cookie: token={t}",)):
                with self.subTest(route=route[1], headers=headers):
                    r = self.ask(route, *headers)
                    self.assert_error(r, 401, "unauthorized",
                                      mentions="Authorization: Bearer")

    def test_open_routes(self):
        for route in self.OPEN:
            self.assertEqual(self.ask(route).status, 200)
            r = self.ask(route, "Authorization: Bearer wrong")
            self.assertEqual(r.status, 200)

    def test_refused_before_the_body(self):
        with self.daemon.connect(token=None) as c:
            c.send(build("POST", "/v1/ratings", headers=[
                "Expect: 100-continue", "Content-Length: 1000000000",
                f"Content-Type: {NDJSON}"]))
            r = c.read()
            self.assert_error(r, 401, "unauthorized", mentions="Bearer")
            self.assertEqual(r.header("Connection"), "close")
            self.assertTrue(c.is_closed())

    def test_head_too(self):
        self.assertEqual(self.ask(("HEAD", "/v1/stats")).status, 401)

    def test_token_is_nowhere_to_be_seen(self):
        self.assertNotIn(self.TOKEN, self.daemon.log())
        with open(f"/proc/{self.daemon.pid}/cmdline", "rb") as f:
            self.assertNotIn(self.TOKEN.encode(), f.read())


if __name__ == "__main__":
    main()
