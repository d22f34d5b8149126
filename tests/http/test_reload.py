"""SIGHUP: options and token are read again, and what cannot be stays out."""
import json
import os
import shutil
import signal
import tempfile
import time

from harness import OwnDaemonTest, eventually, main

PAIR = {"user_id": "u", "item_id": "i"}
RATING = {**PAIR, "rating": 4}


class Reload(OwnDaemonTest):
    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text if isinstance(text, str) else json.dumps(text))
        os.chmod(path, 0o600)
        return path

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="freshet-http-")
        self.addCleanup(shutil.rmtree, self.folder)

    def hup(self, d, word="reloaded"):
        since = len(d.log())
        d.signal(signal.SIGHUP)
        d.wait_log(word, since=since)
        time.sleep(0.05)  # the workers take it up in their next turn
        return d.log()[since:]

    def test_limits(self):
        path = self.write("c.json", {"limits": {"array_elements": 3}})
        d = self.serve(f"--config={path}")
        batch = {"instances": [PAIR] * 4}
        with d.connect() as c:
            r = c.post("/v1/predict", batch)
            self.assert_error(r, 400, "too_many_elements")
            self.write("c.json", {"limits": {"array_elements": 4}})
            self.hup(d)
            self.assert_ok(c.post("/v1/predict", batch))

    def test_command_line_is_stronger(self):
        path = self.write("c.json", {"limits": {"top_n": 5}})
        d = self.serve("--limits.top_n=7", f"--config={path}")
        with d.connect() as c:
            for n, status in ((7, 200), (8, 400)):
                r = c.post("/v1/recommend", {"user_id": "u", "n": n})
                self.assertEqual(r.status, status, r)
            self.hup(d)
            r = c.post("/v1/recommend", {"user_id": "u", "n": 7})
            self.assertEqual(r.status, 200, r)

    def test_log_level(self):
        path = self.write("c.json", {})
        d = self.serve(f"--config={path}")
        self.write("c.json", {"log": {"level": "error"},
                              "limits": {"top_n": 5}})
        d.signal(signal.SIGHUP)
        with d.connect() as c:
            eventually(lambda: c.post("/v1/recommend", {
                "user_id": "u", "n": 6}).status == 400)
        self.assertNotIn("reloaded", d.log())
        self.write("c.json", {"log": {"level": "info", "format": "json"}})
        event = json.loads(self.hup(d).splitlines()[-1])
        self.assertEqual((event["level"], event["event"]),
                         ("info", "reloaded"))

    def test_token(self):
        path = self.write("token", "first-token-0123456789\n")
        d = self.serve(f"--auth.token_file={path}", token=None)
        c = self.connect(d)
        for token, new in (("first-token-0123456789", "second-token-987654321"),
                           ("second-token-987654321", None)):
            c.token = token
            self.assertEqual(c.get("/v1/stats").status, 200)
            if new:
                self.write("token", new)
                self.hup(d)
                self.assertEqual(c.get("/v1/stats").status, 401)

    def test_token_that_cannot_be(self):
        """The one in force stays: nobody is let in by a broken file."""
        token = "first-token-0123456789"
        path = self.write("token", token)
        d = self.serve(f"--auth.token_file={path}")
        for text in ("", "two words are no token"):
            self.write("token", text)
            self.hup(d, "token_refused")
            with d.connect() as c:
                self.assertEqual(c.get("/v1/stats").status, 401)
            with d.connect(token=token) as c:
                self.assertEqual(c.get("/v1/stats").status, 200)

    def test_broken_file(self):
        path = self.write("c.json", {"limits": {"top_n": 5}})
        d = self.serve(f"--config={path}")
        for text in ("{", {"limits": {"top_n": "many"}},
                     {"limits": {"top_m": 5}}, {"limits": {"top_n": 0}}):
            self.write("c.json", text)
            self.assertIn("error=", self.hup(d, "reload_failed"))
            with d.connect() as c:
                r = c.post("/v1/recommend", {"user_id": "u", "n": 6})
                self.assert_error(r, 400, "invalid_n")

    def test_what_needs_a_restart_is_named(self):
        path = self.write("c.json", {})
        d = self.serve(f"--config={path}")
        self.write("c.json", {"model": {"rating_max": 10},
                              "limits": {"top_n": 5}})
        self.assertIn("model.rating_max", self.hup(d))
        with d.connect() as c:
            r = c.post("/v1/ratings", {**RATING, "rating": 9})
            self.assert_error(r, 400, "invalid_rating")
            r = c.post("/v1/recommend", {"user_id": "u", "n": 6})
            self.assert_error(r, 400, "invalid_n")

    def test_under_load(self):
        d = self.serve()
        with d.connect() as c:
            for k in range(300):
                if k % 10 == 0:
                    d.signal(signal.SIGHUP)
                self.assert_ok(c.post("/v1/ratings?wait=applied", RATING))
        d.wait_log("reloaded")


if __name__ == "__main__":
    main()
