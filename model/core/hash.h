/* hash.h -- hashes of state that do not depend on the machine or on row
 * numbers.  Any thread, pure.
 *
 * A model's hash is the wrapping sum of the hashes of its parts, so the order
 * of parts does not matter; what makes a part its own is its key (random_id of
 * the external id, and its kind), mixed in first.
 */
#ifndef FRESHET_MODEL_CORE_HASH_H
#define FRESHET_MODEL_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/core/random.h"

enum hash_kind { HASH_USER = 1, HASH_ITEM, HASH_TOTALS, HASH_HISTORY,
                 HASH_SEEN, HASH_FEATURE, HASH_POSITIVES, HASH_USER_CARD,
                 HASH_ITEM_CARD, HASH_MLP, HASH_LIKED };

static inline uint64_t hash_start(enum hash_kind kind, uint64_t key)
{
    return random_mix(key + 0x9e3779b97f4a7c15u * (uint64_t)kind);
}

static inline uint64_t hash_word(uint64_t h, uint64_t word)
{
    return random_mix(h ^ word) + 0x9e3779b97f4a7c15u;
}

/* n bytes as little-endian words of 8, the last zero-padded. */
static inline uint64_t hash_bytes(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t w;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&w, p, 8);
        h = hash_word(h, w);
    }
    if (n) {
        w = 0;
        memcpy(&w, p, n);
        h = hash_word(h, w);
    }
    return h;
}

#endif
