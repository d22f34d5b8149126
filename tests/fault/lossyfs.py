#!/usr/bin/env python3
"""lossyfs.py MOUNTPOINT SHORT -- a file system that keeps what POSIX makes it
keep.

What a program wrote is there for everybody as long as the power is on.  After a
power cut there is, for certain, only what fsync() was called for: the bytes of
a file by fsync of the file, its name by fsync of its folder.  ext4 and xfs are
kinder than that (an fsync of a new file keeps its name too, names change in one
order), so a program that forgets the folder passes there; not here.

SHORT is 0, or every how many writes one takes only a part of its bytes.

It speaks the kernel's FUSE protocol itself and needs root, nothing else.
Commands come as lines on stdin, each answered by one line:

    cut MODE SEED DIR    writes what a power cut at this moment would leave into
                         the empty folder DIR.  The file system goes on.
        none     nothing that was not synced
        some     each unsynced sector, each size and, in each folder, each
                 number of changes from the first on: or not, by chance
        all      everything, as after kill -9
    quit
"""
import ctypes
import errno
import os
import random
import select
import stat
import struct
import sys

from survivors import SECTOR, File, Folder

MAX_WRITE = 1 << 20
ROOT_ID = 1
HEAD = struct.Struct("<IIQQIIIHH")
ANSWER = struct.Struct("<IiQ")
ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
LOOKED_UP = struct.Struct("<QQQQII")
IO = struct.Struct("<QQIIQII")      # of read and write, with 40 bytes


class Refused(Exception):
    """The answer is an errno."""


