/* check_golden.c -- the fold against tests/golden/golden_fold.txt, which an
 * independent implementation wrote (tests/golden/README.md): bit for bit. */
#include "model_test.h"

#include <math.h>

#include "model/core/ids.h"

#define LINE     4096
#define BATCH    7 /* no divisor: where batches end must not matter */
#define WORD     " \n"

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static FILE *open_golden(void)
{
    const char *path = getenv("FRESHET_GOLDEN");
    FILE *f = fopen(path ? path : "tests/golden/golden_fold.txt", "r");
    ck_assert_msg(f != NULL, "run from the root of the repository, or set "
                             "FRESHET_GOLDEN to the path of golden_fold.txt");
    return f;
}

#define TAKE(field, parse)                                                     \
    if (strcmp(name, #field) == 0) {                                           \
        s->field = parse;                                                      \
        return;                                                                \
    }

static void take_setting(struct settings *s, const char *name,
                         const char *value)
{
    TAKE(seed, strtoull(value, NULL, 10))
    TAKE(dim, (uint32_t)strtoul(value, NULL, 10))
    TAKE(max_users, (uint32_t)strtoul(value, NULL, 10))
    TAKE(max_items, (uint32_t)strtoul(value, NULL, 10))
    TAKE(rating_min, strtof(value, NULL))
    TAKE(rating_max, strtof(value, NULL))
    TAKE(init, strtof(value, NULL))
    TAKE(factor_rate, strtof(value, NULL))
    TAKE(factor_half, strtof(value, NULL))
    TAKE(factor_l2, strtof(value, NULL))
    TAKE(bias_rate, strtof(value, NULL))
    TAKE(bias_count, strtof(value, NULL))
    TAKE(bias_l2, strtof(value, NULL))
    TAKE(session_tau, strtof(value, NULL))
    TAKE(session_rate, strtof(value, NULL))
    TAKE(replay, (uint32_t)strtoul(value, NULL, 10))
    TAKE(replay_rate, strtof(value, NULL))
    TAKE(history, (uint32_t)strtoul(value, NULL, 10))
    TAKE(max_seen, (uint32_t)strtoul(value, NULL, 10))
    TAKE(half_life_days, strtod(value, NULL))
    ck_abort_msg("unknown setting %s", name);
}

struct replay {
    struct settings s;
    struct model *m;
    uint64_t seq;
    uint32_t rows;
    const struct table *t; /* pinned once the first result is met */
    char *rest;            /* of the line that is being read */
};

/* The next word of the line. */
static char *word(struct replay *r)
{
    r->rest += strspn(r->rest, WORD);
    char *from = r->rest;
    r->rest += strcspn(r->rest, WORD);
    ck_assert_msg(r->rest > from, "a line of golden_fold.txt is too short");
    if (*r->rest)
        *r->rest++ = '\0';
    return from;
}

static void take_event(struct replay *r)
{
    char *user = word(r), *item = word(r);
    float value = strtof(word(r), NULL);
    int64_t time_ms = strtoll(word(r), NULL, 10);
    char *want = word(r);
    struct event e = test_event(user, item, value, time_ms);
    float got;
    if (!r->m) {
        ck_assert_int_eq(model_new(&r->s, 1, &r->m), ERR_OK);
        model_begin(r->m);
    }
    model_fold(r->m, &e, ++r->seq, &got);
    if (strcmp(want, "skip") == 0)
        ck_assert_msg(isnan(got), "event %lu is not skipped",
                      (unsigned long)r->seq);
    else
        ck_assert_msg(bits_of(got) == bits_of(strtof(want, NULL)),
                      "event %lu: %a, expected %s", (unsigned long)r->seq,
                      (double)got, want);
    if (r->seq % BATCH == 0) {
        model_publish(r->m);
        model_begin(r->m);
    }
}

static void take_totals(struct replay *r)
{
    model_publish(r->m);
    r->t = live_pin(model_live(r->m), 0);
    ck_assert_uint_eq(r->t->totals.events, strtoull(word(r),
                                                    NULL, 10));
    ck_assert_uint_eq(r->t->totals.skipped, strtoull(word(r),
                                                     NULL, 10));
    ck_assert(r->t->totals.scaled_sum == strtod(word(r), NULL));
    ck_assert_uint_eq(r->t->totals.seq, r->seq);
}

static void take_row(struct replay *r, const struct ids *ids, uint32_t n,
                     const uint32_t *count, const float *bias,
                     const float *vec)
{
    char *name = word(r);
    uint32_t row = ids_find(ids, (struct id){name, (uint32_t)strlen(name)}, n);
    ck_assert_msg(row != ROW_NONE, "%s is not there", name);
    ck_assert_uint_eq(count[row], strtoul(word(r), NULL, 10));
    ck_assert_msg(bits_of(bias[row]) ==
                      bits_of(strtof(word(r), NULL)),
                  "bias of %s", name);
    for (uint32_t d = 0; d < r->t->dim; d++)
        ck_assert_msg(bits_of(vec[(size_t)row * r->t->dim + d]) ==
                          bits_of(strtof(word(r), NULL)),
                      "factor %u of %s", d, name);
    r->rows++;
}

static void take_line(struct replay *r, char *line)
{
    r->rest = line;
    char *what = word(r);
    if (what[0] == '#')
        return;
    if (strcmp(what, "setting") == 0) {
        char *name = word(r);
        take_setting(&r->s, name, word(r));
    } else if (strcmp(what, "event") == 0) {
        take_event(r);
    } else if (strcmp(what, "totals") == 0) {
        take_totals(r);
    } else if (strcmp(what, "user") == 0) {
        const struct users *u = &r->t->users;
        take_row(r, live_user_ids(model_live(r->m)), u->n, u->count, u->bias,
                 u->vec);
    } else if (strcmp(what, "item") == 0) {
        const struct items *i = &r->t->items;
        take_row(r, live_item_ids(model_live(r->m)), i->n, i->count, i->bias,
                 i->vec);
    } else {
        ck_abort_msg("unknown line %s", what);
    }
}

START_TEST(every_bit)
{
    struct replay r = {.s = {.max_features = 1}}; // the rating head alone
    char line[LINE];
    FILE *f = open_golden();
    while (fgets(line, sizeof line, f))
        take_line(&r, line);
    fclose(f);
    ck_assert_uint_eq(r.seq, 2000);
    ck_assert_uint_eq(r.rows, r.t->users.n + r.t->items.n);
    ck_assert_uint_eq(r.t->users.n, 40);
    ck_assert_uint_eq(r.t->items.n, 58);
    live_unpin(model_live(r.m), 0);
    model_free(r.m);
}
END_TEST

MODEL_TEST_MAIN("golden", every_bit)
