/* snapshot_stream.c -- see snapshot_stream.h: history, neural head, totals,
 * names.  The rows are in snapshot_rows.c.
 */
#include "model/store/snapshot_stream.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/learn/history.h"
#include "model/learn/state.h"

#define ENTRIES 4096u   /* read under the overlay's lock at a time */
#define NAMES   512u    /* as above */
#define MLP_FLOATS 8192u /* copied under one pin */

static uint32_t chunk_of(const struct stream *s, uint32_t most)
{
    return s->chunk_rows && s->chunk_rows < most ? s->chunk_rows : most;
}

/* ---- history ----------------------------------------------------------- */

/* The entries, and the same as columns. */
struct entries {
    struct history_entry entry[ENTRIES];
    uint32_t user[ENTRIES], item[ENTRIES];
    float inner[ENTRIES];
    uint64_t seq[ENTRIES];
};

/* Which history is streamed. */
struct which {
    enum history_kind kind;
    enum overlay_part part;
    const char *name;
    const struct history_cut *cut;
};

static void split(struct stream *s, const struct which *w, struct entries *c,
                  uint32_t a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct history_entry *e = &c->entry[i];
        c->user[i] = e->user;
        c->item[i] = e->item;
        c->inner[i] = e->inner;
        c->seq[i] = e->seq;
        s->hash += history_hash_entry(w->kind, e, a + i,
                                      live_user_ids(s->live),
                                      live_item_ids(s->live));
    }
}

static enum err put_entries(struct stream *s, const struct which *w,
                            const struct entries *c, uint32_t n)
{
    const struct plan *p = &s->file->plan;
    const struct {
        const char *name;
        const void *bytes;
        size_t size;
    } part[] = {
        {"user", c->user, sizeof c->user[0]},
        {"item", c->item, sizeof c->item[0]},
        {"inner", c->inner, sizeof c->inner[0]},
        {"seq", c->seq, sizeof c->seq[0]},
    };
    enum err err = ERR_OK;
    for (size_t i = 0; i < 4 && err == ERR_OK; i++)
        err = snapshot_file_put(s->file,
                                plan_find_column(p, w->name, part[i].name),
                                part[i].bytes, n * part[i].size);
    return err;
}

static enum err stream_entries(struct stream *s, const struct which *w)
{
    uint32_t total = w->cut->n;
    enum err err = ERR_OK;
    if (!w->cut->is)
        return ERR_OK;
    s->hash += history_hash_counts(w->kind, total, w->cut->offered);
    struct entries *c = malloc(sizeof *c);
    if (!c)
        return ERR_NOMEM;
    for (uint32_t a = 0, b; a < total && err == ERR_OK; a = b) {
        b = a + chunk_of(s, total - a < ENTRIES ? total - a : ENTRIES);
        if (!overlay_read_entries(s->overlay, w->part, a, b, w->cut->entries,
                                  c->entry)) {
            err = overlay_state(s->overlay);
            break;
        }
        split(s, w, c, a, b - a);
        err = put_entries(s, w, c, b - a);
    }
    free(c);
    return err;
}

enum err stream_history(struct stream *s)
{
    const struct which ratings = {HISTORY_RATINGS, OVERLAY_HISTORY, "history",
                                  &s->cut->history};
    const struct which positives = {HISTORY_POSITIVES, OVERLAY_POSITIVES,
                                    "positives", &s->cut->positives};
    enum err err = stream_entries(s, &ratings);
    return err == ERR_OK ? stream_entries(s, &positives) : err;
}

/* ---- the neural head --------------------------------------------------- */

/* The block piece by piece, so that no pin is long: pieces of many generations,
 * until what the overlay has kept, which is all of it, takes their place. */
static void copy_mlp(struct stream *s, float *block)
{
    const size_t floats = s->cut->mlp.floats;
    for (size_t at = 0, n; at < floats; at += n) {
        n = floats - at < MLP_FLOATS ? floats - at : MLP_FLOATS;
        const struct table *t = live_pin(s->live, s->slot);
        memcpy(block + at, t->mlp + at, n * sizeof *block);
        live_unpin(s->live, s->slot);
    }
}

