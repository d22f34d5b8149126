/* check_ids_collide.c -- the id map when hashes collide, which the real hash
 * with its secret key never does for a test: here every id has the same one, or
 * one of five. */
#include "model_test.h"

#include "model/core/siphash.h"

static uint64_t weak_hash(const uint64_t key[2], const void *bytes, size_t n);

#define siphash13 weak_hash
#include "model/core/ids.c"

#define IDS 3000u

static uint32_t hashes = 1;

static uint64_t weak_hash(const uint64_t key[2], const void *bytes, size_t n)
{
    (void)key;
    return 0x123456789u + random_id(bytes, (uint32_t)n) % hashes;
}

/* Long before short, each the start of those before it; then the same with
 * other last bytes. */
static struct id nth(char bytes[ID_BYTES_MAX], uint32_t k)
{
    uint32_t n = 200 - k % 200;
    memset(bytes, 'x', n);
    bytes[n - 1] = (char)('x' + k / 200);
    return (struct id){bytes, n};
}

static void fill(uint32_t nhashes)
{
    struct reclaim *reclaim = reclaim_new();
    struct ids *ids = ids_new(IDS, reclaim);
    char bytes[ID_BYTES_MAX];
    bool added;
    hashes = nhashes;
    for (uint32_t k = 0; k < IDS; k++) {
        ck_assert_uint_eq(ids_find(ids, nth(bytes, k), IDS), ROW_NONE);
        ck_assert_uint_eq(ids_add(ids, nth(bytes, k), k + 1, &added), k);
        ck_assert(added);
    }
    for (uint32_t k = 0; k < IDS; k++) {
        ck_assert_uint_eq(ids_find(ids, nth(bytes, k), IDS), k);
        ck_assert_uint_eq(ids_add(ids, nth(bytes, k), k + 1, &added), k);
        ck_assert(!added);
    }
    ids_free(ids);
    reclaim_free(reclaim);
}

START_TEST(one_hash)
{
    fill(1);
}
END_TEST

START_TEST(five_hashes)
{
    fill(5);
}
END_TEST

MODEL_TEST_MAIN("ids_collide", one_hash, five_hashes)
