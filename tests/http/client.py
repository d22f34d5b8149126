"""client.py -- HTTP/1.1 as bytes on a socket, and what every answer must be.

The tests do not use http.client: they send what no well-behaved client would,
and look at each byte that comes back.  Every answer that is read here, in any
test, is held to the contract of proto/API.md: well-formed head, exactly one
Content-Length, an error body of the documented form whose code has the status
that proto/errors.h gives it, and the headers that go with that status.
"""
import email.utils
import json
import os
import re
import socket
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# Sanitizers cost time: their builds get more of it by themselves.
SLOW = float(os.environ.get("FRESHET_SLOW") or (
    5 if "san/" in os.environ.get("FRESHET_BIN", "") else 1))
TIMEOUT = 10 * SLOW
JSON = "application/json"
NDJSON = "application/x-ndjson"

_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ([ -~]+)")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([ -~]*)")


def error_table():
    """{code: status}, read from proto/errors.h."""
    with open(os.path.join(ROOT, "proto", "errors.h"), encoding="utf-8") as f:
        rows = re.findall(r"^ +X\((\w+), +(\d+),", f.read(), re.M)
    assert len(rows) > 20, "proto/errors.h is not laid out as expected"
    return {code: int(status) for code, status in rows}


ERRORS = error_table()


class Closed(AssertionError):
    """The daemon closed the connection where an answer was due."""


