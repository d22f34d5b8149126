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

#include "model/core/column.h"
#include "model/core/ids.h"
#include "model/core/live.h"
#include "model/core/rows.h"
#include "model/learn/seen.h"
#include "model/store/snapshot_stream.h"

#define CHUNK_BYTES (256u * 1024u)
#define PIN_BYTES   (32u * 1024u)
#define CHUNK_ROWS  2048u
#define AHEAD       8u    /* lists fetched into the cache before they are
                             copied */

/* What is true of one entity, and its chunk. */
struct chunk {
    const char *entity;
    const struct column *columns;
    size_t ncolumns;
    size_t tensor[COLUMNS_MAX];   /* of each column; of cards their bytes */
    size_t birth, card_end;       /* their tensors */
    uint32_t most;                /* rows it has room for, */
    uint32_t per_pin;             /* ... of which to copy under one pin */
    void *view;                   /* struct users, items or features: of the
                                     chunk */
    char *memory;                 /* the columns */
    uint64_t *words;              /* (most) births, ends of cards */
    unsigned char *cards;         /* bytes of the chunk's cards, */
    size_t cards_room;
    uint64_t cards_total;         /* ... and of all until now */
};

static bool is_plain(const struct column *c)
{
    return c->type != COLUMN_LISTS && c->type != COLUMN_CARDS;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the chunk --------------------------------------------------------- */

static bool chunk_init(struct chunk *c, const struct stream *s)
{
    const struct plan *p = &s->file->plan;
    size_t bytes = 0;
    for (size_t i = 0; i < c->ncolumns; i++) {
        bytes += column_width(&c->columns[i], p->dims);
        if (is_plain(&c->columns[i]))
            c->tensor[i] = plan_find_column(p, c->entity, c->columns[i].name);
        if (c->columns[i].type != COLUMN_CARDS)
            continue;
        c->tensor[i] = plan_find_column(p, c->entity, "card_bytes");
        c->card_end = plan_find_column(p, c->entity, "card_end");
    }
    c->birth = plan_find_column(p, c->entity, "birth");
    c->most = (uint32_t)(CHUNK_BYTES / bytes);
    if (c->most > CHUNK_ROWS)
        c->most = CHUNK_ROWS;
    if (s->chunk_rows && s->chunk_rows < c->most)
        c->most = s->chunk_rows;
    c->most += c->most == 0;
    c->per_pin = (uint32_t)(PIN_BYTES / bytes) + 1;
    c->words = malloc(c->most * sizeof *c->words);
    c->memory = malloc(c->most * bytes + c->ncolumns * 8);
    if (!c->words || !c->memory)
        return false;
    char *at = c->memory;
    for (size_t i = 0; i < c->ncolumns; i++) {
        column_set(&c->columns[i], c->view, at);
        at += (c->most * column_width(&c->columns[i], p->dims) + 7) &
              ~(size_t)7;
    }
    return true;
}

static void chunk_release(struct chunk *c)
{
    free(c->words);
    free(c->memory);
    free(c->cards);
}

/* Under a pin: n rows of the entity from row a on, to row `at` of the chunk. */
static void chunk_copy(struct chunk *c, const void *from, struct dims dims,
                       uint32_t a, uint32_t at, uint32_t n)
{
    for (size_t i = 0; i < c->ncolumns; i++)
        if (c->columns[i].type != COLUMN_LISTS)
            memcpy(column_row(&c->columns[i], c->view, dims, at),
                   column_row(&c->columns[i], from, dims, a),
                   n * column_width(&c->columns[i], dims));
}

/* The cards of the chunk's n rows, whose blocks stay until the snapshot has
 * ended (reclaim_hold). */
static enum err cards_put(struct chunk *c, struct stream *s, size_t tensor,
                          struct card *const *card, uint32_t n)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        bytes += card[i] ? card[i]->bytes : 0;
        c->words[i] = c->cards_total + bytes;
    }
    if (bytes > c->cards_room) {
        free(c->cards);
        c->cards = malloc(bytes);
        c->cards_room = c->cards ? bytes : 0;
        if (!c->cards)
            return ERR_NOMEM;
    }
    unsigned char *to = c->cards;
    for (uint32_t i = 0; i < n; i++) {
        if (!card[i])
            continue;
        memcpy(to, table_card_bytes(card[i]), card[i]->bytes);
        to += card[i]->bytes;
    }
    c->cards_total += bytes;
    enum err err = snapshot_file_put(s->file, tensor, c->cards, bytes);
    return err != ERR_OK ? err
                         : snapshot_file_put(s->file, c->card_end, c->words,
                                             n * sizeof *c->words);
}

