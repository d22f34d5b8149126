"""survivors.py -- files and folders, and what a power cut leaves of them.

A file is `now` (what is read back) and `kept` (what was synced); `dirty` holds
the sectors that differ.  A folder is the same with names; `pending` holds its
changes in order, and a cut leaves the first few of them.
"""
SECTOR = 512


class Node:
    """What files and folders have in common."""

    def __init__(self, number, mode):
        self.number = number
        self.mode = mode
        self.links = 1


class File(Node):
    def __init__(self, number, mode):
        super().__init__(number, mode)
        self.now = bytearray()
        self.kept = b""
        self.dirty = set()

    def touch(self, begin, end):
        self.dirty.update(range(begin // SECTOR, -(-end // SECTOR)))

    def resize(self, size):
        old = len(self.now)
        if size < old:
            del self.now[size:]
        else:
            self.now.extend(bytes(size - old))
        self.touch(min(old, size), max(old, size))

    def write(self, offset, data):
        end = offset + len(data)
        if end > len(self.now):
            self.resize(end)
        self.now[offset:end] = data
        self.touch(offset, end)

    def sync(self):
        self.kept = bytes(self.now)
        self.dirty.clear()

    def after_cut(self, survives, size_survives):
        """The bytes that are left; survives() decides for each sector."""
        left = bytearray(self.kept)
        if size_survives():
            size = len(self.now)
            left = left[:size] + bytes(max(0, size - len(left)))
        for sector in sorted(self.dirty):
            at, end = sector * SECTOR, min((sector + 1) * SECTOR, len(left))
            if at < end and survives():
                part = self.now[at:end]
                left[at:at + len(part)] = part
        return bytes(left)


class Folder(Node):
    def __init__(self, number, mode):
        super().__init__(number, mode)
        self.now = {}
        self.kept = {}
        self.pending = []

    def change(self, names):
        """Sets names to nodes, or removes those that are None, in one step."""
        self._apply(self.now, names)
        self.pending.append(names)

    @staticmethod
    def _apply(to, names):
        for name, node in names.items():
            if node is None:
                to.pop(name, None)
            else:
                to[name] = node

    def sync(self):
        self.kept = dict(self.now)
        self.pending.clear()

    def after_cut(self, count):
        left = dict(self.kept)
        for names in self.pending[:count]:
            self._apply(left, names)
        return left
