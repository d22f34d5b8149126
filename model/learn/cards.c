/* cards.c -- see cards.h. */
#include "model/learn/cards.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/card.h"
#include "model/core/filter.h"
#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/core/reclaim.h"
#include "model/learn/fold_internal.h"

static uint64_t hash_card(enum hash_kind kind, uint64_t key,
                          const struct card *c)
{
    if (!c)
        return 0;
    return hash_bytes(hash_word(hash_start(kind, key), c->bytes),
                      table_card_bytes(c), c->bytes);
}

uint64_t cards_hash_user(uint64_t key, const struct card *c)
{
    return hash_card(HASH_USER_CARD, key, c);
}

uint64_t cards_hash_item(uint64_t key, const struct card *c)
{
    return hash_card(HASH_ITEM_CARD, key, c);
}

static size_t block_bytes(const struct card *c)
{
    return sizeof *c + c->nfeatures * sizeof *c->feature + c->bytes;
}

/* The sums lose one card, or gain it; hash: of that card. */
static void count(struct card_sums *s, const struct card *c, uint64_t hash,
                  bool more)
{
    uint64_t sign = more ? 1 : UINT64_MAX; // modulo 2^64
    if (!c)
        return;
    s->hash += sign * hash;
    s->bytes += sign * c->bytes;
    s->memory += sign * block_bytes(c);
}

/* ---- the block ---------------------------------------------------------- */

/* A card on its way into a block: what of it is kept, and the rows of its
 * features. */
struct draft {
    uint32_t nfeatures;
    struct card_feature feature[CARD_FEATURES_MAX];
    size_t n;
    unsigned char bytes[CARD_BYTES_MAX];
};

static struct card *block_of(const struct draft *d)
{
    struct card *c = malloc(sizeof *c + d->nfeatures * sizeof *c->feature +
                            d->n);
    if (!c)
        return NULL;
    c->nfeatures = d->nfeatures;
    c->bytes = (uint32_t)d->n;
    if (d->nfeatures)
        memcpy(c->feature, d->feature, d->nfeatures * sizeof *c->feature);
    memcpy(&c->feature[d->nfeatures], d->bytes, d->n);
    return c;
}

/* Keeps the fields of the card and gives its features rows.  Those that are not
 * learned from, or have no room, are left out of the bytes too, so that a card
 * alone says what its features are. */
static void draft(struct fold *f, struct table *t, bool learns,
                  const unsigned char *p, size_t n, uint64_t seq,
                  struct draft *d)
{
    const unsigned char *end = p + n;
    struct card_field field;
    d->nfeatures = 0;
    d->n = 0;
    while (card_next(&p, end, &field)) {
        if (field.kind == CARD_FEATURE) {
            struct id name = {field.name, field.name_len};
            uint32_t row = learns ? fold_feature(f, t, name, seq) : ROW_NONE;
            t->totals.skipped += learns && row == ROW_NONE;
            if (row == ROW_NONE)
                continue;
            d->feature[d->nfeatures++] =
                (struct card_feature){row, card_weight(&field)};
        }
        (void)card_put(d->bytes, sizeof d->bytes, &d->n, &field); // it fits
    }
}

/* ---- events ------------------------------------------------------------- */

static void set_user(struct fold *f, struct table *t, uint32_t row,
                     struct card *c)
{
    uint64_t key = ids_key(live_user_ids(f->live), row);
    struct card *old = t->users.card[row];
    count(&f->user_cards, old, cards_hash_user(key, old), false);
    count(&f->user_cards, c, cards_hash_user(key, c), true);
    reclaim_retire_held(live_reclaim(f->live), old);
    t->users.card[row] = c;
    live_touch_user(f->live, row);
}

static bool brief_has(const struct brief *b, uint32_t row)
{
    bool has = false;
    for (uint32_t i = 0; i < b->n; i++)
        has |= brief_row(b, i) == row;
    return has;
}

static struct brief brief_of(const struct card *c)
{
    struct brief b = {.n = 0};
    if (!c)
        return b;
    for (uint32_t i = 0; i < c->nfeatures; i++) {
        if (i == BRIEF_FEATURES || c->feature[i].weight != 1.0f ||
            brief_has(&b, c->feature[i].row)) {
            b.n = BRIEF_SEE_CARD;
            return b;
        }
        b.slot[b.n++] = c->feature[i].row + 1;
    }
    return b;
}

