/* check_golden.c -- the fold against the numbers of tests/golden, which an
 * independent implementation wrote (README.md there): bit for bit. */
#include "model_test.h"

#include <math.h>

#include "model/core/card.h"
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

static FILE *open_golden(const char *name)
{
    char path[512];
    const char *dir = getenv("FRESHET_GOLDEN");
    snprintf(path, sizeof path, "%s/%s", dir ? dir : "tests/golden", name);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "run from the root of the repository, or set "
                             "FRESHET_GOLDEN to the path of tests/golden");
    return f;
}

#define TAKE_U64(s) strtoull(s, NULL, 10)
#define TAKE_U32(s) (uint32_t)strtoul(s, NULL, 10)
#define TAKE_F32(s) strtof(s, NULL)
#define TAKE_F64(s) strtod(s, NULL)
#define TAKE(member, kind, option, fixed)                                      \
    if (strcmp(name, #member) == 0) {                                          \
        s->member = TAKE_##kind(value);                                        \
        return;                                                                \
    }

static void take_setting(struct settings *s, const char *name,
                         const char *value)
{
    SETTINGS_FIELDS(TAKE)
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

/* One more event; *predicted as model_fold() says. */
static void fold_next(struct replay *r, const struct event *e, float *predicted)
{
    if (!r->m) {
        ck_assert_int_eq(model_new(&r->s, 1, &r->m), ERR_OK);
        model_begin(r->m);
    }
    model_fold(r->m, e, ++r->seq, predicted);
    if (r->seq % BATCH == 0) {
        model_publish(r->m);
        model_begin(r->m);
    }
}

/* Of a rating or a behaviour, up to its time. */
static struct event event_of(struct replay *r, enum event_type type)
{
    char *user = word(r), *item = word(r);
    float value = strtof(word(r), NULL);
    struct event e = test_event(user, item, value,
                                strtoll(word(r), NULL, 10));
    e.type = type;
    return e;
}

static void take_event(struct replay *r)
{
    struct event e = event_of(r, EVENT_RATING);
    char *want = word(r);
    float got;
    fold_next(r, &e, &got);
    if (strcmp(want, "skip") == 0)
        ck_assert_msg(isnan(got), "event %lu is not skipped",
                      (unsigned long)r->seq);
    else
        ck_assert_msg(bits_of(got) == bits_of(strtof(want, NULL)),
                      "event %lu: %a, expected %s", (unsigned long)r->seq,
                      (double)got, want);
}

static void take_behaviour(struct replay *r)
{
    struct event e = event_of(r, EVENT_BEHAVIOUR);
    fold_next(r, &e, NULL);
}

/* A card of the features on the rest of the line. */
static void take_put(struct replay *r)
{
    bool is_user = strcmp(word(r), "user") == 0;
    char *name = word(r);
    struct id id = {name, (uint32_t)strlen(name)};
    unsigned char card[LINE], weight[4];
    size_t n = 0;
    while (r->rest[strspn(r->rest, WORD)]) {
        char *feature = word(r);
        float w = strtof(word(r), NULL);
        memcpy(weight, &w, sizeof weight);
        const struct card_field field = {
            .kind = CARD_FEATURE, .name = feature,
            .name_len = (uint32_t)strlen(feature),
            .value = weight, .value_len = sizeof weight};
        ck_assert(card_put(card, sizeof card, &n, &field));
    }
    struct event e = {.type = is_user ? EVENT_USER_PUT : EVENT_ITEM_PUT,
                      .payload = card, .payload_bytes = (uint32_t)n};
    *(is_user ? &e.user : &e.item) = id;
    fold_next(r, &e, NULL);
}

static void take_delete(struct replay *r)
{
    char *name = word(r);
    struct event e = {.type = EVENT_ITEM_DELETE,
                      .item = {name, (uint32_t)strlen(name)}};
    fold_next(r, &e, NULL);
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

static void take_ranking(struct replay *r)
{
    const struct totals *t = &r->t->totals;
    ck_assert_uint_eq(t->behaviours, strtoull(word(r), NULL, 10));
    ck_assert_uint_eq(t->positives, strtoull(word(r), NULL, 10));
    ck_assert_uint_eq(t->capped, strtoull(word(r), NULL, 10));
}

/* What every entity has; NULL: this one has none. */
struct columns {
    const struct ids *ids;
    uint32_t n;
    const uint32_t *count, *positives;
    const float *bias, *vec, *rbias, *rvec;
};

static void take_floats(struct replay *r, const char *what, const float *v,
                        uint32_t n)
{
    for (uint32_t d = 0; d < n; d++) {
        char *want = word(r);
        ck_assert_msg(bits_of(v[d]) == bits_of(strtof(want, NULL)),
                      "%s[%u] is %a, expected %s", what, d, (double)v[d], want);
    }
}

static void take_row(struct replay *r, const struct columns *c)
{
    static const float none = 0;
    char *name = word(r);
    uint32_t row = ids_find(c->ids, (struct id){name, (uint32_t)strlen(name)},
                            c->n);
    ck_assert_msg(row != ROW_NONE, "%s is not there", name);
    ck_assert_uint_eq(c->count[row], strtoul(word(r), NULL, 10));
    take_floats(r, name, &c->bias[row], 1);
    take_floats(r, name, &c->vec[(size_t)row * r->t->dim], r->t->dim);
    r->rows++;
    if (!r->t->rdim)
        return;
    ck_assert_uint_eq(c->positives ? c->positives[row] : 0,
                      strtoul(word(r), NULL, 10));
    take_floats(r, name, c->rbias ? &c->rbias[row] : &none, 1);
    take_floats(r, name, &c->rvec[(size_t)row * r->t->rdim], r->t->rdim);
}

static void take_user(struct replay *r)
{
    const struct users *u = &r->t->users;
    struct columns c = {.ids = live_user_ids(model_live(r->m)), .n = u->n,
                        .count = u->count, .positives = u->positives,
                        .bias = u->bias, .vec = u->vec, .rvec = u->rvec};
    take_row(r, &c);
}

static void take_item(struct replay *r)
{
    const struct items *i = &r->t->items;
    struct columns c = {.ids = live_item_ids(model_live(r->m)), .n = i->n,
                        .count = i->count, .positives = i->positives,
                        .bias = i->bias, .vec = i->vec, .rbias = i->rbias,
                        .rvec = i->rvec};
    take_row(r, &c);
}

static void take_feature(struct replay *r)
{
    const struct features *f = &r->t->features;
    struct columns c = {.ids = live_feature_ids(model_live(r->m)), .n = f->n,
                        .count = f->count, .bias = f->bias, .vec = f->vec,
                        .rvec = f->rvec};
    take_row(r, &c);
}

static void take_setting_line(struct replay *r)
{
    char *name = word(r);
    take_setting(&r->s, name, word(r));
}

static const struct {
    const char *what;
    void (*take)(struct replay *r);
} lines[] = {
    {"setting", take_setting_line}, {"event", take_event},
    {"behave", take_behaviour},     {"put", take_put},
    {"delete", take_delete},        {"totals", take_totals},
    {"ranking", take_ranking},      {"user", take_user},
    {"item", take_item},            {"feature", take_feature},
};

static void take_line(struct replay *r, char *line)
{
    size_t i = 0;
    r->rest = line;
    char *what = word(r);
    if (what[0] == '#')
        return;
    while (i < sizeof lines / sizeof *lines && strcmp(lines[i].what, what) != 0)
        i++;
    ck_assert_msg(i < sizeof lines / sizeof *lines, "unknown line %s", what);
    lines[i].take(r);
}

static void play(const char *name, uint64_t events, uint32_t users,
                 uint32_t items, uint32_t features)
{
    struct replay r = {.s = {.max_features = 1}};
    char line[LINE];
    FILE *f = open_golden(name);
    while (fgets(line, sizeof line, f))
        take_line(&r, line);
    fclose(f);
    ck_assert_uint_eq(r.seq, events);
    ck_assert_uint_eq(r.t->users.n, users);
    ck_assert_uint_eq(r.t->items.n, items);
    ck_assert_uint_eq(r.t->features.n, features);
    ck_assert_uint_eq(r.rows, users + items + features);
    live_unpin(model_live(r.m), 0);
    model_free(r.m);
}

START_TEST(rating_head)
{
    play("golden_fold.txt", 2000, 40, 58, 0);
}
END_TEST

START_TEST(both_heads_and_cards)
{
    play("golden_heads.txt", 2400, 36, 56, 9);
}
END_TEST

MODEL_TEST_MAIN("golden", rating_head, both_heads_and_cards)
