#!/usr/bin/env python3
"""golden_heads.py -- both heads over cards, a second time, on its own.

Adds to golden_fold.py what model/learn/cards.h, feature_step.c, ranking.h,
rank_step.h, sigmoid.h and influence.h say, written from there.  Prints a
stream of ratings, behaviours, cards and deletions, and what every user, item
and feature has become; tests/unit/check_golden.c wants the same bits.

    python3 tests/golden/golden_heads.py > tests/golden/golden_heads.txt
"""
import math

import golden_fold
from golden_fold import Fold, History, Row, dot, draw, f32, first_vector, number
from golden_stream import stream

(INIT_USER, INIT_ITEM, REPLAY, RESERVOIR, INIT_FEATURE, RANK_USER, RANK_ITEM,
 RANK_FEATURE, RANK_REPLAY, RANK_RESERVOIR, NEGATIVE) = range(1, 12)
DAY_MS = 86400000

SETTINGS = dict(golden_fold.SETTINGS, **{
    'seed': 11, 'dim': 8, 'max_users': 36, 'max_items': 56, 'max_features': 9,
    'replay': 3, 'replay_rate': f32(0.15), 'history': 400, 'max_seen': 25,
    'error_clip': f32(1.1), 'norm_cap': f32(0.7), 'trust_half': f32(3.0),
    'influence_cap': 50, 'item_features': 1, 'user_features': 1,
    'feature_rate': f32(0.3), 'feature_bias_rate': f32(0.25),
    'rdim': 16, 'rank_init': f32(0.4), 'rank_rate': f32(0.11),
    'rank_half': f32(12.0), 'rank_l2': f32(0.013),
    'rank_feature_rate': f32(0.35), 'negatives': 3, 'rank_replay': 2,
    'rank_replay_rate': f32(0.0), 'positives': 150,
    'positive_from': f32(6.5),
})
S = type('Settings', (), SETTINGS)
golden_fold.S = S


def axpy(y, a, x):
    """y + a x, every product and sum rounded."""
    return [f32(v + f32(a * w)) for v, w in zip(y, x)]


def step(own, rate, g, other, l2):
    """own + rate (g other - l2 own)"""
    return [f32(v + f32(rate * f32(f32(g * w) - f32(l2 * v))))
            for v, w in zip(own, other)]


def sigmoid(x):
    x = max(min(x, 30.0), -30.0)
    y = f32(f32(-x) * f32(1.44269504))
    n = int(f32(y - 0.5) if y < 0 else f32(y + 0.5))
    r = f32(f32(y - n) * f32(0.693147181))
    r2 = f32(r * r)
    low = f32(f32(1.0 + r) +
              f32(r2 * f32(0.5 + f32(r * f32(0.166666667)))))
    high = f32(f32(f32(0.0416666667) + f32(r * f32(0.00833333333))) +
               f32(r2 * f32(0.00138888889)))
    p = f32(low + f32(f32(r2 * r2) * high))
    return f32(1.0 / f32(1.0 + f32(p * 2.0 ** n)))


class Thing(Row):
    """A user, an item or a feature."""

    def __init__(self, kind, rank_kind, name):
        super().__init__(kind, name)
        self.rvec = first_vector(rank_kind, name, S.rdim, S.rank_init)
        self.rbias, self.positives = 0.0, 0
        self.card = []            # (feature, weight)
        self.seen = set()
        self.day, self.today = 0, 0

    def sum_vec(self):
        v = self.vec
        for f, w in self.card:
            v = axpy(v, w, f.vec)
        return v

    def sum_rvec(self):
        v = self.rvec
        for f, w in self.card:
            v = axpy(v, w, f.rvec)
        return v

    def sum_bias(self):
        b = self.bias
        for f, w in self.card:
            b = f32(b + f32(w * f.bias))
        return b

    def rank_step(self):
        grown = f32(1.0 + f32(f32(self.positives) / S.rank_half))
        return f32(S.rank_rate / f32(math.sqrt(f32(math.sqrt(grown)))))

    def has_say(self, time_ms):
        day = time_ms // DAY_MS
        if day != self.day:
            self.day, self.today = day, 0
        if self.today == S.influence_cap:
            return False
        self.today += 1
        return True


def trust(n):
    return f32(f32(n + 1) / f32(f32(n + 1) + S.trust_half))


