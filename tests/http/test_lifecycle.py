"""SIGTERM and SIGINT: what was begun is answered, and then the end."""
import json
import os
import signal
import threading
import time

from client import NDJSON, Closed, build, chunked
from harness import OwnDaemonTest, main

PAIR = {"user_id": "u", "item_id": "i"}
RATING = {**PAIR, "rating": 4}

# Less than the waits that an end must cut short (server.drain_timeout is 9,
# limits.wait_timeout 5 seconds), and more than a busy machine needs for it.
SOON = 4


class Stop(OwnDaemonTest):
    def assert_refused(self, d):
        """No new connection gets an answer."""
        with self.assertRaises((OSError, Closed)):
            with d.connect() as c:
                c.get("/health/live")

    def parked(self, d):
        """A connection whose request waits for an event that will not come."""
        c = self.connect(d)
        ahead = c.stats()["seq"] + 1000
        c.send(build("POST", f"/v1/predict?min_seq={ahead}", PAIR))
        self.assertTrue(c.is_silent(0.1))
        return c

    def test_idle(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            d = self.serve()
            c = self.connect(d)
            c.get("/health/live")
            d.signal(number)
            self.assert_ends(d, 0, SOON)
            self.assertTrue(c.is_closed())
            self.assertIn("stopped", d.log())

    def test_requests_in_flight_are_answered(self):
        d = self.serve("--limits.wait_timeout=0.8")
        c = self.parked(d)
        idle = self.connect(d)
        idle.get("/health/live")
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        self.assertTrue(idle.is_closed())
        self.assert_refused(d)
        r = c.read()
        self.assert_error(r, 503, "stale", mentions="min_seq")
        self.assertEqual(r.header("Connection"), "close")
        self.assertTrue(c.is_closed())
        self.assert_ends(d, 0, SOON)

    def test_a_head_that_has_begun(self):
        d = self.serve()
        c = self.connect(d)
        c.send(b"GET /health/ready HTTP/1.1\r\nHost:")
        self.assertTrue(c.is_silent(0.1))
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        time.sleep(0.05)
        c.send(b" a\r\n\r\n")
        r = c.read()
        self.assertEqual(r.status, 503, r)
        self.assertEqual(r.json()["status"], "not ready")
        self.assertEqual(r.header("Connection"), "close")
        self.assert_ends(d, 0, SOON)

    def test_a_document_that_has_begun(self):
        d = self.serve()
        c = self.connect(d)
        data = build("POST", "/v1/ratings?wait=applied", RATING)
        c.send(data[:-5])
        self.assertTrue(c.is_silent(0.1))
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        time.sleep(0.05)
        c.send(data[-5:])
        r = c.read()
        self.assertEqual(self.assert_ok(r)["accepted"], 1)
        self.assertEqual(r.header("Connection"), "close")
        self.assert_ends(d, 0, SOON)

    def test_an_open_stream_is_told_how_far_it_got(self):
        d = self.serve()
        c = self.connect(d)
        line = json.dumps(RATING).encode() + b"\n"
        c.send(build("POST", "/v1/ratings", kind=NDJSON, headers=[
            f"Content-Type: {NDJSON}", "Transfer-Encoding: chunked"]))
        c.send(chunked(line * 3)[:-5] + b"8\r\n{\"user_i\r\n")
        self.assertTrue(c.is_silent(0.1))
        d.signal(signal.SIGTERM)
        r = c.read()
        self.assert_error(r, 503, "shutting_down", mentions="seq 3")
        receipt = r.json()["receipt"]
        self.assertEqual((receipt["accepted"], receipt["seq"]), (3, 3))
        self.assertEqual(r.header("Connection"), "close")
        self.assertTrue(c.is_closed())
        c.close()
        self.assert_ends(d, 0, SOON)

    def test_under_load(self):
        """An answer is whole or does not begin; what was acknowledged before
        the end is what the log says was kept."""
        d = self.serve()
        seqs, broken = [], []

        def write():
            try:
                with d.connect() as c:
                    while True:
                        r = c.post("/v1/ratings?wait=applied", RATING)
                        seqs.append(r.json()["seq"])
                        if r.header("Connection") == "close":
                            return
            except (OSError, Closed) as e:
                if isinstance(e, Closed) and "unread: b''" not in str(e):
                    broken.append(e)

        threads = [threading.Thread(target=write) for _ in range(8)]
        for t in threads:
            t.start()
        time.sleep(0.3)
        d.signal(signal.SIGTERM)
        for t in threads:
            t.join()
        self.assert_ends(d, 0, SOON)
        self.assertEqual(broken, [])
        self.assertEqual(len(set(seqs)), len(seqs))
        last = int(d.wait_log(r"stopped seq=(\d+)")[1])
        self.assertLessEqual(max(seqs), last)
        self.assertLessEqual(last - len(seqs), 8)  # answers that got lost

    def test_drain_has_an_end(self):
        d = self.serve("--server.drain_timeout=0.4",
                       "--limits.wait_timeout=60")
        self.parked(d)
        d.signal(signal.SIGTERM)
        self.assert_ends(d, 0, SOON)
        self.assertIn("drain_timeout", d.log())

    def test_second_signal(self):
        # an exit at once joins no thread, which is not what TSan looks for here
        tsan = os.environ.get("TSAN_OPTIONS", "") + " report_thread_leaks=0"
        d = self.serve("--limits.wait_timeout=60", env={"TSAN_OPTIONS": tsan})
        self.parked(d)
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        self.assertTrue(d.process.poll() is None)
        time.sleep(0.1)
        d.signal(signal.SIGTERM)
        self.assert_ends(d, 1, SOON)

    def test_client_that_does_not_finish(self):
        """Half a request holds the end up for drain_timeout at most."""
        d = self.serve("--server.drain_timeout=0.4")
        c = self.connect(d)
        c.send(b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
               b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
        self.assertTrue(c.is_silent(0.1))
        d.signal(signal.SIGTERM)
        self.assert_ends(d, 0, SOON)


if __name__ == "__main__":
    main()
