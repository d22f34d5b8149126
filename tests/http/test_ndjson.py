"""POST /v1/ratings with application/x-ndjson: a stream, line by line."""
import gzip
import json
import time

from client import NDJSON, build
from daemon import SLOW
from harness import HttpTest, eventually, main


def line(user, item, rating=4, **more):
    return json.dumps({"user_id": user, "item_id": item, "rating": rating,
                       **more}).encode()


class Stream(HttpTest):
    def send(self, body, query="", headers=()):
        with self.daemon.connect() as c:
            return c.post("/v1/ratings" + query, body, headers, kind=NDJSON)

    def lines(self, n):
        return [line(self.name("user"), self.name("item")) for _ in range(n)]

    def assert_accepted(self, r, accepted, status=202):
        body = self.assert_ok(r, status)
        self.assertEqual((body["accepted"], body["rejected"], body["errors"]),
                         (accepted, 0, []), r)
        return body

    def pieces(self, data, most):
        """data in pieces of random sizes."""
        at, out = 0, []
        while at < len(data):
            n = self.random.randint(1, most)
            out.append(data[at:at + n])
            at += n
        return out

    def test_ends_of_lines(self):
        some = self.lines(4)
        for what, body in (
                ("LF", b"\n".join(some) + b"\n"),
                ("no last newline", b"\n".join(some)),
                ("CRLF", b"\r\n".join(some) + b"\r\n"),
                ("CRLF, no last newline", b"\r\n".join(some)),
                ("blank lines", b"\n\n \t\r\n" + b"\n\n".join(some) + b"\n\n"),
                ("blanks around", b" " + b" \n\t".join(some) + b" \t ")):
            with self.subTest(what=what):
                self.assert_accepted(self.send(body), 4)
                self.assert_accepted(self.send(self.pieces(body, 3)), 4)

    def test_one_byte_chunks(self):
        body = b"\n".join(self.lines(20)) + b"\n"
        r = self.send([bytes([b]) for b in body], "?wait=applied")
        answer = self.assert_accepted(r, 20, 200)
        self.assertGreaterEqual(answer["model_seq"], answer["seq"])

    def test_split_anywhere(self):
        some = self.lines(200)
        for most in (7, 100, 5000):
            r = self.send(self.pieces(b"\n".join(some), most))
            self.assert_accepted(r, 200)

    def test_slow_writes(self):
        """Lines and chunks are cut wherever TCP cuts them."""
        data = build("POST", "/v1/ratings", self.pieces(
            b"\n".join(self.lines(5)), 40), kind=NDJSON)
        with self.daemon.connect() as c:
            c.send_slowly(data, 1, 0.0002)
            self.assert_accepted(c.read(), 5)

    def test_other_names_of_the_type(self):
        with self.daemon.connect() as c:
            for kind in ("application/x-ndjson; charset=utf-8",
                         "application/ndjson", "Application/X-NDJSON"):
                r = c.post("/v1/ratings", self.lines(1)[0], kind=kind)
                self.assert_accepted(r, 1)

    def test_order_is_kept(self):
        with self.daemon.connect() as c:
            before = c.stats()["seq"]
            r = self.send(b"\n".join(self.lines(3000)), "?wait=applied")
            answer = self.assert_accepted(r, 3000, 200)
            self.assertEqual(answer["seq"], before + 3000)

    def test_is_learned_while_it_comes(self):
        with self.daemon.connect() as c, self.daemon.connect() as reader:
            before = reader.stats()["model_seq"]
            c.send(build("POST", "/v1/ratings", kind=NDJSON, headers=[
                "Transfer-Encoding: chunked",
                f"Content-Type: {NDJSON}"]))
            for k in range(3):
                text = self.lines(1)[0] + b"\n"
                c.send(b"%x\r\n%b\r\n" % (len(text), text))
                want = before + k + 1
                eventually(lambda: reader.stats()["model_seq"] >= want,
                           what="learning before the stream's end")
            c.send(b"0\r\n\r\n")
            self.assert_accepted(c.read(), 3)

    def test_gzip(self):
        text = b"\n".join(self.lines(5000))
        packed = gzip.compress(text)
        for body in (packed, self.pieces(packed, 50)):
            r = self.send(body, headers=["Content-Encoding: gzip"])
            self.assert_accepted(r, 5000)

    def test_cut_gzip_is_an_error(self):
        packed = gzip.compress(b"\n".join(self.lines(10)))
        r = self.send(packed[:-4], headers=["Content-Encoding: gzip"])
        self.assert_error(r, 400, "invalid_gzip")

    def test_keeps_the_connection(self):
        with self.daemon.connect() as c:
            for _ in range(3):
                body = b"\n".join(self.lines(3))
                for pieces in (body, [body]):
                    r = c.post("/v1/ratings", pieces, kind=NDJSON)
                    self.assert_accepted(r, 3)


