/* snapshot_load.c -- see snapshot_load.h. */
#include "model/store/snapshot_load.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/card.h"
#include "model/learn/cards.h"
#include "model/learn/history.h"
#include "model/learn/liked.h"
#include "model/learn/quality_save.h"
#include "model/learn/restore.h"
#include "model/learn/seen.h"
#include "model/learn/seen_kinds.h"
#include "model/learn/state.h"

/* ---- totals ------------------------------------------------------------ */

static bool finite_sums(const struct error_sums *s)
{
    return isfinite(s->squared) && isfinite(s->absolute);
}

static bool finite_course(const struct course *c)
{
    return isfinite(c->window.squared) && isfinite(c->window.baseline) &&
           isfinite(c->past.squared) && isfinite(c->past.baseline) &&
           isfinite(c->fast) && isfinite(c->slow) && isfinite(c->pace);
}

static enum err load_totals(struct load *l)
{
    struct totals *t = &l->t->totals;
    enum err err = source_read(l->source, source_find(l->source, "totals"), 0,
                               t, sizeof *t);
    if (err != ERR_OK)
        return err;
    bool ok = seen_kinds_ok(&t->kinds) && isfinite(t->scaled_sum) &&
              finite_sums(&t->all) && finite_course(&t->course);
    for (unsigned i = 0; i < RECENT_BLOCKS; i++)
        ok = ok && finite_sums(&t->recent[i]);
    if (!ok)
        return source_fail(l->source, "totals: a sum is not finite, or a kind "
                           "has no name");
    if (t->seq != l->info->seq || t->events != l->info->events ||
        t->epoch != l->info->epoch || t->interim != l->info->interim)
        return source_fail(l->source, "totals are not those of the notes");
    return ERR_OK;
}

/* ---- liked ------------------------------------------------------------- */

/* users.liked is loaded. */
static enum err load_liked(struct load *l)
{
    for (uint32_t user = 0; user < l->info->users; user++)
        if (!liked_restore(l->fold, l->t, user, l->info->items))
            return source_fail(l->source, "users.liked[%" PRIu32 "] are no "
                               "items", user);
    return ERR_OK;
}

/* ---- seen -------------------------------------------------------------- */

/* Room for the largest list. */
struct list_room {
    uint32_t *items, *stamps; /* (n) */
    uint32_t n;
};

static bool list_room_grow(struct list_room *room, uint32_t n)
{
    if (n <= room->n)
        return true;
    free(room->items);
    room->n = 0;
    room->items = malloc((size_t)n * 2 * sizeof *room->items);
    if (!room->items)
        return false;
    room->n = n;
    room->stamps = room->items + n;
    return true;
}

/* The user's list, of n entries. */
static enum err load_list(struct load *l, struct tensor_reader *r,
                          uint32_t user, uint32_t n, struct list_room *room)
{
    if (!list_room_grow(room, n))
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry[2];
        enum err err = tensor_reader_take(r, entry, sizeof entry);
        if (err != ERR_OK)
            return err;
        room->items[i] = entry[0];
        room->stamps[i] = entry[1];
    }
    if (!seen_is_folded(room->items, room->stamps, n, l->info->items))
        return source_fail(l->source, "users.seen of user %" PRIu32
                           " is not in order", user);
    return restore_seen(l->fold, l->t, user, room->items, room->stamps, n)
               ? ERR_OK : ERR_NOMEM;
}

/* users.nseen is loaded, and becomes what each list has. */
static enum err load_lists(struct load *l, struct tensor_reader *r,
                           struct list_room *room)
{
    uint64_t left = r->tensor->shape[0];
    enum err err = ERR_OK;
    for (uint32_t user = 0; user < l->info->users && err == ERR_OK; user++) {
        uint32_t n = l->t->users.nseen[user];
        if (n > left)
            return source_fail(l->source, "users.nseen[%" PRIu32 "]: %" PRIu32
                               " is too many", user, n);
        left -= n;
        if (n)
            err = load_list(l, r, user, n, room);
    }
    if (err == ERR_OK && left)
        err = source_fail(l->source, "users.seen has %" PRIu64
                          " too many", left);
    return err;
}

static enum err load_seen(struct load *l)
{
    struct tensor_reader *r = malloc(sizeof *r);
    struct list_room room = {.n = 0};
    enum err err = ERR_NOMEM;
    if (r) {
        tensor_reader_init(r, l->source,
                           source_find(l->source, "users.seen"));
        err = load_lists(l, r, &room);
    }
    free(room.items);
    free(r);
    return err;
}

/* ---- cards ------------------------------------------------------------- */

struct card_readers {
    struct tensor_reader end, bytes;
    unsigned char card[CARD_BYTES_MAX];
};

static enum err load_card(struct load *l, const char *entity,
                          struct card_readers *r, uint32_t row, uint64_t *used)
{
    uint64_t end = 0, room = r->bytes.tensor->shape[0];
    enum err err = tensor_reader_take(&r->end, &end, sizeof end);
    if (err != ERR_OK)
        return err;
    if (end < *used || end - *used > CARD_BYTES_MAX || end > room)
        return source_fail(l->source, "%s.card_end[%" PRIu32 "]: %" PRIu64
                           " behind %" PRIu64, entity, row, end, *used);
    size_t n = (size_t)(end - *used);
    *used = end;
    if (n == 0)
        return ERR_OK;
    err = tensor_reader_take(&r->bytes, r->card, n);
    if (err != ERR_OK)
        return err;
    err = ERR_RANGE;
    if (card_ok(r->card, n))
        err = strcmp(entity, "users") == 0
                  ? cards_restore_user(l->fold, l->t, row, r->card, n)
                  : cards_restore_item(l->fold, l->t, row, r->card, n);
    if (err == ERR_RANGE)
        return source_fail(l->source, "%s.card_bytes: the card of row %" PRIu32
                           " is none", entity, row);
    return err;
}

