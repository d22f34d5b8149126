/* fold_rows.c -- the rows that an event makes; see fold.h for first vectors. */
#include "model/core/ids.h"
#include "model/core/random.h"
#include "model/core/rows.h"
#include "model/learn/fold_internal.h"

static void first_vector(uint64_t seed, float *v, uint32_t dim, float scale,
                         enum random_kind kind, uint64_t key)
{
    for (uint32_t d = 0; d < dim; d++) {
        uint64_t r = random_u64(seed, kind, key, d);
        int32_t sum = (int32_t)((r & 0xffff) + (r >> 16 & 0xffff) +
                                (r >> 32 & 0xffff) + (r >> 48));
        v[d] = (float)(sum - 131070) * scale;
    }
}

/* The vectors of both heads of a row that is new. */
static void first_vectors(const struct fold *f, float *vec, float *rvec,
                          enum random_kind rating, enum random_kind ranking,
                          uint64_t key)
{
    first_vector(f->s.seed, vec, f->s.dim, f->init_scale, rating, key);
    first_vector(f->s.seed, rvec, f->s.rdim, f->rank_init_scale, ranking, key);
}

uint32_t fold_user(struct fold *f, struct table *t, struct id id, uint64_t hash,
                   uint64_t seq)
{
    struct ids *ids = live_user_ids_mutable(f->live);
    bool added;
    if (t->users.n >= f->s.max_users)
        return ids_find(ids, id, t->users.n);
    uint32_t row = ids_add_hashed(ids, id, hash, seq, &added);
    if (row == ROW_NONE || !added)
        return row;
    first_vectors(f, &t->users.vec[(size_t)row * t->dim],
                  &t->users.rvec[(size_t)row * t->rdim], RANDOM_INIT_USER,
                  RANDOM_RANK_USER, ids_key(ids, row));
    live_touch_user(f->live, row);
    t->users.n = row + 1;
    return row;
}

uint32_t fold_item(struct fold *f, struct table *t, struct id id, uint64_t hash,
                   uint64_t seq)
{
    struct ids *ids = live_item_ids_mutable(f->live);
    bool added;
    if (t->items.n >= f->s.max_items)
        return ids_find(ids, id, t->items.n);
    uint32_t row = ids_add_hashed(ids, id, hash, seq, &added);
    if (row == ROW_NONE || !added)
        return row;
    first_vectors(f, &t->items.vec[(size_t)row * t->dim],
                  &t->items.rvec[(size_t)row * t->rdim], RANDOM_INIT_ITEM,
                  RANDOM_RANK_ITEM, ids_key(ids, row));
    live_touch_item(f->live, row);
    t->items.n = row + 1;
    return row;
}

uint32_t fold_feature(struct fold *f, struct table *t, struct id name,
                      uint64_t seq)
{
    struct ids *ids = live_feature_ids_mutable(f->live);
    bool added;
    if (t->features.n >= f->s.max_features)
        return ids_find(ids, name, t->features.n);
    uint32_t row = ids_add(ids, name, seq, &added);
    if (row == ROW_NONE || !added)
        return row;
    first_vectors(f, &t->features.vec[(size_t)row * t->dim],
                  &t->features.rvec[(size_t)row * t->rdim],
                  RANDOM_INIT_FEATURE, RANDOM_RANK_FEATURE, ids_key(ids, row));
    live_touch_feature(f->live, row);
    t->features.n = row + 1;
    return row;
}

/* Is id known, or is there a row left for it?  Looked at before anything is
 * added: an event that is skipped leaves no half of a pair behind. */
static bool has_room(const struct ids *ids, struct id id, uint32_t n,
                     uint32_t max)
{
    return n < max || ids_find(ids, id, n) != ROW_NONE;
}

bool fold_pair(struct fold *f, struct table *t, const struct event *e,
               const struct look *look, uint64_t seq, uint32_t *user,
               uint32_t *item)
{
    if (!has_room(live_user_ids(f->live), e->user, t->users.n,
                  f->s.max_users) ||
        !has_room(live_item_ids(f->live), e->item, t->items.n,
                  f->s.max_items))
        return false;
    *user = fold_user(f, t, e->user, look->user_hash, seq);
    *item = ROW_NONE;
    if (*user != ROW_NONE)
        *item = fold_item(f, t, e->item, look->item_hash, seq);
    return *item != ROW_NONE;
}

void fold_renew_user(const struct fold *f, struct table *t, uint32_t row,
                      float init)
{
    t->users.bias[row] = 0;
    first_vector(f->s.seed, &t->users.vec[(size_t)row * t->dim], t->dim,
                 fold_init_scale(init, t->dim), RANDOM_INIT_USER,
                 ids_key(live_user_ids(f->live), row));
    live_touch_user(f->live, row);
}

void fold_renew_item(const struct fold *f, struct table *t, uint32_t row,
                      float init)
{
    t->items.bias[row] = 0;
    first_vector(f->s.seed, &t->items.vec[(size_t)row * t->dim], t->dim,
                 fold_init_scale(init, t->dim), RANDOM_INIT_ITEM,
                 ids_key(live_item_ids(f->live), row));
    live_touch_item(f->live, row);
}

void fold_renew_feature(const struct fold *f, struct table *t, uint32_t row,
                         float init)
{
    t->features.bias[row] = 0;
    first_vector(f->s.seed, &t->features.vec[(size_t)row * t->dim], t->dim,
                 fold_init_scale(init, t->dim), RANDOM_INIT_FEATURE,
                 ids_key(live_feature_ids(f->live), row));
    live_touch_feature(f->live, row);
}
