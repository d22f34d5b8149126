"""Requests whose end is open to dispute: never 2xx, and the connection ends.

What two programs in a row read differently lets one client speak for another
(request smuggling).  So each of these gets one answer and then the end; the
request that hides behind it must not be answered.
"""
from client import Closed
from harness import HttpTest, main

HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
BODY = b'{"user_id":"u","item_id":"i"}'


def request(*lines, body=b"", first=b"POST /v1/predict HTTP/1.1"):
    """Header lines as given, behind a request line that is in order."""
    return b"\r\n".join([first, *lines]) + b"\r\n\r\n" + body


def post(*lines, body=BODY):
    return request(b"Host: a", b"Content-Type: application/json", *lines,
                   body=body)


def get(*lines, first=b"GET /health/live HTTP/1.1"):
    return request(*lines, first=first)


CL = b"Content-Length: %d" % len(BODY)
TE = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)

LENGTHS = {
    "two equal": post(CL, CL),
    "two different": post(CL, b"Content-Length: 0"),
    "zero first": post(b"Content-Length: 0", CL),
    "list of equal": post(b"Content-Length: 29, 29"),
    "plus": post(b"Content-Length: +29"),
    "minus": post(b"Content-Length: -29"),
    "hex": post(b"Content-Length: 0x1d"),
    "fraction": post(b"Content-Length: 29.0"),
    "exponent": post(b"Content-Length: 2e1"),
    "text": post(b"Content-Length: many"),
    "blank inside": post(b"Content-Length: 2 9"),
    "empty": post(b"Content-Length:"),
    "beyond 64 bits": post(b"Content-Length: 18446744073709551645"),
    "underscore": post(b"Content-Length: 2_9"),
}

CODINGS = {
    "with a length": post(CL, TE, body=CHUNKS),
    "before a length": post(TE, CL, body=CHUNKS),
    "identity": post(b"Transfer-Encoding: identity"),
    "identity with a length": post(b"Transfer-Encoding: identity", CL),
    "gzip, chunked": post(b"Transfer-Encoding: gzip, chunked", body=CHUNKS),
    "chunked, gzip": post(b"Transfer-Encoding: chunked, gzip", body=CHUNKS),
    "chunked, chunked": post(b"Transfer-Encoding: chunked, chunked",
                             body=CHUNKS),
    "twice": post(TE, TE, body=CHUNKS),
    "chunked then identity": post(TE, b"Transfer-Encoding: identity",
                                  body=CHUNKS),
    "xchunked": post(b"Transfer-Encoding: xchunked", body=CHUNKS),
    "quoted": post(b'Transfer-Encoding: "chunked"', body=CHUNKS),
    "vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=CHUNKS),
    "empty": post(b"Transfer-Encoding:", body=CHUNKS),
    "comma": post(b"Transfer-Encoding: ,chunked", body=CHUNKS),
    "in HTTP/1.0": request(b"Host: a", b"Content-Type: application/json", TE,
                           body=CHUNKS, first=b"POST /v1/predict HTTP/1.0"),
    "space before colon": post(b"Transfer-Encoding : chunked", body=CHUNKS),
    "on a GET with a length": get(b"Host: a", TE, b"Content-Length: 5"),
}


def sized(size, data=BODY, after=b"\r\n0\r\n\r\n"):
    return post(TE, body=size + b"\r\n" + data + after)


CHUNK_SIZES = {
    "0x": sized(b"0x1d"),
    "plus": sized(b"+1d"),
    "minus": sized(b"-1d"),
    "blank before": sized(b" 1d"),
    "blank after": sized(b"1d "),
    "empty": sized(b""),
    "not hex": sized(b"zz"),
    "beyond 64 bits": sized(b"1000000000000001d"),
    "bare LF after the size": post(TE, body=b"1d\n" + BODY + b"\r\n0\r\n\r\n"),
    "bare LF after the data": sized(b"1d", after=b"\n0\r\n\r\n"),
    "nothing after the data": sized(b"1d", after=b"0\r\n\r\n"),
    "data longer than said": sized(b"5"),
    "bare LF at the end": sized(b"1d", after=b"\r\n0\n\n"),
    "CR in the size": post(TE, body=b"1d\rX\n" + BODY + b"\r\n0\r\n\r\n"),
    "NUL in an extension": sized(b"1d;a=\x00"),
    "LF in an extension": sized(b"1d;a=\nb"),
}

