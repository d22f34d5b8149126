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

#endif
