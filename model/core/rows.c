/* rows.c -- see rows.h. */
#include "model/core/rows.h"

#include <string.h>

#include "model/core/ids.h"
#include "model/core/reserve.h"

#define DIM    dim  /* what per_row says for vectors */
#define AHEAD  8    /* rows fetched into the cache before they are copied */

static size_t bits_bytes(uint32_t max)
{
    return ((size_t)max + 63) / 64 * sizeof(uint64_t);
}

bool rows_init(struct rows *r, uint32_t max)
{
    r->max = max;
    r->marks = reserve_new(bits_bytes(max));
    r->whole = reserve_new(bits_bytes(max));
    r->stale = reserve_new(bits_bytes(max));
    r->list = reserve_new(max * sizeof *r->list);
    r->hashes = reserve_new(max * sizeof *r->hashes);
    return r->marks && r->whole && r->stale && r->list && r->hashes;
}

void rows_release(struct rows *r)
{
    reserve_free(r->marks, bits_bytes(r->max));
    reserve_free(r->whole, bits_bytes(r->max));
    reserve_free(r->stale, bits_bytes(r->max));
    reserve_free(r->list, r->max * sizeof *r->list);
    reserve_free(r->hashes, r->max * sizeof *r->hashes);
}

void rows_clear(struct rows *r)
{
    for (uint32_t i = 0; i < r->nlist; i++) {
        uint32_t row = r->list[i];
        uint64_t bit = (uint64_t)1 << (row & 63);
        r->marks[row >> 6] &= ~bit;
        r->whole[row >> 6] &= ~bit;
        r->stale[row >> 6] |= bit;
    }
    r->nlist = 0;
}

static bool is_whole(const struct rows *r, uint32_t row)
{
    return r->whole[row >> 6] >> (row & 63) & 1;
}

/* ---- one function per entity, made from the registry ------------------- */

#define RESERVE_COLUMN(name, type, per_row, hashed)                            \
    t->name = reserve_new((size_t)max * (per_row) * sizeof(type));             \
    ok = ok && t->name;
#define UNRESERVE_COLUMN(name, type, per_row, hashed)                          \
    reserve_free(t->name, (size_t)max * (per_row) * sizeof(type));
#define BYTES_COLUMN(name, type, per_row, hashed) + (per_row) * sizeof(type)
#define FETCH_COLUMN(name, type, per_row, hashed)                              \
    __builtin_prefetch(&from->name[(size_t)next * (per_row)]);                 \
    __builtin_prefetch(&to->name[(size_t)next * (per_row)], 1);
#define COPY_COLUMN(name, type, per_row, hashed)                               \
    memcpy(&to->name[(size_t)row * (per_row)],                                 \
           &from->name[(size_t)row * (per_row)], (per_row) * sizeof(type));
#define HASH_COLUMN(name, type, per_row, hashed)                               \
    if (hashed)                                                                \
        h = hash_bytes(h, &t->name[(size_t)row * (per_row)],                   \
                       (per_row) * sizeof(type));

#define DEFINE_ENTITY(entity, one, KIND, STEP_COLUMNS, EVENT_COLUMNS)          \
    bool rows_reserve_##entity(struct entity *t, uint32_t dim, uint32_t max)   \
    {                                                                          \
        bool ok = true;                                                        \
        STEP_COLUMNS(RESERVE_COLUMN) EVENT_COLUMNS(RESERVE_COLUMN)             \
        return ok;                                                             \
    }                                                                          \
    void rows_unreserve_##entity(struct entity *t, uint32_t dim, uint32_t max) \
    {                                                                          \
        STEP_COLUMNS(UNRESERVE_COLUMN) EVENT_COLUMNS(UNRESERVE_COLUMN)         \
    }                                                                          \
    size_t rows_##one##_bytes(uint32_t dim)                                    \
    {                                                                          \
        return 0 STEP_COLUMNS(BYTES_COLUMN) EVENT_COLUMNS(BYTES_COLUMN);       \
    }                                                                          \
    void rows_copy_##entity(const struct rows *r, struct entity *to,           \
                            const struct entity *from, uint32_t dim)           \
    {                                                                          \
        for (uint32_t i = 0; i < r->nlist; i++) {                              \
            uint32_t row = r->list[i];                                         \
            if (i + AHEAD < r->nlist) {                                        \
                uint32_t next = r->list[i + AHEAD];                            \
                STEP_COLUMNS(FETCH_COLUMN)                                     \
                if (is_whole(r, next)) {                                       \
                    EVENT_COLUMNS(FETCH_COLUMN)                                \
                }                                                              \
            }                                                                  \
            STEP_COLUMNS(COPY_COLUMN)                                          \
            if (is_whole(r, row)) {                                            \
                EVENT_COLUMNS(COPY_COLUMN)                                     \
            }                                                                  \
        }                                                                      \
    }                                                                          \
    uint64_t rows_##one##_hash(const struct entity *t, uint32_t dim,           \
                               uint32_t row, uint64_t key, uint64_t birth)     \
    {                                                                          \
        uint64_t h = hash_start(KIND, key);                                    \
        h = hash_word(h, birth);                                               \
        STEP_COLUMNS(HASH_COLUMN) EVENT_COLUMNS(HASH_COLUMN)                   \
        return h;                                                              \
    }                                                                          \
    static void rehash_##one(struct rows *r, const struct entity *t,           \
                             uint32_t dim, uint32_t row,                       \
                             const struct ids *ids)                            \
    {                                                                          \
        uint64_t h = rows_##one##_hash(t, dim, row, ids_key(ids, row),         \
                                       ids_birth(ids, row));                   \
        r->sum += h - r->hashes[row];                                          \
        r->hashes[row] = h;                                                    \
    }                                                                          \
    uint64_t rows_hash_##entity(struct rows *r, const struct entity *t,        \
                                uint32_t dim, const struct ids *ids)           \
    {                                                                          \
        for (uint32_t i = 0; i < r->nlist; i++)                                \
            r->stale[r->list[i] >> 6] |= (uint64_t)1 << (r->list[i] & 63);     \
        for (size_t w = 0; w < ((size_t)t->n + 63) / 64; w++) {                \
            for (uint64_t bits = r->stale[w]; bits; bits &= bits - 1) {        \
                uint32_t row = (uint32_t)(w * 64) +                            \
                               (uint32_t)__builtin_ctzll(bits);                \
                if (row < t->n)                                                \
                    rehash_##one(r, t, dim, row, ids);                         \
            }                                                                  \
            r->stale[w] = 0;                                                   \
        }                                                                      \
        return r->sum;                                                         \
    }

DEFINE_ENTITY(users, user, HASH_USER, USER_STEP_COLUMNS, USER_EVENT_COLUMNS)
DEFINE_ENTITY(items, item, HASH_ITEM, ITEM_STEP_COLUMNS, ITEM_EVENT_COLUMNS)