HOSTS = {
    "none": get(),
    "two": get(b"Host: a", b"Host: a"),
    "two, other case": get(b"Host: a", b"hOST: b"),
    "blank inside": get(b"Host: a b"),
    "comma": get(b"Host: a,b"),
    "path": get(b"Host: a/b"),
    "user": get(b"Host: me@a"),
    "two beside an absolute target": get(
        b"Host: a", b"Host: b", first=b"GET http://a/health/live HTTP/1.1"),
    "folded": get(b"Host:", b" a"),
}

HEADERS = {
    "NUL in a value": get(b"Host: a", b"X: a\x00b"),
    "NUL in a name": get(b"Host: a", b"X\x00: a"),
    "NUL in Host": get(b"Host: a\x00b"),
    "CR in a value": get(b"Host: a", b"X: a\rb"),
    "bare LF": b"GET /health/live HTTP/1.1\nHost: a\n\n",
    "one bare LF": b"GET /health/live HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
    "bare LF at the end": b"GET /health/live HTTP/1.1\r\nHost: a\r\n\n",
    "bare CR": b"GET /health/live HTTP/1.1\rHost: a\r\r",
    "folded": get(b"Host: a", b"X: a", b" b"),
    "folded by a tab": get(b"Host: a", b"X: a", b"\tContent-Length: 5"),
    "folded first": get(b" Host: a"),
    "empty name": get(b"Host: a", b": value"),
    "no colon": get(b"Host: a", b"Nonsense"),
    "space before colon": get(b"Host: a", b"X : a"),
    "tab before colon": get(b"Host: a", b"X\t: a"),
    "space in a name": get(b"Host: a", b"X Y: a"),
    "name is no token": get(b"Host: a", b"X(Y): a"),
    "control in a value": get(b"Host: a", b"X: a\x01b"),
    "DEL in a value": get(b"Host: a", b"X: a\x7fb"),
    "two types": post(CL, b"Content-Type: application/json"),
    "two Authorizations": get(b"Host: a", b"Authorization: Bearer a",
                              b"Authorization: Bearer b"),
}

LINES = {
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2.0": get(b"Host: a", first=b"GET /health/live HTTP/2.0"),
    "HTTP/1.2": get(b"Host: a", first=b"GET /health/live HTTP/1.2"),
    "HTTP/0.9": b"GET /health/live\r\n",
    "HTTP/3": get(b"Host: a", first=b"GET /health/live HTTP/3"),
    "HTTP/11": get(b"Host: a", first=b"GET /health/live HTTP/11"),
    "version of many digits": get(
        b"Host: a", first=b"GET /health/live HTTP/4294967295.255"),
    "http": get(b"Host: a", first=b"GET /health/live http/1.1"),
    "other protocol": get(b"Host: a", first=b"GET /health/live ICE/1.0"),
    "two blanks": get(b"Host: a", first=b"GET  /health/live HTTP/1.1"),
    "blank in the target": get(b"Host: a", first=b"GET /health live HTTP/1.1"),
    "tab": get(b"Host: a", first=b"GET\t/health/live\tHTTP/1.1"),
    "no target": get(b"Host: a", first=b"GET HTTP/1.1"),
    "fragment": get(b"Host: a", first=b"GET /health/live#x HTTP/1.1"),
    "no slash": get(b"Host: a", first=b"GET health/live HTTP/1.1"),
    "other scheme": get(b"Host: a", first=b"GET ftp://a/health/live HTTP/1.1"),
    "control in the target": get(b"Host: a", first=b"GET /\x01 HTTP/1.1"),
    "NUL in the target": get(b"Host: a", first=b"GET /\x00 HTTP/1.1"),
    "DEL in the target": get(b"Host: a", first=b"GET /\x7f HTTP/1.1"),
    "blank before": b" " + get(b"Host: a"),
    "garbage before": b"\x16\x03\x01\x02\x00\x01\x00" + get(b"Host: a"),
    "text before": b"hello\r\n" + get(b"Host: a"),
    "NUL before": b"\x00" + get(b"Host: a"),
    "unknown method": get(b"Host: a", first=b"BREW /health/live HTTP/1.1"),
    "lower case": get(b"Host: a", first=b"get /health/live HTTP/1.1"),
    "method of symbols": get(b"Host: a", first=b"G(T /health/live HTTP/1.1"),
    "CONNECT": get(b"Host: a", first=b"CONNECT a:80 HTTP/1.1"),
    "asterisk": get(b"Host: a", first=b"GET * HTTP/1.1"),
}


