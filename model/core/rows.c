/* rows.c -- see rows.h. */
#include "model/core/rows.h"

#include <string.h>

#include "model/core/ids.h"
#include "model/core/reserve.h"

#define DIM    d.rating  /* what per_row says for vectors */
#define RDIM   d.ranking
#define AHEAD  8    /* rows fetched into the cache before they are copied */

static size_t bits_bytes(uint32_t max)
{
    return ((size_t)max + 63) / 64 * sizeof(uint64_t);
}

bool rows_init(struct rows *r, uint32_t max)
{
    r->max = max;
    r->touched = reserve_new(max);
    r->stale = reserve_new(bits_bytes(max));
    r->list = reserve_new(max * sizeof *r->list);
    r->hashes = reserve_new(max * sizeof *r->hashes);
    return r->touched && r->stale && r->list && r->hashes;
}

void rows_release(struct rows *r)
{
    reserve_free(r->touched, r->max);
    reserve_free(r->stale, bits_bytes(r->max));
    reserve_free(r->list, r->max * sizeof *r->list);
    reserve_free(r->hashes, r->max * sizeof *r->hashes);
}

void rows_clear(struct rows *r)
{
    for (uint32_t i = 0; i < r->nlist; i++) {
        uint32_t row = r->list[i];
        r->touched[row] = 0;
        r->stale[row >> 6] |= (uint64_t)1 << (row & 63);
    }
    r->nlist = 0;
}

/* ---- one function per entity, made from the registry ------------------- */

/* A column of no width has an address all the same. */
static size_t column_bytes(uint32_t max, uint32_t per_row, size_t size)
{
    return per_row ? (size_t)max * per_row * size : 1;
}

#define RESERVE_COLUMN(name, type, per_row, hashed)                            \
    t->name = reserve_new(column_bytes(max, per_row, sizeof(type)));           \
    ok = ok && t->name;
#define UNRESERVE_COLUMN(name, type, per_row, hashed)                          \
    reserve_free(t->name, column_bytes(max, per_row, sizeof(type)));
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

#define DEFINE_ENTITY(entity, one, KIND, STEP_COLUMNS, RANK_COLUMNS,           \
                      EVENT_COLUMNS)                                           \
    bool rows_reserve_##entity(struct entity *t, struct dims d, uint32_t max)  \
    {                                                                          \
        bool ok = true;                                                        \
        STEP_COLUMNS(RESERVE_COLUMN) RANK_COLUMNS(RESERVE_COLUMN)              \
        EVENT_COLUMNS(RESERVE_COLUMN)                                          \
        return ok;                                                             \
    }                                                                          \
    void rows_unreserve_##entity(struct entity *t, struct dims d,              \
                                 uint32_t max)                                 \
    {                                                                          \
        STEP_COLUMNS(UNRESERVE_COLUMN) RANK_COLUMNS(UNRESERVE_COLUMN)          \
        EVENT_COLUMNS(UNRESERVE_COLUMN)                                        \
    }                                                                          \
    size_t rows_##one##_bytes(struct dims d)                                   \
    {                                                                          \
        return 0 STEP_COLUMNS(BYTES_COLUMN) RANK_COLUMNS(BYTES_COLUMN)         \
            EVENT_COLUMNS(BYTES_COLUMN);                                       \
    }                                                                          \
    void rows_copy_##entity(const struct rows *r, struct entity *to,           \
                            const struct entity *from, struct dims d)          \
    {                                                                          \
        for (uint32_t i = 0; i < r->nlist; i++) {                              \
            uint32_t row = r->list[i];                                         \
            if (i + AHEAD < r->nlist) {                                        \
                uint32_t next = r->list[i + AHEAD];                            \
                unsigned soon = r->touched[next];                              \
                if (soon & ROWS_STEP) {                                        \
                    STEP_COLUMNS(FETCH_COLUMN)                                 \
                }                                                              \
                if (soon & ROWS_RANK) {                                        \
                    RANK_COLUMNS(FETCH_COLUMN)                                 \
                }                                                              \
                if (soon & ROWS_EVENT) {                                       \
                    EVENT_COLUMNS(FETCH_COLUMN)                                \
                }                                                              \
            }                                                                  \
            unsigned what = r->touched[row];                                   \
            if (what & ROWS_STEP) {                                            \
                STEP_COLUMNS(COPY_COLUMN)                                      \
            }                                                                  \
            if (what & ROWS_RANK) {                                            \
                RANK_COLUMNS(COPY_COLUMN)                                      \
            }                                                                  \
            if (what & ROWS_EVENT) {                                           \
                EVENT_COLUMNS(COPY_COLUMN)                                     \
            }                                                                  \
        }                                                                      \
    }                                                                          \
    uint64_t rows_##one##_hash(const struct entity *t, struct dims d,          \
                               uint32_t row, uint64_t key, uint64_t birth)     \
    {                                                                          \
        uint64_t h = hash_start(KIND, key);                                    \
        h = hash_word(h, birth);                                               \
        STEP_COLUMNS(HASH_COLUMN) RANK_COLUMNS(HASH_COLUMN)                    \
        EVENT_COLUMNS(HASH_COLUMN)                                             \
        return h;                                                              \
    }                                                                          \
    static void rehash_##one(struct rows *r, const struct entity *t,           \
                             struct dims d, uint32_t row,                      \
                             const struct ids *ids)                            \
    {                                                                          \
        uint64_t h = rows_##one##_hash(t, d, row, ids_key(ids, row),           \
                                       ids_birth(ids, row));                   \
        r->sum += h - r->hashes[row];                                          \
        r->hashes[row] = h;                                                    \
    }                                                                          \
    uint64_t rows_hash_##entity(struct rows *r, const struct entity *t,        \
                                struct dims d, const struct ids *ids)          \
    {                                                                          \
        for (uint32_t i = 0; i < r->nlist; i++)                                \
            r->stale[r->list[i] >> 6] |= (uint64_t)1 << (r->list[i] & 63);     \
        for (size_t w = 0; w < ((size_t)t->n + 63) / 64; w++) {                \
            for (uint64_t bits = r->stale[w]; bits; bits &= bits - 1) {        \
                uint32_t row = (uint32_t)(w * 64) +                            \
                               (uint32_t)__builtin_ctzll(bits);                \
                if (row < t->n)                                                \
                    rehash_##one(r, t, d, row, ids);                           \
            }                                                                  \
            r->stale[w] = 0;                                                   \
        }                                                                      \
        return r->sum;                                                         \
    }

ROWS_ENTITIES(DEFINE_ENTITY)
