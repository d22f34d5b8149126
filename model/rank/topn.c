/* topn.c -- see topn.h. */
#include "model/rank/topn.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"

void topn_release(struct topn *h)
{
    free(h->at);
    memset(h, 0, sizeof *h);
}

bool topn_begin(struct topn *h, const struct ids *ids, uint32_t cap)
{
    if (cap > h->room) {
        struct topn_entry *at = malloc(cap * sizeof *at);
        if (!at)
            return false;
        free(h->at);
        h->at = at;
        h->room = cap;
    }
    h->ids = ids;
    h->n = 0;
    h->cap = cap;
    return true;
}

/* Does a stand before b in the list? */
static bool before(const struct topn *h, const struct topn_entry *a,
                   const struct topn_entry *b)
{
    if (a->key != b->key)
        return a->key > b->key;
    struct id s = ids_name(h->ids, a->row), t = ids_name(h->ids, b->row);
    int c = memcmp(s.s, t.s, s.len < t.len ? s.len : t.len);
    return c ? c < 0 : s.len < t.len;
}

bool topn_close_call(const struct topn *h, double key, uint32_t row)
{
    struct topn_entry e = {key, row};
    return before(h, &e, &h->at[0]);
}

static void swap(struct topn_entry *a, struct topn_entry *b)
{
    struct topn_entry tmp = *a;
    *a = *b;
    *b = tmp;
}

static void sift_down(struct topn *h, uint32_t n)
{
    for (uint32_t i = 0;;) {
        uint32_t worst = i, l = 2 * i + 1, r = l + 1;
        if (l < n && before(h, &h->at[worst], &h->at[l]))
            worst = l;
        if (r < n && before(h, &h->at[worst], &h->at[r]))
            worst = r;
        if (worst == i)
            return;
        swap(&h->at[i], &h->at[worst]);
        i = worst;
    }
}

static void sift_up(struct topn *h, uint32_t i)
{
    while (i > 0 && before(h, &h->at[(i - 1) / 2], &h->at[i])) {
        swap(&h->at[i], &h->at[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

void topn_keep(struct topn *h, double key, uint32_t row)
{
    struct topn_entry e = {key, row};
    if (h->n < h->cap) {
        h->at[h->n++] = e;
        sift_up(h, h->n - 1);
    } else {
        h->at[0] = e;
        sift_down(h, h->n);
    }
}

void topn_sort(struct topn *h)
{
    for (uint32_t left = h->n; left > 1; left--) {
        swap(&h->at[0], &h->at[left - 1]); // the worst of those left
        sift_down(h, left - 1);
    }
    h->cap = h->n;
}
