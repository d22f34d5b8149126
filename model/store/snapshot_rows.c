/* snapshot_rows.c -- the part of snapshot_stream.h that streams rows, and with
 * users what they have seen.
 *
 * DESIGN  A chunk is a copy of some rows: a struct users (or items) whose
 * columns lie in the chunk's memory, row 0 of it being row a.  Lists are copied
 * too, for the trainer frees them when nobody holds a pin; a chunk ends before
 * the list that has no room.  It is filled under many short pins, each for as
 * long as it takes to copy 32 KiB, which is less than the trainer spends at W1
 * (live.h) before it naps; that rows come from different generations is no
 * harm, for each is looked at by itself.  What the overlay has kept then takes
 * the place of what was read (overlay.h): the chunk is the state at the cut.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/core/live.h"
#include "model/core/rows.h"
#include "model/learn/seen.h"
#include "model/store/snapshot_chunk.h"

#define AHEAD       8u    /* lists fetched into the cache before they are
                             copied */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void note_pin(struct stream *s, int64_t from)
{
    int64_t took = now_ns() - from;
    if (took > s->longest_pin_ns)
        s->longest_pin_ns = took;
}

/* ---- items, features --------------------------------------------------- */

/* Fills the chunk with n rows from row a on; `at` is where a table has the
 * entity. */
static void copy_rows(struct stream *s, struct chunk *c, size_t entity,
                      uint32_t a, uint32_t n)
{
    for (uint32_t at = 0, some; at < n; at += some) {
        int64_t from = now_ns();
        const struct table *t = live_pin(s->live, s->slot);
        some = n - at < c->per_pin ? n - at : c->per_pin;
        chunk_copy(c, (const char *)t + entity, s->file->plan.dims, a + at, at,
                   some);
        live_unpin(s->live, s->slot);
        note_pin(s, from);
    }
}

#define DEFINE_STREAM(rows, one, columns_of, n_columns)                      \
    static enum err stream_some_##rows(struct stream *s, struct chunk *c,    \
                                         uint32_t a, uint32_t n)               \
    {                                                                          \
        struct rows *view = c->view;                                         \
        const struct ids *ids = live_##one##_ids(s->live);                     \
        copy_rows(s, c, offsetof(struct table, rows), a, n);                 \
        if (!overlay_restore_##rows(s->overlay, a, a + n, view))             \
            return overlay_state(s->overlay);                                  \
        for (uint32_t i = 0; i < n; i++)                                       \
            s->hash += rows_##one##_hash(view, s->file->plan.dims, i,          \
                                         ids_key(ids, a + i),                  \
                                         ids_birth(ids, a + i));               \
        return chunk_put(c, s, ids, a, n);                                     \
    }                                                                          \
    enum err stream_##rows(struct stream *s)                                 \
    {                                                                          \
        struct rows view = {0};                                              \
        struct chunk c = {.entity = #rows, .columns = columns_of,            \
                          .ncolumns = n_columns, .view = &view};               \
        uint32_t total = s->cut->rows;                                       \
        enum err err = chunk_init(&c, s) ? ERR_OK : ERR_NOMEM;                 \
        for (uint32_t a = 0, n; a < total && err == ERR_OK; a += n) {          \
            n = total - a < c.most ? total - a : c.most;                       \
            err = stream_some_##rows(s, &c, a, n);                           \
        }                                                                      \
        chunk_release(&c);                                                     \
        return err;                                                            \
    }

DEFINE_STREAM(items, item, item_columns, ITEM_NCOLUMNS)
DEFINE_STREAM(features, feature, feature_columns, FEATURE_NCOLUMNS)

/* ---- users, and what they have seen ------------------------------------ */

struct lists {
    char *memory;                /* copies of the chunk's lists */
    size_t room, used;
    uint32_t *folded;            /* (folded_room, 2) what goes to the file, */
    uint32_t *items, *stamps;    /* ... (longest) and one list of it */
    size_t folded_room, longest, nfolded;
    size_t tensor;
    uint64_t total;              /* entries written */
};

/* Under a pin: the lists of n users from user a on, and where they lie, to row
 * `at` of the view.  Returns how many: fewer when there is no room, or when it
 * takes too long. */
static uint32_t lists_copy(struct lists *l, const struct users *from,
                           struct users *view, uint32_t a, uint32_t at,
                           uint32_t n)
{
    size_t before = l->used;
    for (uint32_t i = 0; i < n; i++) {
        const struct seen_list *list = from->seen[a + i];
        size_t bytes = seen_list_bytes(from->nseen[a + i]);
        if (i + AHEAD < n)
            __builtin_prefetch(from->seen[a + i + AHEAD]);
        view->seen[at + i] = NULL;
        if (!list)
            continue;
        if (bytes > l->room - l->used || l->used - before > PIN_BYTES)
            return i;
        view->seen[at + i] = (struct seen_list *)(void *)(l->memory + l->used);
        seen_list_copy(view->seen[at + i], list, from->nseen[a + i]);
        l->used += bytes;
    }
    return n;
}

