/* fold_parts.c -- what a fold shows of itself: to the registry of state, to
 * snapshots, to those who ask for its settings.  See fold.h. */
#include "model/learn/fold_internal.h"

struct history *fold_history(const struct fold *f)
{
    return f->history;
}

struct quality *fold_quality(const struct fold *f)
{
    return f->quality;
}

struct history *fold_positives(const struct fold *f)
{
    return f->positives;
}

const struct card_sums *fold_user_cards(const struct fold *f)
{
    return &f->user_cards;
}

const struct card_sums *fold_item_cards(const struct fold *f)
{
    return &f->item_cards;
}

uint64_t fold_liked_hash(const struct fold *f)
{
    return f->liked_hash;
}

uint64_t fold_seen_hash(const struct fold *f)
{
    return f->seen_hash;
}

uint64_t fold_seen_bytes(const struct fold *f)
{
    return f->seen_bytes;
}

const struct settings *fold_settings_now(const struct fold *f)
{
    return &f->s;
}

const struct settings *fold_configured(const struct fold *f)
{
    return &f->configured;
}

void fold_set_configured(struct fold *f, const struct settings *s)
{
    f->configured = *s;
}
