"""golden_stream.py -- what happens to the fold of golden_heads.py: ratings,
behaviours, cards and deletions, from a small generator of its own."""
from golden_fold import Dice, f32

USERS = [('u%d' if k % 5 else 'Grüße-%d') % k for k in range(38)]
ITEMS = [('i/%d' if k % 7 else '映画%d') % k for k in range(60)]
FEATURES = ['genre:drama', 'genre:コメディ', 'price', 'brand:x', 'brand:y',
            'city:Köln', 'age:20', 'tag', 'a', 'b', 'c']  # two too many


def features_of(dice, most):
    """Some of them twice, or shared with the other side."""
    return [(FEATURES[dice.below(len(FEATURES))],
             f32((dice.below(9) - 2) / 4)) for _ in range(dice.below(most))]


def stream(n):
    dice = Dice(2024)
    for k in range(n):
        u, i = dice.below(38), min(dice.below(60), dice.below(60))
        time_ms = 1700000000000 + 40000 * k
        what = dice.below(100)
        if what < 6:
            yield 'put', 'item', ITEMS[i], features_of(dice, 6)
        elif what < 9:
            yield 'put', 'user', USERS[u], features_of(dice, 4)
        elif what < 10:
            yield 'delete', ITEMS[i]
        elif what < 40:
            value = f32((dice.below(9) - 2) / 2)
            yield 'behave', USERS[u], ITEMS[i], value, time_ms
        else:
            liked = 6 if u % 3 == i % 3 else 2
            half = dice.below(5) + (u * 7 + i * 3) % 9 + liked
            value = f32(min(half / 2, 10.0)) if k % 97 != 96 else f32(10.5)
            yield 'event', USERS[u], ITEMS[i], value, time_ms
