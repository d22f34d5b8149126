"""load.py -- many clients at once that send ratings and note each answer.

One thread and one selector drive all connections, each of which has one request
under way.  Requests are a single rating or an array, by chance.  What is asked
and what comes back is noted in a Ledger before anything else happens.
"""
import collections
import json
import selectors
import socket
import threading

from client import Closed, Connection, build

T0 = 1700000000
CONNECTIONS = 64
SIZES = (1, 1, 1, 1, 2, 5, 20)


class Events:
    """Makes events; the same ones from the same generator of random numbers."""

    def __init__(self, ledger, rng, users=400, items=300):
        self.ledger = ledger
        self.rng = rng
        self.users = users
        self.items = items

    def one(self, **more):
        r = self.rng
        e = {"user_id": f"u{int(self.users * r.random() ** 2)}",
             "item_id": f"i{int(self.items * r.random() ** 2)}",
             "rating": r.randint(2, 10) / 2,
             "event_id": self.ledger.new_id()}
        if r.random() < 0.7:    # the others get the time of their arrival
            e["timestamp"] = T0 + r.randrange(10 ** 7) / 4
        e.update(more)
        return e

    def many(self, n, **more):
        return [self.one(**more) for _ in range(n)]


class Client:
    """A connection and the request that is under way on it."""

    def __init__(self, address):
        self.sock = socket.create_connection(address, timeout=10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.out = b""
        self.buffer = b""
        self.events = None
        self.newest = 0      # seq that it was told

    def ask(self, events):
        self.events = events
        body = events[0] if len(events) == 1 else events
        self.out = build("POST", "/v1/ratings", body)
        self.flush()

    def flush(self):
        """Sends what it can; True when all is sent."""
        try:
            self.out = self.out[self.sock.send(self.out):]
        except BlockingIOError:
            pass
        return not self.out

    def answer(self):
        """(status, body) when it is whole, None before; OSError at the end."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return None
        if not data:
            raise ConnectionResetError
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        at = head.lower().index(b"content-length: ")
        length = int(head[at + 16:].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return None
        self.buffer = rest[length:]
        return int(head[9:12]), json.loads(rest[:length])


class Load(threading.Thread):
    """Runs from start() until stop(), or until the last connection is gone."""

    def __init__(self, address, ledger, rng, connections=CONNECTIONS,
                 sizes=SIZES, make=None):
        super().__init__(daemon=True)
        self.ledger = ledger
        self.rng = rng
        self.sizes = sizes
        self.make = make or Events(ledger, rng)
        self.answers = collections.Counter()   # by status or error code
        self.broken = None
        self.newest = 0
        self.stopping = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.clients = {Client(address) for _ in range(connections)}

    def run(self):
        try:
            for c in list(self.clients):
                self.selector.register(c.sock, selectors.EVENT_READ, c)
                self.next(c)
            while self.clients:
                for key, _ in self.selector.select(0.05):
                    self.step(key.data)
                if self.stopping.is_set():
                    for c in [c for c in self.clients if not c.events]:
                        self.drop(c)
        except Exception as e:   # must reach the test
            self.broken = e
            raise
        finally:
            for c in list(self.clients):
                self.drop(c)

    def step(self, c):
        try:
            if c.out and not c.flush():
                return
            if not c.out:
                self.selector.modify(c.sock, selectors.EVENT_READ, c)
            got = c.answer()
        except OSError:
            self.drop(c)
            return
        if got is not None:
            self.note(c, *got)
            self.next(c)

    def note(self, c, status, body):
        events, c.events = c.events, None
        if status < 300:
            self.ledger.accept(events, body)
            c.newest = max(c.newest, body["seq"])
            self.newest = max(self.newest, c.newest)
            self.answers[status] += 1
        else:
            code = body["error"]["code"]
            self.ledger.refuse(events, code)
            self.answers[code] += 1

    def next(self, c):
        if self.stopping.is_set():
            self.drop(c)
            return
        events = self.make.many(self.rng.choice(self.sizes))
        self.ledger.send(events, c.newest)
        try:
            c.ask(events)
        except OSError:
            self.drop(c)
            return
        if c.out:
            self.selector.modify(c.sock, selectors.EVENT_READ |
                                 selectors.EVENT_WRITE, c)

    def drop(self, c):
        if c in self.clients:
            self.clients.discard(c)
            self.selector.unregister(c.sock)
            c.sock.close()

    def stop(self):
        """Sends no more, waits for the answers that are due."""
        self.stopping.set()
        self.wait()

    def wait(self):
        """Waits until all connections have ended."""
        self.join(30)
        assert not self.is_alive(), "clients wait for answers"
        if self.broken:
            raise self.broken


class Snapshots(threading.Thread):
    """One client that asks for a snapshot after the other, until stop() or
    until the daemon is gone."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.connection = Connection(address)
        self.stopping = threading.Event()
        self.statuses = collections.Counter()

    def run(self):
        try:
            with self.connection as c:
                while not self.stopping.wait(0.02):
                    r = c.post("/v1/admin/snapshot", b"", kind=None)
                    self.statuses[r.status] += 1
        except (OSError, Closed):
            pass

    def stop(self):
        self.stopping.set()
        self.join(30)
        assert not self.is_alive(), "a snapshot does not come to its end"
