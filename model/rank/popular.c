/* popular.c -- see popular.h. */
#include "model/rank/popular.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/learn/seen.h"
#include "model/learn/trend.h"

/* One scan, with a heap of the best offset + n: its root is the worst of them,
 * so most items are turned away by one comparison of doubles. */
struct best {
    const struct items *items;
    const struct ids *ids;
    uint32_t *row;
    uint32_t n, cap;
};

void popular_scratch_release(struct popular_scratch *s)
{
    free(s->bits);
    free(s->rows);
    memset(s, 0, sizeof *s);
}

/* Does a stand before b in the list? */
static bool before(const struct best *h, uint32_t a, uint32_t b)
{
    double x = h->items->trend[a], y = h->items->trend[b];
    if (x != y)
        return x > y;
    struct id s = ids_name(h->ids, a), t = ids_name(h->ids, b);
    int c = memcmp(s.s, t.s, s.len < t.len ? s.len : t.len);
    return c ? c < 0 : s.len < t.len;
}

static void sift_down(struct best *h, uint32_t i)
{
    for (;;) {
        uint32_t worst = i, l = 2 * i + 1, r = l + 1;
        if (l < h->n && before(h, h->row[worst], h->row[l]))
            worst = l;
        if (r < h->n && before(h, h->row[worst], h->row[r]))
            worst = r;
        if (worst == i)
            return;
        uint32_t tmp = h->row[i];
        h->row[i] = h->row[worst];
        h->row[worst] = tmp;
        i = worst;
    }
}

static void sift_up(struct best *h, uint32_t i)
{
    while (i > 0 && before(h, h->row[(i - 1) / 2], h->row[i])) {
        uint32_t tmp = h->row[i], up = (i - 1) / 2;
        h->row[i] = h->row[up];
        h->row[up] = tmp;
        i = up;
    }
}

static void offer(struct best *h, uint32_t row)
{
    if (h->n < h->cap) {
        h->row[h->n++] = row;
        sift_up(h, h->n - 1);
    } else if (before(h, row, h->row[0])) {
        h->row[0] = row;
        sift_down(h, 0);
    }
}

static enum err reserve(struct popular_scratch *s, size_t words, size_t rows)
{
    if (words > s->words) {
        uint64_t *bits = realloc(s->bits, words * sizeof *bits);
        if (!bits)
            return ERR_NOMEM;
        s->bits = bits;
        s->words = words;
    }
    if (rows > s->nrows) {
        uint32_t *row = realloc(s->rows, rows * sizeof *row);
        if (!row)
            return ERR_NOMEM;
        s->rows = row;
        s->nrows = rows;
    }
    return ERR_OK;
}

/* The user's items as bits; false when there are none to leave out. */
static bool mark_seen(const struct table *t, uint32_t user, uint64_t *bits,
                      size_t words)
{
    if (user == ROW_NONE || t->users.nseen[user] == 0)
        return false;
    const struct seen_list *l = t->users.seen[user];
    memset(bits, 0, words * sizeof *bits);
    for (uint32_t i = 0; i < t->users.nseen[user]; i++)
        bits[l->item[i] >> 6] |= (uint64_t)1 << (l->item[i] & 63);
    return true;
}

enum err popular_top(const struct table *t, const struct ids *item_ids,
                     const struct popular_query *q,
                     struct popular_scratch *scratch, struct scored *out,
                     uint32_t *found)
{
    uint32_t nitems = t->items.n;
    size_t words = ((size_t)nitems + 63) / 64;
    uint64_t want = (uint64_t)q->offset + q->n;
    uint32_t cap = want < nitems ? (uint32_t)want : nitems;
    double now = trend_time(t->totals.clock_ms, q->half_life_days);
    *found = 0;
    if (reserve(scratch, words + 1, (size_t)cap + 1) != ERR_OK)
        return ERR_NOMEM;
    bool skip = q->exclude_seen && mark_seen(t, q->user, scratch->bits, words);
    struct best h = {&t->items, item_ids, scratch->rows, 0, cap};
    for (uint32_t i = 0; i < nitems && cap; i++) {
        if (t->items.events[i] == 0 ||
            (skip && scratch->bits[i >> 6] >> (i & 63) & 1))
            continue;
        offer(&h, i);
    }
    uint32_t total = h.n; // the heap empties from its worst to its best
    for (uint32_t left = total; left > 0; left--) {
        uint32_t row = h.row[0];
        h.row[0] = h.row[--h.n];
        sift_down(&h, 0);
        if (left - 1 < q->offset)
            continue;
        out[left - 1 - q->offset].row = row;
        out[left - 1 - q->offset].score =
            (float)trend_value(t->items.trend[row], now);
    }
    *found = total > q->offset ? total - q->offset : 0;
    return ERR_OK;
}
