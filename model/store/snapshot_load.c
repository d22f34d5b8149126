/* snapshot_load.c -- see snapshot_load.h. */
#include "model/store/snapshot_load.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "model/learn/history.h"
#include "model/learn/restore.h"
#include "model/learn/state.h"

/* ---- totals ------------------------------------------------------------ */

static bool finite_sums(const struct error_sums *s)
{
    return isfinite(s->squared) && isfinite(s->absolute);
}

static enum err load_totals(struct load *l)
{
    struct totals *t = &l->t->totals;
    enum err err = source_read(l->source, source_find(l->source, "totals"), 0,
                               t, sizeof *t);
    if (err != ERR_OK)
        return err;
    bool ok = isfinite(t->scaled_sum) && finite_sums(&t->all);
    for (unsigned i = 0; i < RECENT_BLOCKS; i++)
        ok = ok && finite_sums(&t->recent[i]);
    if (!ok)
        return source_fail(l->source, "totals: a sum is not finite");
    if (t->seq != l->info->seq || t->events != l->info->events ||
        t->epoch != l->info->epoch || t->interim != l->info->interim)
        return source_fail(l->source, "totals are not those of the notes");
    return ERR_OK;
}

/* ---- seen -------------------------------------------------------------- */

/* The user's list, of n items, by way of `items`. */
static enum err load_list(struct load *l, struct tensor_reader *r,
                          uint32_t user, uint32_t n, uint32_t *items)
{
    enum err err = tensor_reader_take(r, items, n * sizeof *items);
    if (err != ERR_OK)
        return err;
    for (uint32_t i = 0; i < n; i++)
        if (items[i] >= l->info->items || (i && items[i] <= items[i - 1]))
            return source_fail(l->source, "users.seen_items of user %" PRIu32
                               ": %" PRIu32 " of %" PRIu32, user, items[i],
                               l->info->items);
    return restore_seen(l->fold, l->t, user, items, n) ? ERR_OK : ERR_NOMEM;
}

/* users.nseen is loaded, and becomes what each list has. */
static enum err load_lists(struct load *l, struct tensor_reader *r,
                           uint32_t *items)
{
    uint64_t left = r->tensor->shape[0];
    enum err err = ERR_OK;
    for (uint32_t user = 0; user < l->info->users && err == ERR_OK; user++) {
        uint32_t n = l->t->users.nseen[user];
        if (n > left || n > l->info->items)
            return source_fail(l->source, "users.nseen[%" PRIu32 "]: %" PRIu32
                               " is too many", user, n);
        left -= n;
        if (n)
            err = load_list(l, r, user, n, items);
    }
    if (err == ERR_OK && left)
        err = source_fail(l->source, "users.seen_items has %" PRIu64
                          " too many", left);
    return err;
}

static enum err load_seen(struct load *l)
{
    struct tensor_reader *r = malloc(sizeof *r);
    uint32_t *items = malloc(((size_t)l->info->items + 1) * sizeof *items);
    enum err err = ERR_NOMEM;
    if (r && items) {
        tensor_reader_init(r, l->source,
                           source_find(l->source, "users.seen_items"));
        err = load_lists(l, r, items);
    }
    free(items);
    free(r);
    return err;
}

/* ---- history ----------------------------------------------------------- */

struct entry_readers {
    struct tensor_reader user, item, inner, seq;
};

static enum err load_entry(struct load *l, struct entry_readers *r,
                           uint32_t place)
{
    struct history_entry e = {0};
    enum err err = tensor_reader_take(&r->user, &e.user, sizeof e.user);
    if (err == ERR_OK)
        err = tensor_reader_take(&r->item, &e.item, sizeof e.item);
    if (err == ERR_OK)
        err = tensor_reader_take(&r->inner, &e.inner, sizeof e.inner);
    if (err == ERR_OK)
        err = tensor_reader_take(&r->seq, &e.seq, sizeof e.seq);
    if (err != ERR_OK)
        return err;
    if (e.user >= l->info->users || e.item >= l->info->items ||
        !isfinite(e.inner) || e.seq > l->info->seq)
        return source_fail(l->source, "history[%" PRIu32 "]: user %" PRIu32
                           ", item %" PRIu32 ", seq %" PRIu64, place, e.user,
                           e.item, e.seq);
    err = history_restore(fold_history(l->fold), &e);
    if (err == ERR_RANGE)
        return source_fail(l->source, "history[%" PRIu32 "]: the pair is there "
                           "twice", place);
    return err;
}

static enum err load_history(struct load *l)
{
    struct history *h = fold_history(l->fold);
    uint32_t n = l->info->history;
    if (!h || n > l->info->settings.history)
        return n == 0 && !h ? ERR_OK
                            : source_fail(l->source, "history: %" PRIu32
                                          " entries are too many", n);
    struct entry_readers *r = malloc(sizeof *r);
    if (!r)
        return ERR_NOMEM;
    tensor_reader_init(&r->user, l->source,
                       source_find(l->source, "history.user"));
    tensor_reader_init(&r->item, l->source,
                       source_find(l->source, "history.item"));
    tensor_reader_init(&r->inner, l->source,
                       source_find(l->source, "history.inner"));
    tensor_reader_init(&r->seq, l->source,
                       source_find(l->source, "history.seq"));
    enum err err = ERR_OK;
    for (uint32_t place = 0; place < n && err == ERR_OK; place++)
        err = load_entry(l, r, place);
    history_restore_offered(h, l->source->offered);
    free(r);
    return err;
}

/* ---- all --------------------------------------------------------------- */

enum err load_state(struct load *l)
{
    static enum err (*const parts[])(struct load *) = {
#define PART(name, what) load_##name,
        STATE_PARTS(PART)
#undef PART
    };
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && err == ERR_OK; i++)
        err = parts[i](l);
    return err;
}
