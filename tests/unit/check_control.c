/* check_control.c -- events that are no ratings: what they do does not hang on
 * where a batch ends. */
#include "model_test.h"

#include "model/core/bytes.h"
#include "model/core/ids.h"

#define EVENTS 600u

/* Which control events follow the ratings. */
struct control {
    enum event_type type;
    uint32_t user;        /* u<user>; the row's birth is looked up before */
};

static uint64_t birth_of(struct model *m, uint32_t user)
{
    char name[16];
    int n = snprintf(name, sizeof name, "u%u", user);
    const struct ids *ids = live_user_ids(model_live(m));
    uint32_t row = ids_find(ids, (struct id){name, (uint32_t)n}, UINT32_MAX);
    ck_assert_uint_ne(row, ROW_NONE);
    return ids_birth(ids, row);
}

/* Folds ratings, the control events, ratings; published each `batch` events. */
static uint64_t hash_of(const struct control *c, size_t nc, uint32_t batch)
{
    struct settings s = test_settings();
    struct model *m;
    uint64_t births[16] = {0};
    uint32_t open = 0;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < 2 * EVENTS + nc; k++) {
        char name[2][16];
        unsigned char payload[8];
        struct event e = test_stream(k, 40, 30, name);
        if (k == EVENTS)
            for (size_t i = 0; i < nc; i++)
                births[i] = birth_of(m, c[i].user);
        if (k >= EVENTS && k < EVENTS + nc) {
            put_u64(payload, births[k - EVENTS]);
            e = (struct event){.type = c[k - EVENTS].type,
                               .item = {"i7", 2}, .payload = payload,
                               .payload_bytes = sizeof payload};
        }
        if (open == 0)
            model_begin(m);
        model_fold(m, &e, k + 1, NULL);
        open = open + 1 == batch ? 0 : open + 1;
        if (open == 0)
            model_publish(m);
    }
    if (open)
        model_publish(m);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

static const struct control once[] = {{EVENT_ERASE, 5}};
static const struct control twice[] = {{EVENT_ERASE, 5}, {EVENT_ERASE, 5}};
static const struct control many[] = {
    {EVENT_ERASE, 5}, {EVENT_RETRACT, 6}, {EVENT_VOID, 0}, {EVENT_ERASE, 7},
    {EVENT_ERASE, 5}, {EVENT_RETRACT, 5}, {EVENT_RETRACT, 6}, {EVENT_ERASE, 7}};

START_TEST(batches_do_not_matter)
{
    const uint32_t batches[] = {2, 3, 7, 100, EVENTS, 10 * EVENTS};
    const struct {
        const struct control *c;
        size_t n;
    } lists[] = {{once, 1}, {twice, 2}, {many, 8}};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        uint64_t want = hash_of(lists[l].c, lists[l].n, 1);
        for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
            ck_assert_uint_eq(hash_of(lists[l].c, lists[l].n, batches[i]),
                              want);
    }
    ck_assert_uint_ne(hash_of(once, 1, 1), hash_of(NULL, 0, 1));
}
END_TEST

MODEL_TEST_MAIN("control", batches_do_not_matter)