class Rejected(HttpTest):
    def send(self, body):
        with self.daemon.connect() as c:
            return c.post("/v1/ratings", body, kind=NDJSON)

    def test_bad_lines_are_listed_by_number(self):
        body = b"\n".join([
            line("u", "i"),                    # 0
            b"{",                              # 1
            b"",                               # 2: blank, but a line
            line("u", "i", 9),                 # 3
            line("", "i"),                     # 4
            line("u", "i", 3, nonsense=1),     # 5
            b"[" + line("u", "i") + b"]",      # 6
            b"null",                           # 7
            line("u", "i", 2),                 # 8
            b'{"user_id":"u","item_id":"i"}',  # 9
        ])
        answer = self.assert_ok(self.send(body), 202)
        self.assertEqual((answer["accepted"], answer["rejected"]), (2, 7))
        self.assertEqual([(e["index"], e["code"]) for e in answer["errors"]],
                         [(1, "invalid_json"), (3, "invalid_rating"),
                          (4, "invalid_id"), (5, "unknown_field"),
                          (6, "invalid_type"), (7, "invalid_json"),
                          (9, "missing_field")])
        for e in answer["errors"]:
            self.assertTrue(e["message"])

    def test_only_the_first_20_are_listed(self):
        lines = [line("u", "i", 7) for _ in range(50)] + [line("u", "i")]
        answer = self.assert_ok(self.send(b"\n".join(lines)), 202)
        self.assertEqual((answer["accepted"], answer["rejected"]), (1, 50))
        self.assertEqual([e["index"] for e in answer["errors"]],
                         list(range(20)))

    def test_nothing_accepted_is_an_error(self):
        body = b"\n".join([b"", line("u", "i", 7), b"{"])
        self.assert_error(self.send(body), 400, "invalid_rating", 1)

    def test_empty(self):
        for body in (b"", b"\n", b" \r\n\n\t", [b"\n", b"\n"]):
            with self.subTest(body=body):
                self.assert_error(self.send(body), 400, "empty_batch")

    def test_bytes_that_are_no_text(self):
        for bad in (b"\xff\xfe", b"\x00", b"\xef\xbb\xbf" + line("u", "i"),
                    b'{"user_id":"\xc0\xaf","item_id":"i","rating":3}',
                    b"\x1f\x8b\x08"):
            with self.subTest(bad=bad):
                answer = self.assert_ok(
                    self.send(b"\n".join([bad, line("u", "i")])), 202)
                self.assertEqual(answer["rejected"], 1)
                self.assertEqual(answer["errors"][0]["code"], "invalid_json")