class FileSystem:
    """The operations, by their names in the protocol; each takes the node's
    number and the bytes of its request, and returns those of its answer."""

    def __init__(self, short=0):
        self.short = short
        self.writes = 0
        self.nodes = {ROOT_ID: Folder(ROOT_ID, stat.S_IFDIR | 0o755)}
        self.next = ROOT_ID + 1

    def new(self, kind, mode):
        node = kind(self.next, mode)
        self.nodes[self.next] = node
        self.next += 1
        return node

    def child(self, folder, name):
        found = self.nodes[folder].now.get(name)
        if found is None:
            raise Refused(errno.ENOENT)
        return found

    # ---- what answers are made of --------------------------------------

    @staticmethod
    def attr(node):
        size = len(node.now) if isinstance(node, File) else 4096
        return ATTR.pack(node.number, size, -(-size // SECTOR), 0, 0, 0,
                         0, 0, 0, node.mode, node.links, 0, 0, 0, 4096, 0)

    def looked_up(self, node):
        return LOOKED_UP.pack(node.number, 0, 60, 60, 0, 0) + self.attr(node)

    @staticmethod
    def text(data):
        return data.split(b"\0")[0].decode()

    # ---- names ---------------------------------------------------------

    def lookup(self, number, data):
        return self.looked_up(self.child(number, self.text(data)))

    def mkdir(self, number, data):
        mode, _ = struct.unpack_from("<II", data)
        node = self.new(Folder, stat.S_IFDIR | mode)
        self.nodes[number].change({self.text(data[8:]): node})
        return self.looked_up(node)

    def create(self, number, data):
        mode = struct.unpack_from("<IIII", data)[1]
        node = self.new(File, stat.S_IFREG | stat.S_IMODE(mode))
        self.nodes[number].change({self.text(data[16:]): node})
        return self.looked_up(node) + self.open(node.number, b"")

    def unlink(self, number, data):
        name = self.text(data)
        self.child(number, name).links -= 1
        self.nodes[number].change({name: None})
        return b""

    def rmdir(self, number, data):
        if self.child(number, self.text(data)).now:
            raise Refused(errno.ENOTEMPTY)
        return self.unlink(number, data)

    def rename(self, number, data, at=8):
        old, new = data[at:].split(b"\0")[:2]
        target, = struct.unpack_from("<Q", data)
        if target != number:
            raise Refused(errno.EXDEV)
        node = self.child(number, old.decode())
        self.nodes[number].change({old.decode(): None, new.decode(): node})
        return b""

    def rename2(self, number, data):
        if struct.unpack_from("<QI", data)[1]:
            raise Refused(errno.EINVAL)
        return self.rename(number, data, 16)

    def readdir(self, number, data):
        _, offset, size = struct.unpack_from("<QQI", data)
        out = b""
        names = sorted(self.nodes[number].now.items())
        for at, (name, node) in enumerate(names[offset:], offset + 1):
            raw = name.encode()
            entry = struct.pack("<QQII", node.number, at, len(raw),
                                node.mode >> 12) + raw
            entry += bytes(-len(entry) % 8)
            if len(out) + len(entry) > size:
                break
            out += entry
        return out

    # ---- bytes ---------------------------------------------------------

    def open(self, _number, _data):
        # a write from the page cache must not be short: go around it
        return struct.pack("<QIi", 0, DIRECT_IO if self.short else 0, 0)

    def opendir(self, _number, _data):
        return struct.pack("<QIi", 0, 0, 0)

    def nothing(self, _number, _data):
        return b""

    flush = release = releasedir = access = nothing

    def read(self, number, data):
        _, offset, size, *_ = IO.unpack_from(data)
        return bytes(self.nodes[number].now[offset:offset + size])

    def write(self, number, data):
        _, offset, size, *_ = IO.unpack_from(data)
        self.writes += 1
        if self.short and self.writes % self.short == 0:
            size = size // 2 or 1
        self.nodes[number].write(offset, data[IO.size:IO.size + size])
        return struct.pack("<II", size, 0)

    def fallocate(self, number, data):
        _, offset, length, mode = struct.unpack_from("<QQQI", data)
        node = self.nodes[number]
        keep_size, punch_hole, zero_range = mode & 1, mode & 2, mode & 16
        if mode & ~19:
            raise Refused(errno.EOPNOTSUPP)
        end = offset + length
        if not keep_size and end > len(node.now):
            node.resize(end)
        if punch_hole or zero_range:
            end = min(end, len(node.now))
            if end > offset:
                node.write(offset, bytes(end - offset))
        return b""

    def fsync(self, number, _data):
        self.nodes[number].sync()
        return b""

    fsyncdir = fsync

    # ---- the rest ------------------------------------------------------

    def getattr(self, number, _data):
        return struct.pack("<QII", 60, 0, 0) + self.attr(self.nodes[number])

    def setattr(self, number, data):
        valid, _, _, size = struct.unpack_from("<IIQQ", data)
        node = self.nodes[number]
        if valid & 8:
            node.resize(size)
        if valid & 1:
            mode, = struct.unpack_from("<I", data, 68)
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        return self.getattr(number, data)

    def statfs(self, _number, _data):
        free = 1 << 20
        return struct.pack("<QQQQQIIII24x", free, free, free, free, free,
                           4096, 255, 4096, 0)

    # ---- the end of the power ------------------------------------------

    def cut(self, mode, seed, target):
        """Writes what is left into the folder target; how many files."""
        rng = random.Random(seed)

        def chance():
            return mode == "all" or (mode == "some" and rng.random() < 0.5)

        def leave(folder, path):
            changes = len(folder.pending)
            count = {"none": 0, "all": changes}.get(mode)
            if count is None:
                count = rng.randint(0, changes)
            files = 0
            for name, node in sorted(folder.after_cut(count).items()):
                to = os.path.join(path, name)
                if isinstance(node, Folder):
                    os.mkdir(to)
                    files += leave(node, to)
                    continue
                with open(to, "wb") as f:
                    f.write(node.after_cut(chance, chance))
                files += 1
            return files

        return leave(self.nodes[ROOT_ID], target)


OPERATIONS = {
    1: "lookup", 3: "getattr", 4: "setattr", 9: "mkdir", 10: "unlink",
    11: "rmdir", 12: "rename", 14: "open", 15: "read", 16: "write",
    17: "statfs", 18: "release", 20: "fsync", 25: "flush", 27: "opendir",
    28: "readdir", 29: "releasedir", 30: "fsyncdir", 34: "access",
    35: "create", 43: "fallocate", 45: "rename2"}
DIRECT_IO = 1
FORGET, INIT, DESTROY, BATCH_FORGET = 2, 26, 38, 42
INIT_FLAGS = 1 | 1 << 5 | 1 << 22   # async reads, big writes, max_pages


def init_answer():
    return struct.pack("<IIIIHHIIHHII24x", 7, 31, MAX_WRITE, INIT_FLAGS, 16, 12,
                       MAX_WRITE, 1, MAX_WRITE // 4096, 0, 0, 0)


def answer(fs, fd, request):
    """Serves one request of the kernel."""
    length, code, unique, number, *_ = HEAD.unpack_from(request)
    if code in (FORGET, BATCH_FORGET):
        return
    body, status = b"", 0
    try:
        if code == INIT:
            body = init_answer()
        elif code in OPERATIONS:
            operation = getattr(fs, OPERATIONS[code])
            body = operation(number, bytes(request[HEAD.size:length]))
        elif code != DESTROY:
            status = -errno.ENOSYS
    except Refused as e:
        status = -e.args[0]
    head = ANSWER.pack(ANSWER.size + len(body), status, unique)
    try:
        os.write(fd, head + body)
    except FileNotFoundError:
        pass    # whoever asked is gone


def mount(point):
    """Mounts at the folder point; the descriptor that brings requests."""
    fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other"
    if libc.mount(b"lossyfs", point.encode(), b"fuse", 6, options.encode()):
        e = ctypes.get_errno()
        raise OSError(e, f"mount: {os.strerror(e)}", point)
    return fd


def main(point, short):
    fd = mount(point)
    fs = FileSystem(int(short))
    buffer = bytearray(MAX_WRITE + 4096)
    view = memoryview(buffer)
    print("mounted", flush=True)
    while True:
        ready, _, _ = select.select([fd, 0], [], [])
        if 0 in ready:
            words = sys.stdin.readline().split()
            if not words or words[0] == "quit":
                return
            print(fs.cut(*words[1:]), flush=True)
        if fd in ready:
            try:
                n = os.readv(fd, [buffer])
            except OSError as e:
                if e.errno == errno.ENODEV:   # unmounted
                    return
                continue    # the request was withdrawn
            answer(fs, fd, view[:n])


if __name__ == "__main__":
    main(*sys.argv[1:])