static enum err put_layer(struct stream *s, uint32_t l, const float *block)
{
    const struct plan *p = &s->file->plan;
    const struct mlp_layer *layer = &s->cut->mlp.layer[l];
    char name[PLAN_LAYER_MAX];
    plan_layer(l, name);
    enum err err = snapshot_file_put(s->file,
                                     plan_find_column(p, name, "weight"),
                                     block + layer->weight,
                                     sizeof(float) * layer->in * layer->out);
    if (err == ERR_OK)
        err = snapshot_file_put(s->file, plan_find_column(p, name, "bias"),
                                block + layer->bias,
                                sizeof(float) * layer->out);
    return err;
}

enum err stream_mlp(struct stream *s)
{
    const struct mlp_shape *shape = &s->cut->mlp;
    enum err err = ERR_OK;
    if (!shape->nlayers)
        return ERR_OK;
    float *block = malloc(mlp_bytes(shape));
    if (!block)
        return ERR_NOMEM;
    copy_mlp(s, block);
    if (!overlay_restore_mlp(s->overlay, block))
        err = overlay_state(s->overlay);
    s->hash += state_hash_mlp(shape, block);
    for (uint32_t l = 0; l < shape->nlayers && err == ERR_OK; l++)
        err = put_layer(s, l, block);
    free(block);
    return err;
}

/* ---- totals ------------------------------------------------------------ */

enum err stream_totals(struct stream *s)
{
    const struct totals *t = &s->cut->totals;
    s->hash += state_hash_totals(t) + s->cut->liked_hash + s->cut->seen_hash;
    s->hash += s->cut->user_cards.hash + s->cut->item_cards.hash;
    return snapshot_file_put(s->file, plan_find(&s->file->plan, "totals"), t,
                             sizeof *t);
}

enum err stream_evaluation(struct stream *s)
{
    const struct plan *p = &s->file->plan;
    return snapshot_file_put(s->file, plan_find(p, "evaluation"),
                             s->cut->evaluation,
                             p->evaluation * sizeof *s->cut->evaluation);
}

/* ---- names ------------------------------------------------------------- */

struct names {
    uint64_t end[NAMES];
    char bytes[NAMES * ID_BYTES_MAX];
};

/* The names of rows [a, b), whose first begins at *end; under the lock, so that
 * none is forgotten and overwritten meanwhile.  False: spoiled. */
static bool copy_names(struct stream *s, const struct ids *ids, uint32_t a,
                       uint32_t b, struct names *out, uint64_t *end)
{
    uint64_t begin = *end;
    bool ok = overlay_lock(s->overlay);
    for (uint32_t row = a; ok && row < b; row++) {
        if (!ids_is_forgotten(ids, row)) {
            struct id id = ids_name(ids, row);
            memcpy(out->bytes + (*end - begin), id.s, id.len);
            *end += id.len;
        }
        out->end[row - a] = *end;
    }
    overlay_unlock(s->overlay);
    return ok;
}

static enum err stream_names_of(struct stream *s, const char *entity,
                                const struct ids *ids, uint32_t n)
{
    struct plan *p = &s->file->plan;
    size_t ends = plan_find_column(p, entity, "id_end");
    size_t bytes = plan_find_column(p, entity, "id_bytes");
    struct names *names = malloc(sizeof *names);
    uint64_t end = 0;
    enum err err = names ? ERR_OK : ERR_NOMEM;
    for (uint32_t a = 0, b; a < n && err == ERR_OK; a = b) {
        uint64_t begin = end;
        b = a + chunk_of(s, n - a < NAMES ? n - a : NAMES);
        err = copy_names(s, ids, a, b, names, &end)
                  ? ERR_OK : overlay_state(s->overlay);
        if (err == ERR_OK)
            err = snapshot_file_put(s->file, ends, names->end,
                                    (b - a) * sizeof names->end[0]);
        if (err == ERR_OK)
            err = snapshot_file_put(s->file, bytes, names->bytes, end - begin);
    }
    if (err == ERR_OK)
        plan_close(p, bytes, end);
    free(names);
    return err;
}

enum err stream_names(struct stream *s)
{
    enum err err = stream_names_of(s, "items", live_item_ids(s->live),
                                   s->cut->items);
    if (err == ERR_OK)
        err = stream_names_of(s, "users", live_user_ids(s->live),
                              s->cut->users);
    if (err == ERR_OK)
        err = stream_names_of(s, "features", live_feature_ids(s->live),
                              s->cut->features);
    return err;
}