static enum err load_cards_of(struct load *l, const char *entity, uint32_t n)
{
    struct card_readers *r = malloc(sizeof *r);
    uint64_t used = 0;
    enum err err = r ? ERR_OK : ERR_NOMEM;
    if (r) {
        tensor_reader_init(&r->end, l->source,
                           source_find_column(l->source, entity, "card_end"));
        tensor_reader_init(&r->bytes, l->source,
                           source_find_column(l->source, entity, "card_bytes"));
    }
    for (uint32_t row = 0; row < n && err == ERR_OK; row++)
        err = load_card(l, entity, r, row, &used);
    if (err == ERR_OK && used != r->bytes.tensor->shape[0])
        err = source_fail(l->source, "%s.card_bytes has too many", entity);
    free(r);
    return err;
}

static enum err load_cards(struct load *l)
{
    enum err err = load_cards_of(l, "users", l->info->users);
    return err == ERR_OK ? load_cards_of(l, "items", l->info->items) : err;
}

/* ---- history ----------------------------------------------------------- */

struct entry_readers {
    struct tensor_reader user, item, inner, seq;
};

static enum err load_entry(struct load *l, const char *name,
                           struct history *h, struct entry_readers *r,
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
        return source_fail(l->source, "%s[%" PRIu32 "]: user %" PRIu32
                           ", item %" PRIu32 ", seq %" PRIu64, name, place,
                           e.user, e.item, e.seq);
    err = history_restore(h, &e);
    if (err == ERR_RANGE)
        return source_fail(l->source, "%s[%" PRIu32 "]: the pair is there "
                           "twice", name, place);
    return err;
}

static void read_column(struct load *l, struct tensor_reader *r,
                        const char *name, const char *column)
{
    tensor_reader_init(r, l->source, source_find_column(l->source, name,
                                                        column));
}

/* The n entries of the history h (NULL: there is none). */
static enum err load_entries(struct load *l, const char *name,
                             struct history *h, uint32_t n, uint64_t offered)
{
    if (!h || n > history_cap(h))
        return n == 0 && !h ? ERR_OK
                            : source_fail(l->source, "%s: %" PRIu32
                                          " entries are too many", name, n);
    struct entry_readers *r = malloc(sizeof *r);
    if (!r)
        return ERR_NOMEM;
    read_column(l, &r->user, name, "user");
    read_column(l, &r->item, name, "item");
    read_column(l, &r->inner, name, "inner");
    read_column(l, &r->seq, name, "seq");
    enum err err = ERR_OK;
    for (uint32_t place = 0; place < n && err == ERR_OK; place++)
        err = load_entry(l, name, h, r, place);
    history_restore_offered(h, offered);
    free(r);
    return err;
}

static enum err load_history(struct load *l)
{
    return load_entries(l, "history", fold_history(l->fold), l->info->history,
                        l->source->offered.history);
}

static enum err load_positives(struct load *l)
{
    return load_entries(l, "positives", fold_positives(l->fold),
                        l->info->positives, l->source->offered.positives);
}

/* ---- evaluation -------------------------------------------------------- */

/* It may be of another version, or missing: then the reports begin anew, which
 * is better than no start. */
static enum err load_evaluation(struct load *l)
{
    const struct tensor *tensor = source_find(l->source, "evaluation");
    if (!tensor || tensor->shape[0] > sizeof(struct quality_state))
        return ERR_OK;
    size_t bytes = (size_t)(tensor->end - tensor->begin);
    uint64_t *words = malloc(bytes + 1);
    struct quality_state *state = malloc(sizeof *state);
    enum err err = ERR_NOMEM;
    if (words && state)
        err = source_read(l->source, tensor, 0, words, bytes);
    if (err == ERR_OK && quality_load(words, bytes / sizeof *words, state))
        quality_restore(fold_quality(l->fold), state);
    free(state);
    free(words);
    return err;
}

/* ---- the neural head --------------------------------------------------- */

static enum err load_numbers(struct load *l, const char *name,
                             const char *column, float *to)
{
    const struct tensor *t = source_find_column(l->source, name, column);
    size_t n = (t->end - t->begin) / sizeof *to;
    enum err err = source_read(l->source, t, 0, to, n * sizeof *to);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        if (!isfinite(to[i]))
            err = source_fail(l->source, "%s: a number is not finite",
                              t->name);
    return err;
}

static enum err load_mlp(struct load *l)
{
    const struct mlp_shape *shape = &l->t->mlp_shape;
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < shape->nlayers && err == ERR_OK; i++) {
        char name[PLAN_LAYER_MAX];
        plan_layer(i, name);
        err = load_numbers(l, name, "weight",
                           l->t->mlp + shape->layer[i].weight);
        if (err == ERR_OK)
            err = load_numbers(l, name, "bias",
                               l->t->mlp + shape->layer[i].bias);
    }
    if (shape->nlayers)
        *live_marks(l->live).mlp = true; // the other copy has them to come
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