def capped(v):
    squared = dot(v, v)
    if squared <= f32(S.norm_cap * S.norm_cap):
        return v
    scale = f32(S.norm_cap / f32(math.sqrt(squared)))
    return [f32(x * scale) for x in v]


class Heads(Fold):
    def __init__(self):
        super().__init__()
        self.features = {}
        self.behaviours = self.npositives = self.ncapped = 0
        self.positives = History(RANK_RESERVOIR, S.positives)

    # ---- rows

    def thing(self, table, name, limit, kinds):
        if name not in table:
            if len(table) == limit:
                return None
            table[name] = Thing(*kinds, name)
        return table[name]

    def user(self, name):
        return self.thing(self.users, name, S.max_users,
                          (INIT_USER, RANK_USER))

    def item(self, name):
        return self.thing(self.items, name, S.max_items,
                          (INIT_ITEM, RANK_ITEM))

    def pair(self, user, item):
        if (user not in self.users and len(self.users) == S.max_users or
                item not in self.items and len(self.items) == S.max_items):
            return None, None
        return self.user(user), self.item(item)

    def put(self, is_user, name, features):
        thing = self.user(name) if is_user else self.item(name)
        if not thing:
            self.skipped += 1
            return
        card = []
        for feature, weight in features:
            f = self.thing(self.features, feature, S.max_features,
                           (INIT_FEATURE, RANK_FEATURE))
            if f:
                card.append((f, weight))
            else:
                self.skipped += 1
        thing.card = card

    def delete(self, name):
        if name in self.items:
            self.items[name].card = []

    # ---- the rating head

    def inner_of(self, u, i):
        x = self.mean()
        if u:
            x = f32(x + u.sum_bias())
        if i:
            x = f32(x + i.sum_bias())
        return f32(x + dot(u.sum_vec(), i.sum_vec())) if u and i else x

    def learn(self, u, i, e, rates):
        e = max(min(e, S.error_clip), -S.error_clip)
        bu, bi, ru, ri = rates
        p, q = u.sum_vec(), i.sum_vec()
        new = []                  # all from before the step, then all stored
        for row, other, bias_rate, rate in (u, q, bu, ru), (i, p, bi, ri):
            new.append((row, step(row.vec, rate, e, other, S.factor_l2),
                        self.next_bias(row.bias, bias_rate, e)))
            for f, w in row.card:
                part = f32(e * w)
                new.append((f, step(f.vec, f32(S.feature_rate * rate), part,
                                    other, S.factor_l2),
                            self.next_bias(
                                f.bias, f32(S.feature_bias_rate * bias_rate),
                                part)))
        for row, vec, bias in new:
            row.vec, row.bias = vec, bias

    @staticmethod
    def next_bias(bias, rate, e):
        return f32(bias + f32(rate * f32(e - f32(S.bias_l2 * bias))))

    # ---- the ranking head

    @staticmethod
    def rank_row(row, rate, g, p):
        """(1 - rate l2) row + rate g p"""
        keep, by = f32(1.0 - f32(rate * S.rank_l2)), f32(rate * g)
        return [f32(f32(keep * v) + f32(by * w)) for v, w in zip(row, p)]

    def learn_item(self, item, g, p, scale):
        rate = f32(scale * item.rank_step())
        item.rbias, = self.rank_row([item.rbias], rate, g, [1.0])
        item.rvec = self.rank_row(item.rvec, rate, g, p)
        for f, w in item.card:
            f.rvec = self.rank_row(f.rvec, f32(rate * S.rank_feature_rate),
                                   f32(g * w), p)

    def learn_pair(self, seq, turn, u, item, weight, scale):
        rows = list(self.items.values())
        drawn = [rows[draw(S.seed, NEGATIVE, seq, 64 * turn + k) *
                      len(rows) >> 64]
                 for k in range(S.negatives if weight > 0 else 0)]
        items = [item] + [other for other in drawn
                          if other is not item and other not in u.seen]
        p, g, total = u.sum_rvec(), [], None
        for k, other in enumerate(items):
            q = other.sum_rvec()
            label = 1.0 if k == 0 and weight > 0 else 0.0
            score = f32(other.rbias + dot(p, q))
            g.append(f32(abs(weight) * f32(label - sigmoid(score))))
            total = (axpy(total, g[k], q) if total else
                     [f32(g[k] * v) for v in q])
        for k, other in enumerate(items):
            self.learn_item(other, g[k], p, f32(scale * trust(u.positives)))
        self.learn_user(u, p, total, len(items), f32(scale * u.rank_step()))
        if turn == 0:
            u.rvec, item.rvec = capped(u.rvec), capped(item.rvec)

    @staticmethod
    def learn_user(u, p, total, n, rate):
        keep = f32(1.0 - f32(rate * f32(n * S.rank_l2)))
        after = [f32(f32(keep * v) + f32(rate * w)) for v, w in zip(p, total)]
        change = [f32(a - b) for a, b in zip(after, p)]
        u.rvec = axpy(u.rvec, 1.0, change) if u.card else after
        for f, w in u.card:
            f.rvec = axpy(f.rvec, f32(S.rank_feature_rate * w), change)

    def learn_ranking(self, seq, user, item, weight):
        u, i = self.users[user], self.items[item]
        self.learn_pair(seq, 0, u, i, weight, 1.0)
        if weight < 0:
            return
        u.positives += 1
        i.positives += 1
        self.npositives += 1
        for j in range(S.rank_replay if self.positives.kept else 0):
            name_u, name_i, w = self.positives.pick(RANK_REPLAY, seq, j)
            self.learn_pair(seq, j + 1, self.users[name_u],
                            self.items[name_i], w,
                            f32(f32(0.6) / f32(S.rank_replay)))
        self.positives.put(seq, user, item, weight)

    # ---- events

    def meet(self, u, i):
        if len(u.seen) < S.max_seen:
            u.seen.add(i)

    def rate(self, seq, user, item, value, time_ms):
        """The prediction before learning, or None when it is skipped."""
        known = self.users.get(user), self.items.get(item)
        u, i = (self.pair(user, item)
                if S.rating_min <= value <= S.rating_max else (None, None))
        if not u or not u.has_say(time_ms):
            self.skipped += 1
            self.ncapped += u is not None
            return None
        mood = u.mood(time_ms)
        test = self.shown(f32(self.inner_of(*known) + mood))
        width = f32(4.0 / f32(S.rating_max - S.rating_min))
        inner = f32(1.0 + f32(f32(value - S.rating_min) * width))
        e = f32(inner - f32(self.inner_of(u, i) + mood))
        part = trust(u.count)
        self.learn(u, i, e, (u.bias_step(), f32(i.bias_step() * part),
                             u.factor_step(), f32(i.factor_step() * part)))
        u.vec, i.vec = capped(u.vec), capped(i.vec)
        if time_ms >= u.last_ms:
            u.session = f32(mood + f32(S.session_rate * e))
            u.last_ms = time_ms
        u.count += 1
        i.count += 1
        self.events += 1
        self.sum += inner
        self.meet(u, i)
        for f, _ in i.card:
            f.count += 1
        self.replay(seq)
        self.history.put(seq, user, item, inner)
        if value >= S.positive_from:
            self.learn_ranking(seq, user, item, 1.0)
        return test

    def behave(self, seq, user, item, value, time_ms):
        u, i = self.pair(user, item)
        if not u or not u.has_say(time_ms):
            self.skipped += 1
            self.ncapped += u is not None
            return
        self.behaviours += 1
        if value:
            self.meet(u, i)
            self.learn_ranking(seq, user, item, value)


