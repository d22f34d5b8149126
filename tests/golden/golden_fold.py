#!/usr/bin/env python3
"""golden_fold.py -- the rating head's fold, a second time, on its own.

Written from the rule as model/learn/fold.h and its neighbours state it, not
from the C: dictionaries of ids, no rows, no tables.  Every operation on floats
is rounded to binary32 on its own (`f32`), doubles are Python's.  Prints a
stream of events with the prediction of each before it is learned, and what
every user and item has become; tests/unit/check_golden.c wants the same bits.

    python3 tests/golden/golden_fold.py > tests/golden/golden_fold.txt
"""
import math
import struct

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
INIT_USER, INIT_ITEM, REPLAY, RESERVOIR = 1, 2, 3, 4


def f32(x):
    """x rounded to binary32.  A sum, product, quotient or square root of two
    binary32 numbers that is computed in binary64 and then rounded is the
    correctly rounded one (53 >= 2 * 24 + 2)."""
    return struct.unpack('<f', struct.pack('<f', x))[0]


# ---- randomness: model/core/random.h

def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def draw(seed, kind, key, i):
    z = (seed + GOLDEN * kind) & MASK
    z = (mix(z) + key) & MASK
    z = (mix(z) + GOLDEN * (i + 1)) & MASK
    return mix(z)


def key_of(name):
    h = 0xCBF29CE484222325
    data = name.encode()
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & MASK
    return mix((h + len(data)) & MASK)


# ---- the settings of this run

SETTINGS = {
    'seed': 20240607, 'dim': 16, 'max_users': 40, 'max_items': 58,
    'rating_min': f32(0.0), 'rating_max': f32(10.0),
    'init': f32(0.3), 'factor_rate': f32(0.12), 'factor_half': f32(20.0),
    'factor_l2': f32(0.011), 'bias_rate': f32(0.03), 'bias_count': f32(5.5),
    'bias_l2': f32(0.02), 'session_tau': f32(90.0), 'session_rate': f32(0.09),
    'replay': 4, 'replay_rate': f32(0.0),
    'history': 300, 'max_seen': 1000, 'half_life_days': 30.0,
}
S = type('Settings', (), SETTINGS)


# ---- 2^-d: model/learn/trend.h, in binary64, in the order of trend.c

LN2 = 0.69314718055994530942


def exp_small(r):
    r2 = r * r
    r4 = r2 * r2
    a = (1.0 + r) + r2 * (1.0 / 2 + r * (1.0 / 6))
    b = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040))
    c = ((1.0 / 40320 + r * (1.0 / 362880)) +
         r2 * (1.0 / 3628800 + r * (1.0 / 39916800)))
    return a + r4 * (b + r4 * (c + r4 * (1.0 / 479001600)))


def exp2_neg(d):
    if -d < -1000.0:
        return 0.0
    n = int(-d - 0.5 if d > 0 else 0.5)
    return exp_small((-d - n) * LN2) * 2.0 ** n


def first_vector(kind, name, dim, init):
    scale = f32(f32(init / f32(math.sqrt(dim))) / f32(37837.227))
    vec = []
    for d in range(dim):
        r = draw(S.seed, kind, key_of(name), d)
        total = sum(r >> shift & 0xFFFF for shift in (0, 16, 32, 48))
        vec.append(f32(f32(total - 131070) * scale))
    return vec


class Row:
    def __init__(self, kind, name):
        self.vec = first_vector(kind, name, S.dim, S.init)
        self.bias, self.count = 0.0, 0
        self.session, self.last_ms = 0.0, 0

    def factor_step(self):
        grown = f32(1.0 + f32(f32(self.count) / S.factor_half))
        root = f32(math.sqrt(f32(math.sqrt(grown))))
        return f32(S.factor_rate / root)

    def bias_step(self):
        least = f32(1.0 / f32(f32(self.count) + S.bias_count))
        return max(least, S.bias_rate)

    def mood(self, time_ms):
        """model/learn/session.h"""
        if self.session == 0 or time_ms < self.last_ms:
            return 0.0
        seconds = (time_ms - self.last_ms) * 0.001
        left = exp2_neg(seconds / S.session_tau * 1.4426950408889634)
        return f32(self.session * left)


def dot(p, q):
    lane = [f32(p[l] * q[l]) for l in range(8)]
    for j in range(8, len(p), 8):
        for l in range(8):
            lane[l] = f32(lane[l] + f32(p[j + l] * q[j + l]))
    a, b, c, d = (f32(lane[l] + lane[l + 4]) for l in range(4))
    return f32(f32(a + c) + f32(b + d))


class History:
    def __init__(self, kind, cap):
        self.kind, self.cap = kind, cap
        self.kept, self.offered = [], 0      # [user, item, inner], by place

    def pick(self, kind, seq, j):
        return self.kept[draw(S.seed, kind, seq, j) * len(self.kept) >> 64]

    def put(self, seq, user, item, inner):
        for entry in self.kept:
            if entry[:2] == [user, item]:
                entry[2] = inner
                return
        self.offered += 1
        if len(self.kept) < self.cap:
            self.kept.append([user, item, inner])
            return
        place = draw(S.seed, self.kind, seq, 0) % self.offered
        if place < self.cap:
            self.kept[place] = [user, item, inner]


