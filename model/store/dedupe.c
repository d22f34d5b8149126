/* dedupe.c -- see dedupe.h. */
#include "model/store/dedupe.h"

#include <stdlib.h>
#include <sys/random.h>

#include "model/core/siphash.h"

#define PARTS       4       /* generations to a window */
#define GENERATIONS 6       /* ... that can reach into it, and one to spare */
#define FIRST_SLOTS 1024u

struct slot {
    uint64_t fingerprint;
    uint64_t seq;           /* 0: empty */
};

struct generation {
    uint64_t number;        /* seq / span */
    uint64_t used;          /* slots not empty */
    uint64_t mask;
    struct slot *slot;      /* NULL: none yet */
    uint64_t *digest;       /* of each slot, where digests are kept */
};

struct dedupe {
    uint64_t window;
    uint64_t span;          /* seqs to a generation */
    uint64_t key[2];
    bool digests;
    struct generation generation[GENERATIONS]; /* [number % GENERATIONS] */
};

struct dedupe *dedupe_new(uint64_t window, bool digests)
{
    struct dedupe *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->window = window;
    d->digests = digests;
    d->span = window / PARTS + 1;
    if (getrandom(d->key, sizeof d->key, 0) != (ssize_t)sizeof d->key) {
        free(d);
        return NULL;
    }
    return d;
}

void dedupe_free(struct dedupe *d)
{
    for (int i = 0; d && i < GENERATIONS; i++) {
        free(d->generation[i].slot);
        free(d->generation[i].digest);
    }
    free(d);
}

uint64_t dedupe_fingerprint(const struct dedupe *d, struct id event_id)
{
    return siphash13(d->key, event_id.s, event_id.len);
}

uint64_t dedupe_digest(const struct dedupe *d, const void *bytes, size_t n)
{
    const uint64_t key[2] = {d->key[1], ~d->key[0]};
    return siphash13(key, bytes, n);
}

static uint64_t find_in(const struct generation *g, uint64_t fingerprint,
                        uint64_t oldest, dedupe_match is_it, void *arg)
{
    if (!g->slot)
        return 0;
    for (uint64_t i = fingerprint & g->mask;; i = (i + 1) & g->mask) {
        const struct slot *s = &g->slot[i];
        if (s->seq == 0)
            return 0;
        if (s->fingerprint == fingerprint && s->seq >= oldest &&
            is_it(arg, s->seq, g->digest ? g->digest[i] : 0))
            return s->seq;
    }
}

uint64_t dedupe_find(const struct dedupe *d, uint64_t fingerprint,
                     uint64_t next, dedupe_match is_it, void *arg)
{
    uint64_t oldest = next > d->window ? next - d->window : 1;
    if (d->window == 0)
        return 0;
    for (uint64_t n = next / d->span, last = oldest / d->span;; n--) {
        const struct generation *g = &d->generation[n % GENERATIONS];
        uint64_t seq = g->number == n
                           ? find_in(g, fingerprint, oldest, is_it, arg) : 0;
        if (seq || n == last)
            return seq;
    }
}

static void put(struct generation *g, uint64_t fingerprint, uint64_t seq,
                uint64_t digest)
{
    uint64_t i = fingerprint & g->mask;
    while (g->slot[i].seq)
        i = (i + 1) & g->mask;
    g->slot[i] = (struct slot){fingerprint, seq};
    if (g->digest)
        g->digest[i] = digest;
    g->used++;
}

/* Twice the slots. */
static bool grow(struct generation *g, bool digests)
{
    uint64_t n = g->slot ? (g->mask + 1) * 2 : FIRST_SLOTS;
    struct generation next = {.number = g->number, .mask = n - 1};
    next.slot = calloc(n, sizeof *next.slot);
    next.digest = digests ? calloc(n, sizeof *next.digest) : NULL;
    if (!next.slot || (digests && !next.digest)) {
        free(next.slot);
        free(next.digest);
        return false;
    }
    for (uint64_t i = 0; g->slot && i <= g->mask; i++)
        if (g->slot[i].seq)
            put(&next, g->slot[i].fingerprint, g->slot[i].seq,
                g->digest ? g->digest[i] : 0);
    free(g->slot);
    free(g->digest);
    *g = next;
    return true;
}

bool dedupe_add(struct dedupe *d, uint64_t fingerprint, uint64_t seq,
                uint64_t digest)
{
    if (d->window == 0)
        return true;
    uint64_t number = seq / d->span;
    struct generation *g = &d->generation[number % GENERATIONS];
    if (g->number != number) { // all it knows is older than the window
        free(g->slot);
        free(g->digest);
        *g = (struct generation){.number = number};
    }
    bool full = !g->slot || (g->used + 1) * 4 > (g->mask + 1) * 3;
    if (full && !grow(g, d->digests))
        return false;
    put(g, fingerprint, seq, digest);
    return true;
}

/* Empties slot i.  What was put behind it because it was taken moves up, so
 * that no search ends too early and nothing is left of what was removed. */
static void take_out(struct generation *g, uint64_t i)
{
    for (uint64_t j = i;;) {
        j = (j + 1) & g->mask;
        if (g->slot[j].seq == 0)
            break;
        uint64_t from_home = (j - g->slot[j].fingerprint) & g->mask;
        if (from_home < ((j - i) & g->mask))
            continue; // its own place is behind i
        g->slot[i] = g->slot[j];
        if (g->digest)
            g->digest[i] = g->digest[j];
        i = j;
    }
    g->slot[i].seq = 0;
    g->used--;
}

void dedupe_remove(struct dedupe *d, uint64_t fingerprint, uint64_t seq)
{
    struct generation *g = &d->generation[seq / d->span % GENERATIONS];
    if (g->number != seq / d->span || !g->slot)
        return;
    for (uint64_t i = fingerprint & g->mask; g->slot[i].seq;
         i = (i + 1) & g->mask) {
        if (g->slot[i].fingerprint != fingerprint || g->slot[i].seq != seq)
            continue;
        take_out(g, i);
        return;
    }
}

size_t dedupe_bytes(const struct dedupe *d)
{
    size_t sum = sizeof *d;
    for (int i = 0; i < GENERATIONS; i++)
        if (d->generation[i].slot)
            sum += (d->generation[i].mask + 1) *
                   (sizeof(struct slot) + (d->digests ? 8 : 0));
    return sum;
}

uint64_t dedupe_count(const struct dedupe *d)
{
    uint64_t sum = 0;
    for (int i = 0; i < GENERATIONS; i++)
        sum += d->generation[i].used;
    return sum;
}
