/* row_set.h -- a set of rows as bits.  Scratch that grows and is reused; one
 * thread at a time. */
#ifndef FRESHET_MODEL_RANK_ROW_SET_H
#define FRESHET_MODEL_RANK_ROW_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Zero-initialise; row_set_release(). */
struct row_set {
    uint64_t *bits;
    size_t words;            /* allocated */
};

static inline void row_set_release(struct row_set *s)
{
    free(s->bits);
    memset(s, 0, sizeof *s);
}

/* Empty, for rows below n.  False: no memory. */
static inline bool row_set_begin(struct row_set *s, uint32_t n)
{
    size_t words = (size_t)n / 64 + 1;
    if (words > s->words) {
        uint64_t *bits = malloc(words * sizeof *bits);
        if (!bits)
            return false;
        free(s->bits);
        s->bits = bits;
        s->words = words;
    }
    memset(s->bits, 0, words * sizeof *s->bits);
    return true;
}

static inline void row_set_add(struct row_set *s, uint32_t row)
{
    s->bits[row >> 6] |= (uint64_t)1 << (row & 63);
}

static inline void row_set_remove(struct row_set *s, uint32_t row)
{
    s->bits[row >> 6] &= ~((uint64_t)1 << (row & 63));
}

static inline bool row_set_has(const struct row_set *s, uint32_t row)
{
    return s->bits[row >> 6] >> (row & 63) & 1;
}

#endif
