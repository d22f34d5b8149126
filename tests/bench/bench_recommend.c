/* bench_recommend.c -- lists against one bare sgemv over the same table.
 *
 *   bench_recommend [ITEMS [RUNS]]
 *
 * A catalogue of items with five features each, K = 64; a user asks for ten of
 * them: of all, of those that pass a filter (1 in 100, 1 in 2), with 1000 seen;
 * and 16 users who share a scan, of whom one's part is told.  Each is measured in
 * turns with a sgemv of the items' vectors; the medians of both and the ratio are
 * printed, one JSON object per line.  One thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/core/card.h"
#include "model/core/ids.h"
#include "model/model.h"
#include "model/rank/blas.h"
#include "model/rank/recommend.h"

#define DIM      64
#define SEEN     1000u
#define SHARING  16u
#define RUNS_MAX 1000u

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); // others may be at work too
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_recommend: %s\n", what);
    exit(1);
}

/* ---- the catalogue ------------------------------------------------------ */

static struct settings settings = {
    .seed = 1, .dim = 8, .max_users = 100, .max_items = 2000000,
    .max_features = 10000, .rating_min = 1, .rating_max = 5, .init = 0.1f,
    .factor_rate = 0.1f, .factor_half = 15, .bias_rate = 0.04f,
    .bias_count = 4.5f, .max_seen = 10000, .half_life_days = 30,
    .item_features = 1, .feature_rate = 0.2f, .rdim = DIM, .rank_init = 1,
    .rank_rate = 0.05f, .rank_half = 1000, .rank_feature_rate = 0.2f,
    .negatives = 2, .positive_from = 1};

static void put_text(unsigned char *card, size_t *n, enum card_kind kind,
                     const char *s)
{
    struct card_field f = {.kind = kind, .value = (const unsigned char *)s,
                           .value_len = (uint32_t)strlen(s)};
    if (!card_put(card, 1000, n, &f))
        fail("a card is too small");
}

static void put_feature(unsigned char *card, size_t *n, const char *name)
{
    static const unsigned char one[4] = {0, 0, 0x80, 0x3f};
    struct card_field f = {.kind = CARD_FEATURE, .name = name,
                           .name_len = (uint32_t)strlen(name), .value = one,
                           .value_len = 4};
    if (!card_put(card, 1000, n, &f))
        fail("a card is too small");
}

static size_t make_card(uint32_t k, unsigned char *card)
{
    char text[5][32];
    size_t n = 0;
    snprintf(text[0], 32, "percent%u", k % 100);
    snprintf(text[1], 32, "half%u", k % 2);
    snprintf(text[2], 32, "tag%u", k * 2654435761u % 1000);
    snprintf(text[3], 32, "year=%u", 1950 + k * 40503u % 14 * 5);
    snprintf(text[4], 32, "price=%u", k * 48271u % 20);
    put_text(card, &n, CARD_CATEGORY, text[0]);
    put_text(card, &n, CARD_CATEGORY, text[1]);
    put_text(card, &n, CARD_TAG, text[2]);
    for (int i = 0; i < 5; i++)
        put_feature(card, &n, text[i]);
    return n;
}

static void fold(struct model *m, struct event *e, uint64_t seq)
{
    float predicted;
    e->time_ms = 1700000000000;
    model_fold(m, e, seq, &predicted);
}

/* User "seen" has seen SEEN items, user "new" one. */
static struct model *make_model(uint32_t items)
{
    struct model *m;
    unsigned char card[1000];
    char name[32];
    uint64_t seq = 0;
    if (model_new(&settings, 1, &m) != ERR_OK)
        fail("no memory");
    model_begin(m);
    for (uint32_t k = 0; k < items; k++) {
        struct event e = {.type = EVENT_ITEM_PUT, .payload = card};
        e.payload_bytes = (uint32_t)make_card(k, card);
        e.item = (struct id){name, (uint32_t)snprintf(name, 32, "item%u", k)};
        fold(m, &e, ++seq);
    }
    for (uint32_t k = 0; k < SEEN; k++) {
        struct event e = {.type = EVENT_RATING, .value = 5,
                          .user = {k ? "seen" : "new", k ? 4 : 3}};
        e.item = (struct id){name, (uint32_t)snprintf(name, 32, "item%u",
                                                      items / SEEN * k)};
        fold(m, &e, ++seq);
    }
    model_publish(m);
    return m;
}

