/* check_reclaim.c -- what is retired lives until the flip, and not longer.
 *
 * A block above malloc's limit for mmap() is unmapped when it is freed, which
 * mincore() can tell; under ASan its poison does.
 */
#include "model_test.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "model/core/live.h"
#include "model/core/reclaim.h"

#define BLOCK (1u << 20)

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#define ASAN __has_feature(address_sanitizer)
#else
#define ASAN 0
#endif

#if ASAN
#include <sanitizer/asan_interface.h>
static bool is_freed(void *block)
{
    return __asan_address_is_poisoned(block);
}
#else
static bool is_freed(void *block)
{
    unsigned char in_core;
    void *page = (void *)((uintptr_t)block & ~(uintptr_t)4095);
    return mincore(page, 1, &in_core) == -1 && errno == ENOMEM;
}
#endif

static void *block_new(void)
{
    // Fixed, so that freeing a large block does not raise it.
    mallopt(M_MMAP_THRESHOLD, BLOCK / 2);
    void *block = malloc(BLOCK);
    ck_assert_ptr_nonnull(block);
    return block;
}

START_TEST(freed_at_the_flip)
{
    struct reclaim *r = reclaim_new();
    void *block[200]; // more than the list has room for at first
    for (int k = 0; k < 200; k++) {
        block[k] = block_new();
        reclaim_retire(r, block[k]);
    }
    for (int k = 0; k < 200; k++)
        ck_assert(!is_freed(block[k]));
    reclaim_flip(r);
    for (int k = 0; k < 200; k++)
        ck_assert(is_freed(block[k]));
    reclaim_flip(r); // nothing twice
    void *later = block_new();
    reclaim_retire(r, later);
    ck_assert(!is_freed(later));
    reclaim_free(r);
    ck_assert(is_freed(later));
}
END_TEST

START_TEST(nothing)
{
    struct reclaim *r = reclaim_new();
    reclaim_retire(r, NULL);
    reclaim_flip(r);
    reclaim_free(r);
    reclaim_free(NULL);
}
END_TEST

/* Retired in batch b: there until the readers of before b are gone. */
START_TEST(live_frees_one_batch_later)
{
    struct live_shape shape = {.dims = {8, 8}, .max_users = 10,
                               .max_items = 10, .max_features = 10};
    struct live *live = live_new(&shape, 1);
    void *block = block_new();
    live_begin(live);
    reclaim_retire(live_reclaim(live), block);
    live_pin(live, 0); // may have it
    live_publish(live);
    ck_assert(!is_freed(block));
    live_unpin(live, 0);
    ck_assert(!is_freed(block));
    live_begin(live);
    ck_assert(is_freed(block));
    live_publish(live);
    live_free(live);
}
END_TEST

/* While it holds, what a snapshot may look at stays, whatever else goes; then it
 * has one batch more, for readers of now. */
START_TEST(held)
{
    struct reclaim *r = reclaim_new();
    void *before = block_new(), *plain = block_new(), *later = block_new();
    void *kept[100];
    reclaim_retire_held(r, before);
    reclaim_flip(r);
    ck_assert(is_freed(before)); // nothing holds yet
    reclaim_hold(r, true);
    for (int k = 0; k < 100; k++) {
        kept[k] = block_new();
        reclaim_retire_held(r, kept[k]);
    }
    reclaim_retire_held(r, NULL);
    reclaim_retire(r, plain);
    reclaim_flip(r);
    ck_assert(is_freed(plain));
    reclaim_flip(r);
    for (int k = 0; k < 100; k++)
        ck_assert(!is_freed(kept[k]));
    reclaim_hold(r, false);
    for (int k = 0; k < 100; k++)
        ck_assert(!is_freed(kept[k]));
    reclaim_retire_held(r, later);
    reclaim_flip(r);
    for (int k = 0; k < 100; k++)
        ck_assert(is_freed(kept[k]));
    ck_assert(is_freed(later));
    reclaim_free(r);
}
END_TEST

START_TEST(freed_while_held)
{
    struct reclaim *r = reclaim_new();
    void *block = block_new();
    reclaim_hold(r, true);
    reclaim_retire_held(r, block);
    reclaim_free(r);
    ck_assert(is_freed(block));
}
END_TEST

MODEL_TEST_MAIN("reclaim", freed_at_the_flip, nothing, held, freed_while_held,
                live_frees_one_batch_later)
