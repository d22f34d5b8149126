/* filter.c -- see filter.h. */
#include "model/core/filter.h"

#include <string.h>

#include "model/core/card.h"
#include "model/core/random.h"

/* What a walk over a card has met so far. */
struct met {
    uint64_t all[FILTER_KINDS];  /* bits of labels.all */
    uint64_t ranges;             /* bits of ranges */
    bool any[FILTER_KINDS];
};

static bool same(struct id a, const void *s, uint32_t len)
{
    return a.len == len && memcmp(a.s, s, len) == 0;
}

static bool meet_label(const struct filter_labels *l, const struct card_field *f,
                       bool *any, uint64_t *all)
{
    for (uint32_t i = 0; i < l->none.n; i++)
        if (same(l->none.id[i], f->value, f->value_len))
            return false;
    for (uint32_t i = 0; i < l->any.n && !*any; i++)
        *any = same(l->any.id[i], f->value, f->value_len);
    for (uint32_t i = 0; i < l->all.n; i++)
        if (same(l->all.id[i], f->value, f->value_len))
            *all |= (uint64_t)1 << i;
    return true;
}

static bool meet_number(const struct filter *f, const struct card_field *field,
                        uint64_t *met)
{
    for (uint32_t i = 0; i < f->nranges; i++) {
        const struct filter_range *r = &f->range[i];
        double v;
        if (!same(r->name, field->name, field->name_len))
            continue;
        v = card_number(field);
        if (v < r->min || v > r->max)
            return false;
        *met |= (uint64_t)1 << i;
    }
    return true;
}

/* False: it cannot qualify any more. */
static bool meet(const struct filter *f, const struct card_field *field,
                 struct met *m)
{
    enum filter_kind k = field->kind == CARD_TAG ? FILTER_TAGS
                                                 : FILTER_CATEGORIES;
    switch (field->kind) {
    case CARD_CATEGORY:
    case CARD_TAG:
        return meet_label(&f->labels[k], field, &m->any[k], &m->all[k]);
    case CARD_NUMBER:
        return meet_number(f, field, &m->ranges);
    case CARD_FROM:
        return card_time(field) <= f->at_ms;
    case CARD_UNTIL:
        return f->at_ms < card_time(field);
    case CARD_HIDDEN:
    case CARD_DELETED:
        return false;
    case CARD_TEXT:
    case CARD_EMBEDDING:
    case CARD_FEATURE:
        break;
    }
    return true;
}

/* The lowest n bits. */
static uint64_t ones(uint32_t n)
{
    return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

bool filter_passes(const struct filter *f, const unsigned char *card, size_t n)
{
    struct met m = {.ranges = 0};
    struct card_field field;
    const unsigned char *end = card + n;
    // features, the last of a card that is not deleted, say nothing here
    while (card_next(&card, end, &field) && field.kind != CARD_FEATURE)
        if (!meet(f, &field, &m))
            return false;
    for (int k = 0; k < FILTER_KINDS; k++)
        if ((f->labels[k].any.n && !m.any[k]) ||
            m.all[k] != ones(f->labels[k].all.n))
            return false;
    return m.ranges == ones(f->nranges);
}

/* ---- without the card --------------------------------------------------- */

static uint64_t bit_of(enum filter_kind kind, const void *s, uint32_t len)
{
    uint64_t h = random_mix(random_id(s, len) + (uint64_t)kind);
    return (uint64_t)1 << random_below(h, 63);
}

uint64_t filter_bits(const unsigned char *card, size_t n)
{
    uint64_t bits = 0;
    struct card_field f;
    const unsigned char *end = card + n;
    while (card_next(&card, end, &f) && f.kind != CARD_FEATURE) {
        if (f.kind == CARD_CATEGORY || f.kind == CARD_TAG)
            bits |= bit_of(f.kind == CARD_TAG ? FILTER_TAGS
                                              : FILTER_CATEGORIES,
                           f.value, f.value_len);
        else if (f.kind >= CARD_FROM)
            bits |= FILTER_CONDITION;
    }
    return bits;
}

void filter_mask_make(struct filter_mask *m, const struct filter *f)
{
    *m = (struct filter_mask){.bare = f->nranges == 0};
    for (enum filter_kind k = 0; k < FILTER_KINDS; k++) {
        const struct filter_labels *l = &f->labels[k];
        m->bare = m->bare && l->any.n + l->all.n + l->none.n == 0;
        for (uint32_t i = 0; i < l->any.n; i++)
            m->any[k] |= bit_of(k, l->any.id[i].s, l->any.id[i].len);
        for (uint32_t i = 0; i < l->all.n; i++)
            m->all |= bit_of(k, l->all.id[i].s, l->all.id[i].len);
    }
}
