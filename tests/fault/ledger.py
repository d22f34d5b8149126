"""ledger.py -- the oracle: what the clients know, kept outside the store.

Every event is sent under an event_id of its own, and is in one of these states:

    open      sent, and nothing is known of it: it may be in the log or not
    kept      a 2xx came for it, or a daemon that started found it: from now on
              it is in the log, once, as it was sent, at its seq
    refused   an answer said that it was not accepted: it is not in the log
    gone      open, and not found by a daemon that started: it stays away

check() holds an export of the log to that.  Events without an event_id are
not its business.
"""
import itertools
import threading
import time

OPEN, KEPT, REFUSED, GONE = "open", "kept", "refused", "gone"
# The errors that promise nothing; all others mean "not accepted".
UNCERTAIN = ("unconfirmed", "not_applied", "storage_failed", "internal")
SHOWN = 5


class Loss(AssertionError):
    """The log is not what the clients were promised."""


class Sent:
    """One event and what is known of it."""
    __slots__ = ("event", "state", "seq", "order", "time", "after")

    def __init__(self, event, after):
        self.event = event
        self.state = OPEN
        self.seq = None      # of a kept one, where known
        self.order = None    # how many were kept before it
        self.time = None     # when its answer came
        self.after = after   # its connection had this seq before it was sent


class Found:
    """What a check has counted."""

    def __init__(self):
        self.kept = 0        # promised, and there
        self.extra = 0       # there, and not promised
        self.absent = 0      # neither
        self.wrong = []      # complaints

    def __str__(self):
        return (f"{self.kept} acknowledged and found, {self.extra} found "
                f"without an answer, {self.absent} unanswered and not found")


def says_the_same(sent, logged):
    """Is the line of the log what was sent?"""
    return (logged["user_id"] == sent["user_id"] and
            logged["item_id"] == sent["item_id"] and
            logged["rating"] == sent["rating"] and
            logged["timestamp"] == sent.get("timestamp", logged["timestamp"]))


class Ledger:
    """Any thread may write; check when nobody does, or up to a mark()."""

    def __init__(self, name="e"):
        self.name = name
        self.sent = {}
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.order = 0

    def new_id(self):
        return f"{self.name}-{next(self.numbers)}"

    # ---- what clients note ---------------------------------------------

    def send(self, events, after=0):
        with self.lock:
            for e in events:
                self.sent.setdefault(e["event_id"], Sent(e, after))

    def accept(self, events, receipt):
        """A 2xx came for all of the events.  The seqs are known where none was
        a duplicate: they end with the receipt's."""
        known = not receipt["duplicates"]
        first = receipt["seq"] - len(events) + 1
        with self.lock:
            for i, e in enumerate(events):
                self._keep(self.sent[e["event_id"]],
                           first + i if known else None)

    def _keep(self, s, seq):
        if s.state != KEPT:
            s.state = KEPT
            s.time = time.monotonic()
            s.order = self.order
            self.order += 1
        if s.seq is None:
            s.seq = seq

    def refuse(self, events, code):
        if code in UNCERTAIN:
            return
        with self.lock:
            for e in events:
                s = self.sent[e["event_id"]]
                if s.state == OPEN:
                    s.state = REFUSED

    def note(self, events, response):
        """What an answer (client.Response) says about the events."""
        if response.status < 300:
            self.accept(events, response.json())
        else:
            self.refuse(events, response.code)

    def reopen(self, events):
        """They will be sent again."""
        with self.lock:
            for e in events:
                s = self.sent[e["event_id"]]
                if s.state in (REFUSED, GONE):
                    s.state = OPEN

    def mark(self):
        """A moment, for check(): what is kept after it was not kept yet."""
        with self.lock:
            return self.order

    def events(self, *states):
        return [s.event for s in self.sent.values() if s.state in states]

    def __len__(self):
        return self.order

    # ---- against the log -----------------------------------------------

    def check(self, log, upto=None, since=None):
        """log: the events of an export, in its order.  upto: a mark.  since: a
        time; what was kept after it may be absent (journal.fsync=everysec).
        Raises Loss; else says what it Found."""
        found = Found()
        there = self._by_id(log, found)
        for name, s in self.sent.items():
            promised = s.state == KEPT and (upto is None or s.order < upto)
            if promised and since is not None and s.time is not None:
                promised = s.time < since
            self._look(name, s, promised, there.pop(name, None), found)
        found.wrong += [f"event_id {n!r} was never sent" for n in there]
        if found.wrong:
            raise Loss(f"{len(found.wrong)} violations: " +
                       "; ".join(found.wrong[:SHOWN]))
        return found

    @staticmethod
    def _by_id(log, found):
        """{event_id: line}, having looked at seqs and repetitions."""
        there = {}
        for before, e in zip([None] + log, log):
            if before is not None and e["seq"] != before["seq"] + 1:
                found.wrong.append(f"seq {e['seq']} after {before['seq']}")
            name = e.get("event_id")
            if e["type"] != "rating" or not name:
                continue
            if name in there:
                found.wrong.append(f"{name} is there twice: seq "
                                   f"{there[name]['seq']} and {e['seq']}")
            there[name] = e
        return there

    @staticmethod
    def _look(name, s, promised, line, found):
        if line is None:
            found.absent += not promised and s.state in (OPEN, KEPT)
            if promised:
                found.wrong.append(f"{name} was acknowledged (seq {s.seq}) and "
                                   "is not there")
            return
        found.kept += promised
        found.extra += not promised
        if s.state in (REFUSED, GONE):
            found.wrong.append(f"{name} is there, but was {s.state}")
        if s.seq is not None and s.seq != line["seq"]:
            found.wrong.append(f"{name} has seq {line['seq']}, its receipt "
                               f"said {s.seq}")
        if line["seq"] <= s.after:
            found.wrong.append(f"{name} has seq {line['seq']}, but its client "
                               f"had seq {s.after} before it was sent")
        if not says_the_same(s.event, line):
            found.wrong.append(f"{name} was sent as {s.event}, is {line}")

    def settle(self, log):
        """A daemon has started from this log: what was open is decided."""
        there = {e.get("event_id"): e["seq"] for e in log}
        with self.lock:
            for name, s in self.sent.items():
                if s.state != OPEN:
                    continue
                if name in there:
                    self._keep(s, there[name])
                else:
                    s.state = GONE