class Response:
    """One answer: status, headers as (name, value) pairs, body as bytes."""

    def __init__(self, status, reason, headers, body):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

    def header(self, name):
        """The value of a header, None if it is absent."""
        found = [v for n, v in self.headers if n.lower() == name.lower()]
        assert len(found) < 2, f"header {name} came {len(found)} times"
        return found[0] if found else None

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code, None where the answer is not an error."""
        if self.status < 400 or not self.body:
            return None
        return self.json().get("error", {}).get("code")

    @property
    def message(self):
        return self.json()["error"]["message"]

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def check(response, method="GET"):
    """Holds an answer to the contract."""
    r = response
    if r.status < 200:
        return
    if r.status < 500:
        assert email.utils.parsedate_to_datetime(r.header("Date")), r
    kind = r.header("Content-Type")
    assert kind in (JSON, "text/plain; version=0.0.4; charset=utf-8"), r
    assert (r.header("WWW-Authenticate") == "Bearer") == (r.status == 401), r
    assert (r.header("Retry-After") is not None) == (r.status == 503), r
    assert (r.header("Allow") is not None) == (r.status == 405), r
    if method == "HEAD":
        return
    if kind == JSON:
        assert isinstance(r.json(), dict), r
    if r.status >= 400:
        check_error(r)


def check_error(r):
    body = r.json()
    if r.status == 503 and {"status", "reason"} <= set(body) <= {
            "status", "reason", "seq", "of"}:
        return  # /health/ready: it recovers, stops, or its disk failed
    assert set(body) <= {"error", "receipt"}, r
    e = body["error"]
    assert set(e) <= {"code", "message", "index"}, r
    assert ERRORS.get(e["code"]) == r.status, r
    assert 0 < len(e["message"].encode()) < 240, r
    assert not _CONTROLS.search(e["message"]), r
    if "index" in e:
        assert isinstance(e["index"], int) and e["index"] >= 0, r


def chunked(*pieces, trailers=b""):
    """A body in chunks."""
    out = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces if p)
    return out + b"0\r\n" + trailers + b"\r\n"


def build(method, target, body=None, headers=(), kind=JSON):
    """The bytes of a request.  body: bytes, a list of chunks, or something to
    write as JSON.  kind: its Content-Type, None to leave it out."""
    head = [f"{method} {target} HTTP/1.1", "Host: freshet.test"]
    payload = b""
    if isinstance(body, list) and body and isinstance(body[0], bytes):
        head.append("Transfer-Encoding: chunked")
        payload = chunked(*body)
    elif body is not None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        head.append(f"Content-Length: {len(payload)}")
    if body is not None and kind is not None:
        head.append(f"Content-Type: {kind}")
    head += headers
    return "\r\n".join(head).encode() + b"\r\n\r\n" + payload


class Connection:
    """A socket to the daemon.  Reads fail loudly after TIMEOUT seconds."""

    def __init__(self, address, token=None, receive_buffer=None):
        self.sock = socket.socket()
        if receive_buffer:  # before connect: it bounds the TCP window
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                 receive_buffer)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.token = token
        self.buffer = b""

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- bytes ---------------------------------------------------------

    def send(self, data):
        self.sock.sendall(data)

    def try_send(self, data):
        """Sends, unless the daemon has already hung up."""
        try:
            self.sock.sendall(data)
            return True
        except OSError:
            return False

    def send_slowly(self, data, step=1, pause=0.0):
        for at in range(0, len(data), step):
            self.send(data[at:at + step])
            if pause:
                time.sleep(pause)

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed(f"closed; unread: {self.buffer[:300]!r}")
        self.buffer += data

    def _until(self, end):
        while end not in self.buffer:
            self._more()
        part, self.buffer = self.buffer.split(end, 1)
        return part

    def is_closed(self):
        """True when the daemon ends the connection without another byte; waits
        for it."""
        try:
            data = self.buffer or self.sock.recv(65536)
        except ConnectionError:
            return True
        assert not data, f"bytes instead of the end: {data[:300]!r}"
        return True

    def is_silent(self, seconds):
        """True when nothing comes, not even the end, for so long.  What comes
        is kept for read()."""
        self.sock.settimeout(seconds)
        try:
            self.buffer = self.buffer or self.sock.recv(65536)
            return False
        except TimeoutError:
            return True
        except OSError:
            return False
        finally:
            self.sock.settimeout(TIMEOUT)

    # ---- messages ------------------------------------------------------

    def read(self, method="GET"):
        """The next answer, checked.  method: what was asked (HEAD has no
        body)."""
        lines = self._until(b"\r\n\r\n").split(b"\r\n")
        m = _STATUS_LINE.fullmatch(lines[0])
        assert m, f"status line: {lines[0]!r}"
        status, reason = int(m[1]), m[2].decode()
        headers = []
        for line in lines[1:]:
            h = _HEADER_LINE.fullmatch(line)
            assert h, f"header line: {line!r}"
            headers.append((h[1].decode(), h[2].decode()))
        r = Response(status, reason, headers, b"")
        if status >= 200:
            length = r.header("Content-Length")
            assert length and length.isdigit(), r
            assert r.header("Transfer-Encoding") is None, r
            while method != "HEAD" and len(self.buffer) < int(length):
                self._more()
            if method != "HEAD":
                r.body = self.buffer[:int(length)]
                self.buffer = self.buffer[int(length):]
        check(r, method)
        return r

    def ask(self, method, target, body=None, headers=(), kind=JSON):
        """Sends a request and reads its answer."""
        headers = list(headers)
        if self.token:
            headers.append(f"Authorization: Bearer {self.token}")
        self.send(build(method, target, body, headers, kind))
        return self.read(method)

    def get(self, target, headers=()):
        return self.ask("GET", target, headers=headers)

    def post(self, target, body, headers=(), kind=JSON):
        return self.ask("POST", target, body, headers, kind)

    # ---- the API -------------------------------------------------------

    def stats(self):
        r = self.get("/v1/stats")
        assert r.status == 200, r
        return r.json()

    def settled(self):
        """The stats when everything accepted so far is learned, and hashed:
        while the model moves on, model_hash may be that of a moment ago."""
        while True:
            s = self.stats()
            if not s["lag"] and not s["queue_depth"] and \
                    s.get("model_hash_seq") == s["model_seq"]:
                return s
            time.sleep(0.005)

    def rate(self, user, item, rating, **more):
        """Rates and waits until the serving copy has it; the receipt."""
        body = {"user_id": user, "item_id": item, "rating": rating, **more}
        r = self.post("/v1/ratings?wait=applied", body)
        assert r.status == 200, r
        return r.json()

    def predict(self, user, item, query=""):
        r = self.post("/v1/predict" + query,
                      {"user_id": user, "item_id": item})
        assert r.status == 200, r
        return r.json()
