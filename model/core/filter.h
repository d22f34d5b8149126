/* filter.h -- which items qualify, by their cards (card.h).
 *
 *   categories, tags   any: one of these at least; all: each of these; none: not
 *                      one of these.  An empty list is no condition
 *   ranges             has that number, and min <= it <= max
 *   at_ms              the time it is available at: from <= at_ms < until
 *
 * All of it must hold; an item that is hidden or deleted never qualifies.  An
 * item without a card qualifies when nothing is asked of it.  Plain data; any
 * thread, pure.
 */
#ifndef FRESHET_MODEL_CORE_FILTER_H
#define FRESHET_MODEL_CORE_FILTER_H

#include <stdbool.h>

#include "model/types.h"

#define FILTER_LABELS_MAX 64u    /* of one list */
#define FILTER_RANGES_MAX 16u

enum filter_kind { FILTER_CATEGORIES, FILTER_TAGS, FILTER_KINDS };

struct filter_labels {
    struct id_list any, all, none;
};

struct filter_range {
    struct id name;
    double min, max;
};

struct filter {
    struct filter_labels labels[FILTER_KINDS];
    const struct filter_range *range;
    uint32_t nranges;
    int64_t at_ms;
};

/* card: n bytes that card_ok() has passed. */
bool filter_passes(const struct filter *f, const unsigned char *card, size_t n);

/* ---- without the card --------------------------------------------------- */

/* What is known of a card by 64 bits: its labels, each one of 63 bits, and
 * whether it has a condition of its own (a time, hidden, deleted). */
#define FILTER_CONDITION ((uint64_t)1 << 63)
uint64_t filter_bits(const unsigned char *card, size_t n);

/* A filter's side of it. */
struct filter_mask {
    uint64_t any[FILTER_KINDS];  /* 0: no condition */
    uint64_t all;
    bool bare;                   /* nothing is asked but to be shown */
};
void filter_mask_make(struct filter_mask *m, const struct filter *f);

/* Could it be FILTER_YES or FILTER_ASK_CARD?  Without a branch. */
static inline bool filter_may(const struct filter_mask *m, uint64_t bits)
{
    bool may = (bits & m->all) == m->all;
    for (int k = 0; k < FILTER_KINDS; k++)
        may &= (m->any[k] == 0) | ((bits & m->any[k]) != 0);
    return may;
}

enum filter_said { FILTER_NO, FILTER_YES, FILTER_ASK_CARD };
static inline enum filter_said filter_ask_bits(const struct filter_mask *m,
                                               uint64_t bits)
{
    if (m->bare && !(bits & FILTER_CONDITION))
        return FILTER_YES;
    return filter_may(m, bits) ? FILTER_ASK_CARD : FILTER_NO;
}

#endif
