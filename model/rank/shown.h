/* shown.h -- may an item be shown now?  Not one that is hidden or deleted, or
 * at a time it is not available.  Any thread with a pinned table; pure. */
#ifndef FRESHET_MODEL_RANK_SHOWN_H
#define FRESHET_MODEL_RANK_SHOWN_H

#include <stdbool.h>

#include "model/core/card.h"
#include "model/core/table.h"

/* from <= at < until.  card: NULL is one that says nothing. */
static inline bool shown_at(const struct card *card, int64_t at_ms)
{
    struct card_field f;
    if (!card)
        return true;
    const unsigned char *p = table_card_bytes(card), *end = p + card->bytes;
    while (card_next(&p, end, &f)) {
        if (f.kind == CARD_HIDDEN || f.kind == CARD_DELETED ||
            (f.kind == CARD_FROM && at_ms < card_time(&f)) ||
            (f.kind == CARD_UNTIL && at_ms >= card_time(&f)))
            return false;
        if (f.kind == CARD_FEATURE)
            break; // what matters stands before
    }
    return true;
}

#endif