/* ---- measuring ---------------------------------------------------------- */

struct bench {
    const struct table *t;
    const struct ids *items, *users;
    struct recommend *r;
    float *out;              /* (items) of sgemv */
    size_t runs;
};

/* Of one user. */
static double time_list(struct bench *b, struct recommend_query *q)
{
    double from = seconds();
    if (recommend_run(b->r, b->t, b->items, q) != ERR_OK)
        fail("no memory");
    return (seconds() - from) / q->nusers;
}

static double time_sgemv(struct bench *b, const float *p)
{
    double from = seconds();
    blas_add_dots(b->t->items.rvec, p, b->out, b->t->items.n, b->t->rdim);
    return seconds() - from;
}

/* What is asked for. */
struct asked {
    const char *what, *user;
    const char *category;    /* NULL: any */
    uint32_t users;
    enum recommend_by by;
};

static void measure(struct bench *b, const struct asked *a)
{
    static double list[RUNS_MAX], bare[RUNS_MAX], ratio[RUNS_MAX];
    struct id label = {a->category,
                       a->category ? (uint32_t)strlen(a->category) : 0};
    struct filter f = {.at_ms = 0};
    struct recommend_list got;
    uint32_t row[SHARING];
    for (uint32_t k = 0; k < a->users; k++)
        row[k] = ids_find(b->users,
                          (struct id){a->user, (uint32_t)strlen(a->user)},
                          b->t->users.n);
    struct recommend_query q = {.s = &settings, .user = row,
                                .nusers = a->users, .by = a->by,
                                .n = 10, .exclude_seen = true, .filter = &f};
    if (a->category)
        f.labels[FILTER_CATEGORIES].any = (struct id_list){&label, 1};
    const float *p = &b->t->users.rvec[(size_t)row[0] * b->t->rdim];
    for (size_t i = 0; i < b->runs; i++) {
        bare[i] = time_sgemv(b, p);
        list[i] = time_list(b, &q);
        ratio[i] = list[i] / bare[i];
    }
    recommend_list(b->r, 0, &got);
    if (got.n != 10 || got.by != a->by)
        fail("not the list that was meant");
    printf("{\"what\":\"%s\",\"items\":%u,\"list_us\":%.0f,\"sgemv_us\":%.0f,"
           "\"ratio\":%.3f}\n", a->what, b->t->items.n,
           median(list, b->runs) * 1e6, median(bare, b->runs) * 1e6,
           median(ratio, b->runs));
    fflush(stdout);
}

static const struct asked asked[] = {
    {"all", "new", NULL, 1, RECOMMEND_RANKING},
    {"filter 50%", "new", "half1", 1, RECOMMEND_RANKING},
    {"filter 1%", "new", "percent7", 1, RECOMMEND_RANKING},
    {"1000 seen", "seen", NULL, 1, RECOMMEND_RANKING},
    {"16 users", "new", NULL, SHARING, RECOMMEND_RANKING},
    {"similar", "new", NULL, 1, RECOMMEND_SIMILAR},
    {"popular", "new", NULL, 1, RECOMMEND_POPULAR},
    {"latest", "new", NULL, 1, RECOMMEND_LATEST}};

int main(int argc, char **argv)
{
    uint32_t items = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
    size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 25;
    if (items < SEEN || items > settings.max_items || runs < 1 ||
        runs > RUNS_MAX)
        fail("1000..2000000 items, 1..1000 runs");
    struct model *m = make_model(items);
    struct live *live = model_live(m);
    struct bench b = {.t = live_pin(live, 0),
                      .items = live_item_ids(live),
                      .users = live_user_ids(live),
                      .r = recommend_new(),
                      .out = calloc(items, sizeof(float)),
                      .runs = runs};
    if (!b.r || !b.out)
        fail("no memory");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        measure(&b, &asked[i]);
    live_unpin(live, 0);
    recommend_free(b.r);
    free(b.out);
    model_free(m);
    return 0;
}
