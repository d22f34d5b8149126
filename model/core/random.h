/* random.h -- counter-based random numbers: a pure function of what they are
 * for, so that order of arrival, threads and restarts do not matter.
 *
 * random_u64(seed, kind, key, i) is SplitMix64's finaliser (Steele, Lea, Flood
 * 2014) over a sum of odd multiples of its arguments.  Any thread.
 */
#ifndef FRESHET_MODEL_CORE_RANDOM_H
#define FRESHET_MODEL_CORE_RANDOM_H

#include <stdint.h>

enum random_kind {
    RANDOM_INIT_USER = 1,  /* key: random_id(user id), i: dimension */
    RANDOM_INIT_ITEM,      /* key: random_id(item id), i: dimension */
    RANDOM_REPLAY,         /* key: seq, i: which pick */
    RANDOM_RESERVOIR,      /* key: seq */
    RANDOM_INIT_FEATURE,   /* key: random_id(feature), i: dimension */
    RANDOM_RANK_USER,      /* the same three for the ranking head */
    RANDOM_RANK_ITEM,
    RANDOM_RANK_FEATURE,
    RANDOM_RANK_REPLAY,    /* key: seq, i: which pick */
    RANDOM_RANK_RESERVOIR, /* key: seq */
    RANDOM_NEGATIVE,       /* key: seq, i: which one of which step */
    RANDOM_INIT_MLP,       /* key: layer, i: weight */
    RANDOM_TRAIN,          /* key: seq, i: epoch and round (learn/train.h) */
    RANDOM_TEACHER,        /* key: pair, i: user or item (freshet distill) */
    RANDOM_DROPOUT         /* key: seq, i: which replay */
};

static inline uint64_t random_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t random_u64(uint64_t seed, enum random_kind kind,
                                  uint64_t key, uint64_t i)
{
    uint64_t z = seed + 0x9e3779b97f4a7c15u * (uint64_t)kind;
    z = random_mix(z) + key;
    z = random_mix(z) + 0x9e3779b97f4a7c15u * (i + 1);
    return random_mix(z);
}

/* A number in [0, n), n < 2^32, from the high half of the product: a bias of
 * n / 2^64, no division. */
static inline uint32_t random_below(uint64_t r, uint32_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint32_t)(((wide)r * n) >> 64);
}

/* The sum of the four 16-bit parts of r less its middle: a bell with standard
 * deviation RANDOM_BELL_SD. */
#define RANDOM_BELL_SD 37837.227f /* 65536 / sqrt(3) */
static inline int32_t random_bell(uint64_t r)
{
    return (int32_t)((r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) +
                     (r >> 48)) - 131070;
}

/* A deterministic 64-bit name of an external id, the key of everything random
 * and of every hash that concerns it (not of the id map, whose hash is secret).
 * FNV-1a 64 over the bytes, finished with random_mix(). */
uint64_t random_id(const char *s, uint32_t len);

#endif