class Framing(HttpTest):
    STATUSES = (400, 501)

    def refuse(self, table):
        for what, data in table.items():
            for slow in (False, True):
                with self.subTest(what=what, slow=slow):
                    self.refuse_one(data, slow)
        self.assert_alive()

    def refuse_one(self, data, slow):
        with self.daemon.connect() as c:
            step = 1 if slow else len(data + HIDDEN)
            for at in range(0, len(data + HIDDEN), step):
                if not c.try_send((data + HIDDEN)[at:at + step]):
                    break
            r = c.read()
            self.assertIn(r.status, self.STATUSES, r)
            self.assertEqual(r.header("Connection"), "close", r)
            self.assertTrue(c.is_closed())

    def test_lengths(self):
        self.refuse(LENGTHS)

    def test_codings(self):
        self.refuse(CODINGS)

    def test_chunk_sizes(self):
        self.refuse(CHUNK_SIZES)

    def test_hosts(self):
        self.refuse(HOSTS)

    def test_headers(self):
        self.refuse(HEADERS)

    def test_request_lines(self):
        self.refuse(LINES)

    def test_codes(self):
        """The answers say which of the rules it was."""
        for data, status, code in (
                (HOSTS["none"], 400, "bad_host"),
                (HOSTS["two"], 400, "bad_host"),
                (LENGTHS["two equal"], 400, "bad_request"),
                (CODINGS["with a length"], 400, "bad_request"),
                (CODINGS["identity"], 501, "not_implemented"),
                (LINES["unknown method"], 501, "not_implemented"),
                (LINES["HTTP/2.0"], 400, "bad_request"),
                (HEADERS["bare LF"], 400, "bad_request")):
            with self.subTest(data=data), self.daemon.connect() as c:
                c.send(data)
                self.assert_error(c.read(), status, code)

    def test_head_too_large(self):
        pad = b"x" * 8192
        for what, data in (
                ("one header", get(b"Host: a", b"X: " + pad)),
                ("many headers", get(b"Host: a", *[b"X: y"] * 2000)),
                ("target", get(b"Host: a",
                               first=b"GET /" + pad + b" HTTP/1.1")),
                ("name", get(b"Host: a", pad + b": x")),
                ("method", pad + b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
                ("no end of line", pad * 2),
                ("1 MiB", get(b"Host: a", b"X: " + pad * 128))):
            for step in (None, 1000):
                with self.subTest(what=what, step=step):
                    self.refuse_large(data, step)
        self.assert_alive()

    def refuse_large(self, data, step):
        with self.daemon.connect() as c:
            for at in range(0, len(data), step or len(data)):
                if not c.try_send(data[at:at + (step or len(data))]):
                    break
            r = c.read()
            self.assert_error(r, 431, "headers_too_large",
                              mentions="limits.header_bytes")
            self.assertTrue(c.is_closed())

    def test_head_of_just_the_limit(self):
        room = 8192 - len(get(b"Host: a", b"X: "))
        with self.daemon.connect() as c:
            c.send(get(b"Host: a", b"X: " + b"x" * room))
            self.assertEqual(c.read().status, 200)
            c.send(get(b"Host: a", b"X: " + b"x" * (room + 1)))
            self.assertEqual(c.read().status, 431)

    def test_trailers_mean_nothing(self):
        """A trailer cannot make up for a header, nor change one."""
        with self.daemon.connect() as c:
            c.send(post(TE, body=CHUNKS[:-2] +
                        b"Content-Length: 5\r\nHost: b\r\n"
                        b"Transfer-Encoding: identity\r\n\r\n") + HIDDEN)
            try:
                first = c.read()
            except Closed:
                return
            if first.status == 200:
                self.assertIn("rating", first.json())
                self.assertEqual(c.read().json(), {"status": "live"})
            else:
                self.assertTrue(c.is_closed())

    def test_random_bytes(self):
        for _ in range(200):
            data = self.random.randbytes(self.random.randint(1, 300))
            with self.daemon.connect() as c:
                c.try_send(data + b"\r\n\r\n")
                c.half_close()
                try:
                    self.assertGreaterEqual(c.read().status, 400)
                except (Closed, ConnectionError):
                    pass
        self.assert_alive()

    def test_mutated_requests(self):
        """One byte changed, dropped or doubled: an answer or the end, and no
        harm to anybody."""
        seed = post(CL) + post(TE, body=CHUNKS) + get(b"Host: a")
        for _ in range(400):
            data = bytearray(seed)
            for _ in range(self.random.randint(1, 3)):
                at = self.random.randrange(len(data))
                what = self.random.randrange(3)
                if what == 0:
                    data[at] = self.random.randrange(256)
                elif what == 1:
                    del data[at]
                else:
                    data.insert(at, data[at])
            with self.daemon.connect() as c:
                c.try_send(bytes(data))
                try:
                    c.half_close()
                    while True:
                        c.read()
                except (Closed, OSError):
                    pass
        self.assert_alive()


if __name__ == "__main__":
    main()