static void set_item(struct fold *f, struct table *t, uint32_t row,
                     struct card *c)
{
    uint64_t key = ids_key(live_item_ids(f->live), row);
    struct card *old = t->items.card[row];
    count(&f->item_cards, old, cards_hash_item(key, old), false);
    count(&f->item_cards, c, cards_hash_item(key, c), true);
    reclaim_retire_held(live_reclaim(f->live), old);
    t->items.card[row] = c;
    t->items.brief[row] = brief_of(c);
    t->items.labels[row].bits =
        c ? filter_bits(table_card_bytes(c), c->bytes) : 0;
    live_touch_item(f->live, row);
}

/* No bytes: no card. */
static bool put(struct fold *f, struct table *t, uint32_t row, bool is_user,
                const struct event *e, uint64_t seq)
{
    struct card *c = NULL;
    struct draft d;
    draft(f, t, is_user ? f->s.user_features : f->s.item_features, e->payload,
          e->payload_bytes, seq, &d);
    if (d.n) {
        c = block_of(&d);
        if (!c)
            return false;
    }
    if (is_user)
        set_user(f, t, row, c);
    else
        set_item(f, t, row, c);
    return true;
}

/* What is not known cannot be deleted; what is, stays known as deleted. */
static bool delete_item(struct fold *f, struct table *t, const struct event *e)
{
    const struct card_field deleted = {.kind = CARD_DELETED};
    struct draft d = {.nfeatures = 0};
    uint32_t row = ids_find(live_item_ids(f->live), e->item, t->items.n);
    if (row == ROW_NONE)
        return true;
    struct card *c = card_put(d.bytes, sizeof d.bytes, &d.n, &deleted)
                         ? block_of(&d) : NULL;
    if (!c)
        return false;
    set_item(f, t, row, c);
    return true;
}

void cards_event(struct fold *f, struct table *t, const struct event *e,
                 uint64_t seq)
{
    bool is_user = e->type == EVENT_USER_PUT, ok;
    if (e->type == EVENT_ITEM_DELETE) {
        ok = delete_item(f, t, e);
    } else {
        struct ids *ids = is_user ? live_user_ids_mutable(f->live)
                                  : live_item_ids_mutable(f->live);
        struct id id = is_user ? e->user : e->item;
        uint64_t hash = ids_expect(ids, id);
        uint32_t row = is_user ? fold_user(f, t, id, hash, seq)
                               : fold_item(f, t, id, hash, seq);
        ok = row != ROW_NONE && put(f, t, row, is_user, e, seq);
    }
    if (!ok)
        t->totals.skipped++;
}

void cards_forget_user(struct fold *f, struct table *t, uint32_t user)
{
    set_user(f, t, user, NULL);
}

/* ---- loading ------------------------------------------------------------ */

/* The block of a card whose features are all there. */
static struct card *remake(struct fold *f, const struct table *t,
                           const unsigned char *p, size_t n, enum err *err)
{
    const unsigned char *end = p + n;
    const struct ids *ids = live_feature_ids(f->live);
    struct card_field field;
    struct draft d = {.n = n};
    memcpy(d.bytes, p, n);
    *err = ERR_RANGE;
    while (card_next(&p, end, &field)) {
        struct id name = {field.name, field.name_len};
        if (field.kind != CARD_FEATURE)
            continue;
        uint32_t row = ids_find(ids, name, t->features.n);
        if (row == ROW_NONE)
            return NULL;
        d.feature[d.nfeatures++] =
            (struct card_feature){row, card_weight(&field)};
    }
    struct card *c = block_of(&d);
    *err = c ? ERR_OK : ERR_NOMEM;
    return c;
}

enum err cards_restore_user(struct fold *f, struct table *t, uint32_t user,
                            const unsigned char *bytes, size_t n)
{
    enum err err;
    struct card *c = remake(f, t, bytes, n, &err);
    if (c)
        set_user(f, t, user, c);
    return err;
}

enum err cards_restore_item(struct fold *f, struct table *t, uint32_t item,
                            const unsigned char *bytes, size_t n)
{
    enum err err;
    struct card *c = remake(f, t, bytes, n, &err);
    if (c)
        set_item(f, t, item, c);
    return err;
}
