"""damage.py -- where an event lies in its segment, and how to harm it.

Found out by looking: an event that is accepted changes some bytes of the last
segment, and those are its group.  So these tests know nothing of the form of
the log and hold for any.
"""
import hashlib
import os


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def changed(before, after):
    """The first byte that differs, and one behind the last."""
    after += bytes(max(0, len(before) - len(after)))
    before += bytes(max(0, len(after) - len(before)))
    places = [k for k in range(len(after)) if before[k] != after[k]]
    return places[0], places[-1] + 1


def flip(path, offset, bit=0):
    """Turns one bit over, in place."""
    with open(path, "r+b") as f:
        f.seek(offset)
        byte = f.read(1)[0]
        f.seek(offset)
        f.write(bytes([byte ^ (1 << bit)]))


def fingerprint(folder):
    """{name: hash} of all files below the folder, but for the LOCK: whoever
    looks takes it."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            if name != "LOCK":
                path = os.path.join(top, name)
                found[os.path.relpath(path, folder)] = hashlib.sha256(
                    read(path)).hexdigest()
    return found


def files_with(folder, text):
    """The files below the folder in which the bytes of text appear."""
    needle = text.encode()
    return [os.path.join(top, name) for top, _, names in os.walk(folder)
            for name in names if needle in read(os.path.join(top, name))]


class Extents:
    """The bytes that each of a few requests took in the last segment."""

    def __init__(self, test, d):
        self.test = test
        self.daemon = d
        self.path = None
        self.of = []         # (begin, end) for each request

    def fill(self, sizes):
        """Requests of so many events each, all in one segment."""
        for n in sizes:
            before = read(self.test.segments()[-1])
            self.test.fill(self.daemon, n, n)
            self.path = self.test.segments()[-1]
            self.of.append(changed(before, read(self.path)))
        assert len(self.test.segments()) == 1, "they do not fit in a segment"
        return self