/* Fills the chunk with users from a on, at most n.  Returns how many: none when
 * there is no room for the list of the first. */
static uint32_t copy_users(struct stream *s, struct chunk *c, struct lists *l,
                           uint32_t a, uint32_t n)
{
    uint32_t at = 0, some = 1;
    for (l->used = 0; at < n && some > 0; at += some) {
        int64_t from = now_ns();
        const struct users *u = &live_pin(s->live, s->slot)->users;
        some = n - at < c->per_pin ? n - at : c->per_pin;
        some = lists_copy(l, u, c->view, a + at, at, some);
        chunk_copy(c, u, s->file->plan.dims, a + at, at, some);
        live_unpin(s->live, s->slot);
        note_pin(s, from);
    }
    return at;
}

/* Room for the list of user a, which alone is larger than all there is. */
static bool lists_grow(struct lists *l, struct stream *s, uint32_t a)
{
    size_t bytes = seen_list_bytes(live_pin(s->live, s->slot)->users.nseen[a]);
    live_unpin(s->live, s->slot);
    char *more = realloc(l->memory, 2 * bytes);
    if (!more)
        return false;
    l->memory = more;
    l->room = 2 * bytes;
    return true;
}

static bool grow(uint32_t **p, size_t elements)
{
    free(*p);
    *p = malloc(elements * sizeof **p);
    return *p != NULL;
}

static bool lists_make_room(struct lists *l, const struct users *view,
                            uint32_t n)
{
    size_t all = 0, longest = 0;
    for (uint32_t i = 0; i < n; i++) {
        all += view->nseen[i];
        longest = view->nseen[i] > longest ? view->nseen[i] : longest;
    }
    if (all > l->folded_room) {
        l->folded_room = 0;
        if (!grow(&l->folded, 2 * all))
            return false;
        l->folded_room = all;
    }
    if (longest > l->longest) {
        l->longest = 0;
        if (!grow(&l->items, longest) || !grow(&l->stamps, longest))
            return false;
        l->longest = longest;
    }
    return true;
}

/* The lists of the n users of the view, each folded; users.nseen becomes what is
 * left of each.  False: no memory. */
static bool lists_fold(struct lists *l, struct users *view, uint32_t n)
{
    if (!lists_make_room(l, view, n))
        return false;
    uint32_t *to = l->folded;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t left = seen_fold(view->seen[i], view->nseen[i], l->items,
                                  l->stamps).n;
        for (uint32_t k = 0; k < left; k++) {
            *to++ = l->items[k];
            *to++ = l->stamps[k];
        }
        view->nseen[i] = left;
    }
    l->nfolded = (size_t)(to - l->folded) / 2;
    return true;
}

static enum err lists_put(struct lists *l, struct stream *s)
{
    l->total += l->nfolded;
    return snapshot_file_put(s->file, l->tensor, l->folded,
                             l->nfolded * 2 * sizeof *l->folded);
}

/* Users from a on, at most n; *done: how many. */
static enum err stream_some_users(struct stream *s, struct chunk *c,
                                  struct lists *l, uint32_t a, uint32_t n,
                                  uint32_t *done)
{
    struct users *view = c->view;
    const struct ids *ids = live_user_ids(s->live);
    *done = n = copy_users(s, c, l, a, n);
    if (n == 0)
        return lists_grow(l, s, a) ? ERR_OK : ERR_NOMEM;
    if (!overlay_restore_users(s->overlay, a, a + n, view))
        return overlay_state(s->overlay);
    if (!lists_fold(l, view, n))
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        s->hash += rows_user_hash(view, s->file->plan.dims, i,
                                  ids_key(ids, a + i), ids_birth(ids, a + i));
    enum err err = chunk_put(c, s, ids, a, n);
    return err == ERR_OK ? lists_put(l, s) : err;
}

enum err stream_users(struct stream *s)
{
    struct users view = {0};
    struct chunk c = {.entity = "users", .columns = user_columns,
                      .ncolumns = USER_NCOLUMNS, .view = &view};
    struct lists l = {.room = CHUNK_BYTES,
                      .tensor = plan_find(&s->file->plan, "users.seen")};
    uint32_t total = s->cut->users;
    l.memory = malloc(l.room);
    enum err err = chunk_init(&c, s) && l.memory ? ERR_OK : ERR_NOMEM;
    for (uint32_t a = 0, done; a < total && err == ERR_OK; a += done) {
        uint32_t n = total - a < c.most ? total - a : c.most;
        err = stream_some_users(s, &c, &l, a, n, &done);
    }
    if (err == ERR_OK)
        plan_close(&s->file->plan, l.tensor, l.total);
    chunk_release(&c);
    free(l.memory);
    free(l.folded);
    free(l.items);
    free(l.stamps);
    return err;
}