# ---- the run

def play(fold, seq, line):
    if line[0] == 'put':
        fold.put(line[1] == 'user', line[2], line[3])
        print('put', line[1], line[2],
              *(f'{name} {number(w)}' for name, w in line[3]))
    elif line[0] == 'delete':
        fold.delete(line[1])
        print(*line)
    elif line[0] == 'behave':
        fold.behave(seq, *line[1:])
        print('behave', line[1], line[2], number(line[3]), line[4])
    else:
        test = fold.rate(seq, *line[1:])
        print('event', line[1], line[2], number(line[3]), line[4],
              'skip' if test is None else number(test))


def main():
    print('# Made by golden_heads.py; see README.md.')
    for name, value in SETTINGS.items():
        print('setting', name, number(value))
    fold = Heads()
    for k, line in enumerate(stream(2400)):
        play(fold, k + 1, line)
    print('totals', fold.events, fold.skipped, number(fold.sum))
    print('ranking', fold.behaviours, fold.npositives, fold.ncapped)
    for kind, rows in (('user', fold.users), ('item', fold.items),
                       ('feature', fold.features)):
        for name, row in rows.items():
            print(kind, name, row.count, number(row.bias),
                  *map(number, row.vec), row.positives, number(row.rbias),
                  *map(number, row.rvec))


if __name__ == '__main__':
    main()