class Fold:
    def __init__(self):
        self.users, self.items = {}, {}
        self.sum, self.events, self.skipped = 0.0, 0, 0
        self.history = History(RESERVOIR, S.history)

    def mean(self):
        return f32((self.sum + 10 * 3.0) / (self.events + 10))

    def inner_of(self, u, i):
        x = self.mean()
        if u:
            x = f32(x + u.bias)
        if i:
            x = f32(x + i.bias)
        return f32(x + dot(u.vec, i.vec)) if u and i else x

    def shown(self, inner):
        width = f32(f32(S.rating_max - S.rating_min) / 4.0)
        r = f32(S.rating_min + f32(f32(inner - 1.0) * width))
        return min(max(r, S.rating_min), S.rating_max)

    def learn(self, u, i, e, rates):
        bu, bi, ru, ri = rates
        u.bias = f32(u.bias + f32(bu * f32(e - f32(S.bias_l2 * u.bias))))
        i.bias = f32(i.bias + f32(bi * f32(e - f32(S.bias_l2 * i.bias))))

        def moved(own, other, rate):
            pull = f32(f32(e * other) - f32(S.factor_l2 * own))
            return f32(own + f32(rate * pull))
        p, q = u.vec, i.vec
        u.vec = [moved(a, b, ru) for a, b in zip(p, q)]
        i.vec = [moved(b, a, ri) for a, b in zip(p, q)]

    def replay(self, seq):
        rate = S.replay_rate or f32(f32(0.6) / f32(S.replay))
        bias = f32(rate * S.bias_rate)
        for j in range(S.replay if self.history.kept else 0):
            name_u, name_i, inner = self.history.pick(REPLAY, seq, j)
            u, i = self.users[name_u], self.items[name_i]
            e = f32(inner - self.inner_of(u, i))
            self.learn(u, i, e, (bias, bias, f32(rate * u.factor_step()),
                                 f32(rate * i.factor_step())))

    def event(self, seq, user, item, value, time_ms):
        """The prediction before learning, or None when it is skipped."""
        u, i = self.users.get(user), self.items.get(item)
        if (not S.rating_min <= value <= S.rating_max or
                not u and len(self.users) == S.max_users or
                not i and len(self.items) == S.max_items):
            self.skipped += 1
            return None
        mood = u.mood(time_ms) if u else 0.0
        test = self.shown(f32(self.inner_of(u, i) + mood))
        u = self.users.setdefault(user, u or Row(INIT_USER, user))
        i = self.items.setdefault(item, i or Row(INIT_ITEM, item))
        width = f32(4.0 / f32(S.rating_max - S.rating_min))
        inner = f32(1.0 + f32(f32(value - S.rating_min) * width))
        e = f32(inner - f32(self.inner_of(u, i) + mood))
        self.learn(u, i, e, (u.bias_step(), i.bias_step(), u.factor_step(),
                             i.factor_step()))
        if time_ms >= u.last_ms:
            u.session = f32(mood + f32(S.session_rate * e))
            u.last_ms = time_ms
        u.count += 1
        i.count += 1
        self.events += 1
        self.sum += inner
        self.replay(seq)
        self.history.put(seq, user, item, inner)
        return test


# ---- the stream: a fixed taste, noise from a small generator of its own

class Dice:
    def __init__(self, state):
        self.state = state

    def below(self, n):
        self.state = (self.state * 6364136223846793005 +
                      1442695040888963407) & MASK
        return (self.state >> 33) * n >> 31


def stream(n):
    dice = Dice(42)
    users = [('u%d' if k % 5 else 'Grüße-%d') % k for k in range(40)]
    items = [('i/%d' if k % 7 else '映画%d') % k for k in range(60)]
    for k in range(n):
        u, i = dice.below(40), min(dice.below(60), dice.below(60))
        liked = 6 if u % 3 == i % 3 else 2
        half = dice.below(5) + (u * 7 + i * 3) % 9 + liked
        value = f32(min(half / 2, 10.0)) if k % 97 != 96 else f32(10.5)
        # sittings of a minute and less, and now and then a clock behind
        late = 500000 if k % 31 == 30 else 0
        yield users[u], items[i], value, 1700000000000 + 7000 * k - late


def number(x):
    return x.hex() if isinstance(x, float) else str(x)


def main():
    print('# Made by golden_fold.py; see README.md.')
    for name, value in SETTINGS.items():
        print('setting', name, number(value))
    fold = Fold()
    for k, (user, item, value, time_ms) in enumerate(stream(2000)):
        test = fold.event(k + 1, user, item, value, time_ms)
        print('event', user, item, number(value), time_ms,
              'skip' if test is None else number(test))
    print('totals', fold.events, fold.skipped, number(fold.sum))
    for kind, rows in ('user', fold.users), ('item', fold.items):
        for name, row in rows.items():
            print(kind, name, row.count, number(row.bias),
                  *map(number, row.vec))


if __name__ == '__main__':
    main()