class LongLines(HttpTest):
    OPTIONS = ("--limits.line_bytes=400",)

    def sized(self, n):
        """A line of n bytes."""
        text = line("u", "i")
        return text[:-1] + b" " * (n - len(text)) + text[-1:]

    def test_stream_goes_on_behind_a_long_line(self):
        for size in (401, 402, 500, 4000, 300000):
            for pieces in (None, 1, 199, 16384):
                if pieces == 1 and size > 1000:
                    continue
                with self.subTest(size=size, pieces=pieces):
                    body = b"\n".join([self.sized(400), self.sized(size),
                                       self.sized(400), self.sized(size)])
                    if pieces:
                        body = [body[k:k + pieces]
                                for k in range(0, len(body), pieces)]
                    with self.daemon.connect() as c:
                        r = c.post("/v1/ratings", body, kind=NDJSON)
                    answer = self.assert_ok(r, 202)
                    self.assertEqual(answer["accepted"], 2)
                    self.assertEqual(
                        [(e["index"], e["code"]) for e in answer["errors"]],
                        [(1, "line_too_long"), (3, "line_too_long")])

    def test_crlf_does_not_count(self):
        with self.daemon.connect() as c:
            for body in (self.sized(400) + b"\r\n", [self.sized(400), b"\r",
                                                    b"\n"]):
                r = c.post("/v1/ratings", body, kind=NDJSON)
                self.assertEqual(self.assert_ok(r, 202)["accepted"], 1)

    def test_only_a_long_line(self):
        with self.daemon.connect() as c:
            r = c.post("/v1/ratings", self.sized(401), kind=NDJSON)
            self.assert_error(r, 413, "line_too_long", 0)


class BackPressure(HttpTest):
    """A queue of a few events and a slow trainer: the stream is held back, and
    nothing of it is lost."""

    OPTIONS = ("--ingest.queue_events=50", "--model.rating_dim=128",
               "--learn.replay=64", "--limits.body_grace=0.2",
               "--limits.body_rate=1000000")
    N = 20000 // int(SLOW)

    def alone(self, c):
        """The last seq once no other connection has anything in flight."""
        while True:
            s = c.stats()
            if (s["connections"], s["lag"], s["queue_depth"]) == (1, 0, 0):
                return s["seq"]
            time.sleep(0.01)

    def test_stream_through_a_small_queue(self):
        text = b"\n".join(line(f"u{k % 97}", f"i{k % 89}", k % 5 + 1)
                          for k in range(self.N))
        for what, body, headers in (
                ("length", text, []),
                ("chunks", [text[k:k + 9999]
                            for k in range(0, len(text), 9999)], []),
                ("gzip", gzip.compress(text), ["Content-Encoding: gzip"])):
            with self.subTest(what=what), self.daemon.connect() as c:
                before = self.alone(c)
                r = c.post("/v1/ratings", body, headers, kind=NDJSON)
                answer = self.assert_ok(r, 202)
                self.assertEqual((answer["accepted"], answer["rejected"]),
                                 (self.N, 0))
                self.assertEqual(answer["seq"], before + self.N)

    def test_two_streams_and_reads_beside_them(self):
        text = b"\n".join(line(f"u{k % 97}", f"i{k % 89}", k % 5 + 1)
                          for k in range(2000))
        data = build("POST", "/v1/ratings", text, kind=NDJSON)
        writers = [self.connect() for _ in range(2)]
        with self.daemon.connect() as reader:
            before = reader.stats()["seq"]
            for w in writers:
                w.send(data)
            for _ in range(20):
                self.assertIn("rating", reader.predict("u1", "i1"))
            for w in writers:
                self.assertEqual(self.assert_ok(w.read(), 202)["accepted"],
                                 2000)
            self.assertEqual(reader.stats()["seq"], before + 4000)

    def test_a_stream_that_breaks_off(self):
        """What came before the end of the connection is kept."""
        text = b"\n".join(line("u", "i") for _ in range(3000))
        with self.daemon.connect() as c:
            before = c.stats()["seq"]
            with self.daemon.connect() as broken:
                broken.send(build("POST", "/v1/ratings", headers=[
                    f"Content-Length: {len(text) + 1000}",
                    f"Content-Type: {NDJSON}"]) + text[:50000])
            eventually(lambda: c.stats()["connections"] == 1)
            seq = c.stats()["seq"]
            self.assertLessEqual(seq - before, 3000)
        self.assert_alive()


if __name__ == "__main__":
    main()