static enum err column_put(struct chunk *c, struct stream *s, size_t i,
                           uint32_t n)
{
    struct dims dims = s->file->plan.dims;
    const struct column *column = &c->columns[i];
    const void *first = column_row(column, c->view, dims, 0);
    if (column->type == COLUMN_LISTS)
        return ERR_OK;
    if (column->type == COLUMN_CARDS)
        return cards_put(c, s, c->tensor[i], first, n);
    return snapshot_file_put(s->file, c->tensor[i], first,
                             n * column_width(column, dims));
}

static enum err chunk_put(struct chunk *c, struct stream *s,
                          const struct ids *ids, uint32_t a, uint32_t n)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->ncolumns && err == ERR_OK; i++)
        err = column_put(c, s, i, n);
    for (uint32_t i = 0; i < n; i++)
        c->words[i] = ids_birth(ids, a + i);
    if (err == ERR_OK)
        err = snapshot_file_put(s->file, c->birth, c->words,
                                n * sizeof *c->words);
    return err;
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
    uint32_t *sorted;            /* what goes to the file */
    size_t sorted_room;          /* elements */
    size_t tensor;
    uint64_t total;              /* elements written */
};

static size_t list_bytes(uint32_t n)
{
    return sizeof(struct seen_list) + n * sizeof(uint32_t);
}

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
        size_t bytes = list_bytes(from->nseen[a + i]);
        if (i + AHEAD < n)
            __builtin_prefetch(from->seen[a + i + AHEAD]);
        view->seen[at + i] = NULL;
        if (!list)
            continue;
        if (bytes > l->room - l->used || l->used - before > PIN_BYTES)
            return i;
        view->seen[at + i] = (struct seen_list *)(void *)(l->memory + l->used);
        memcpy(view->seen[at + i], list, bytes);
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
    size_t bytes = list_bytes(live_pin(s->live, s->slot)->users.nseen[a]);
    live_unpin(s->live, s->slot);
    char *more = realloc(l->memory, 2 * bytes);
    if (!more)
        return false;
    l->memory = more;
    l->room = 2 * bytes;
    return true;
}

/* The lists of the n users of the view, each sorted, to the file. */
static enum err lists_put(struct lists *l, struct stream *s,
                          const struct users *view, uint32_t n)
{
    size_t elements = 0;
    for (uint32_t i = 0; i < n; i++)
        elements += view->nseen[i];
    if (elements > l->sorted_room) {
        free(l->sorted);
        l->sorted = malloc(elements * sizeof *l->sorted);
        l->sorted_room = l->sorted ? elements : 0;
        if (!l->sorted)
            return ERR_NOMEM;
    }
    uint32_t *to = l->sorted;
    for (uint32_t i = 0; i < n; i++) {
        if (view->nseen[i])
            seen_sorted(view->seen[i], view->nseen[i], to);
        to += view->nseen[i];
    }
    l->total += elements;
    return snapshot_file_put(s->file, l->tensor, l->sorted,
                             elements * sizeof *l->sorted);
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
    for (uint32_t i = 0; i < n; i++)
        s->hash += rows_user_hash(view, s->file->plan.dims, i,
                                  ids_key(ids, a + i), ids_birth(ids, a + i));
    enum err err = chunk_put(c, s, ids, a, n);
    return err == ERR_OK ? lists_put(l, s, view, n) : err;
}

enum err stream_users(struct stream *s)
{
    struct users view = {0};
    struct chunk c = {.entity = "users", .columns = user_columns,
                      .ncolumns = USER_NCOLUMNS, .view = &view};
    struct lists l = {.room = CHUNK_BYTES,
                      .tensor = plan_find(&s->file->plan, "users.seen_items")};
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
    free(l.sorted);
    return err;
}
