/* recommend.c -- see recommend.h. */
#include "model/rank/recommend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/rank/seat.h"

#define BLOCK SIFT_BLOCK    /* items at a time: what is read of them stays in
                                the cache for all seats */
#define SEATS 16u           /* users at a time */
#define REST  24u           /* blocks of a seat between two rests; of one that
                                asks for similarities, which are dear, eight
                                times fewer */

struct recommend {
    struct seat seat[SEATS];
    struct diverse diverse;
    struct scored *scored;   /* the lists, n entries of each user */
    struct recommend_list *list; /* (users) */
    size_t nscored, nlists;  /* room */
    /* from start to finish: */
    struct seat_run run;
    uint32_t first, seated;  /* the users that have seats */
};

struct recommend *recommend_new(void)
{
    struct recommend *r = aligned_alloc(_Alignof(struct recommend), sizeof *r);
    if (r)
        memset(r, 0, sizeof *r);
    return r;
}

void recommend_free(struct recommend *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < SEATS; i++)
        seat_release(&r->seat[i]);
    diverse_release(&r->diverse);
    free(r->scored);
    free(r->list);
    free(r);
}

/* ---- the scan ----------------------------------------------------------- */

/* Those of n items that may be kept, by their bounds and labels, to `open`.
 * Without branches: whether an item may is a toss-up to a machine that guesses,
 * and where the filter leaves out what the user likes best it is asked of many. */
static uint32_t leave_open(const struct seat_run *x, const float *most,
                           float floor, uint32_t from, uint32_t n,
                           uint32_t *open)
{
    const struct label_bits *labels = &x->t->items.labels[from];
    uint32_t above = 0, left = 0;
    for (uint32_t i = 0; i < n; i++) {
        open[above] = i;
        above += !(most[i] < floor); // what is not a number is not below
    }
    for (uint32_t k = 0; k < above; k++) {
        uint32_t i = open[k];
        open[left] = i;
        left += filter_may(&x->mask, labels[i].bits);
    }
    return left;
}

/* The vector is read only where what is known without it (sift.h) leaves it
 * open whether the item is kept. */
static void scan_ranking(struct seat *s, const struct seat_run *x,
                         uint32_t from, uint32_t n)
{
    float most[BLOCK], score;
    uint32_t open[BLOCK];
    sift_block(&s->sift, x->t, s->scores.feature, from, n, most);
    n = leave_open(x, most, seat_floor(s, x), from, n, open);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = open[k];
        if (most[i] < seat_floor(s, x) || // which has risen
            row_set_has(&s->out, from + i))
            continue;
        score_block(x->t, (const float *)s->p.v, &s->scores, from + i, 1,
                    &score);
        seat_offer(s, x, (double)score, from + i);
    }
}

/* Could it be in the list, but for its key and its card? */
static bool may_be(const struct seat *s, const struct seat_run *x, uint32_t row)
{
    return filter_may(&x->mask, x->t->items.labels[row].bits) &&
           !row_set_has(&s->out, row);
}

/* Most items are turned away by one look at the heap.  A similarity is dear: it
 * is asked for last. */
static void scan_keys(struct seat *s, const struct seat_run *x, uint32_t from,
                      uint32_t n)
{
    double floor = seat_least(s, x);
    for (uint32_t i = from; i < from + n; i++) {
        if (s->by == RECOMMEND_SIMILAR && !may_be(s, x, i))
            continue;
        double key = seat_key(s, x, i);
        if (key < floor)
            continue;
        seat_offer(s, x, key, i);
        floor = seat_least(s, x);
    }
}

/* From the newest on, which is the order: the first that qualify are all. */
static void scan_latest(struct seat *s, const struct seat_run *x)
{
    for (uint32_t i = x->t->items.n; i-- > 0 && s->top.n < s->top.cap;)
        seat_offer(s, x, seat_key(s, x, i), i);
}

static void scan_block(struct seat *s, const struct seat_run *x, uint32_t from,
                       uint32_t n)
{
    if (s->by == RECOMMEND_RANKING)
        scan_ranking(s, x, from, n);
    else if (s->by != RECOMMEND_LATEST)
        scan_keys(s, x, from, n);
    else if (from == 0)
        scan_latest(s, x);
}

static bool scans(const struct recommend *r)
{
    return !r->run.q->include && r->run.cap > 0;
}

/* The block of all who sit with it; what it cost, in those of a plain seat. */
static uint32_t scan_seats(struct recommend *r, uint32_t from, uint32_t items)
{
    uint32_t cost = 0;
    for (uint32_t k = 0; scans(r) && k < r->seated; k++) {
        scan_block(&r->seat[k], &r->run, from, items);
        cost += r->seat[k].by == RECOMMEND_SIMILAR ? 8 : 1;
    }
    return cost;
}

/* Of every item, for all who sit with these: all of the same copy. */
static void scan_all(struct recommend *const *r, uint32_t n)
{
    uint32_t nitems = r[0]->run.t->items.n, cost = 0;
    void (*rest)(void) = r[0]->run.q->rest;
    for (uint32_t from = 0; from < nitems; from += BLOCK) {
        uint32_t items = nitems - from < BLOCK ? nitems - from : BLOCK;
        for (uint32_t i = 0; i < n; i++)
            cost += scan_seats(r[i], from, items);
        if (rest && cost >= REST) {
            rest();
            cost = 0;
        }
    }
}

/* Of candidates that are named. */
static void scan_rows(struct seat *s, const struct seat_run *x,
                      const struct recommend_rows *rows)
{
    for (uint32_t i = 0; i < rows->n && x->cap; i++) {
        uint32_t row = rows->row[i];
        double key = seat_key(s, x, row);
        if (key == key)
            seat_offer(s, x, key, row);
        row_set_add(&s->out, row); // it may be named twice
    }
}

/* ---- lists -------------------------------------------------------------- */

static bool reserve(struct recommend *r, size_t nscored, size_t nlists)
{
    if (nscored > r->nscored) {
        struct scored *scored = malloc(nscored * sizeof *scored);
        if (!scored)
            return false;
        free(r->scored);
        r->scored = scored;
        r->nscored = nscored;
    }
    if (nlists > r->nlists) {
        struct recommend_list *list = malloc(nlists * sizeof *list);
        if (!list)
            return false;
        free(r->list);
        r->list = list;
        r->nlists = nlists;
    }
    return true;
}

/* The page of pinned items and then those of the seat. */
static enum err finish(struct recommend *r, struct seat *s,
                       const struct seat_run *x, struct scored *to,
                       struct recommend_list *list)
{
    const struct recommend_query *q = x->q;
    enum err err = ERR_OK;
    topn_sort(&s->top);
    if (q->diversity > 0)
        err = diverse_order(&r->diverse, x->t, s->top.at, s->top.n,
                            q->offset + q->n, q->diversity);
    *list = (struct recommend_list){.by = s->by, .items = to};
    for (uint32_t i = q->offset; i < x->npinned && list->n < q->n; i++) {
        uint32_t row = x->pinned[i];
        double key = seat_key(s, x, row);
        to[list->n++] = (struct scored){row, seat_score(s, x, key, row)};
    }
    list->npinned = list->n;
    uint32_t i = q->offset > x->npinned ? q->offset - x->npinned : 0;
    for (; i < s->top.n && list->n < q->n; i++) {
        const struct topn_entry *e = &s->top.at[i];
        float score = seat_score(s, x, e->key, e->row);
        to[list->n++] = (struct scored){e->row, score};
    }
    return err;
}

/* Seats for up to SEATS users, from the `first` one on. */
static enum err sit_down(struct recommend *r, uint32_t first)
{
    const struct recommend_query *q = r->run.q;
    enum err err = ERR_OK;
    r->first = first;
    r->seated = 0;
    while (first < q->nusers && r->seated < SEATS && err == ERR_OK)
        err = seat_begin(&r->seat[r->seated++], &r->run, q->user[first++]);
    return err;
}

/* Their lists. */
static enum err get_up(struct recommend *r)
{
    const struct recommend_query *q = r->run.q;
    enum err err = ERR_OK;
    for (uint32_t k = 0; k < r->seated && err == ERR_OK; k++) {
        if (q->include)
            scan_rows(&r->seat[k], &r->run, q->include);
        err = finish(r, &r->seat[k], &r->run,
                     &r->scored[(size_t)(r->first + k) * q->n],
                     &r->list[r->first + k]);
    }
    return err;
}

enum err recommend_start(struct recommend *r, const struct table *t,
                         const struct ids *items,
                         const struct recommend_query *q)
{
    r->run = (struct seat_run){.t = t, .items = items, .q = q};
    if (!reserve(r, (size_t)q->n * q->nusers + 1, q->nusers))
        return ERR_NOMEM;
    seat_run_begin(&r->run);
    return sit_down(r, 0);
}

void recommend_scan(struct recommend *const *r, uint32_t n)
{
    bool any = false;
    for (uint32_t i = 0; i < n; i++)
        any |= scans(r[i]);
    if (any)
        scan_all(r, n);
}

enum err recommend_finish(struct recommend *r)
{
    enum err err = get_up(r);
    while (err == ERR_OK && r->first + r->seated < r->run.q->nusers) {
        err = sit_down(r, r->first + r->seated);
        if (err != ERR_OK)
            break;
        recommend_scan(&r, 1);
        err = get_up(r);
    }
    return err;
}

enum err recommend_run(struct recommend *r, const struct table *t,
                       const struct ids *items,
                       const struct recommend_query *q)
{
    enum err err = recommend_start(r, t, items, q);
    if (err != ERR_OK)
        return err;
    recommend_scan(&r, 1);
    return recommend_finish(r);
}

const float *recommend_vector(const struct recommend *r, uint32_t k)
{
    return r->seat[k].tasted ? (const float *)r->seat[k].p.v : NULL;
}

void recommend_list(const struct recommend *r, uint32_t k,
                    struct recommend_list *out)
{
    *out = r->list[k];
}

/* ---- users -------------------------------------------------------------- */

enum err recommend_users(struct recommend *r, const struct table *t,
                         const struct ids *users, uint32_t user,
                         uint32_t offset, uint32_t n)
{
    struct similar_space space = similar_users(t);
    struct topn *top = &r->seat[0].top;
    struct compose_room p;
    uint64_t want = (uint64_t)offset + n;
    if (!reserve(r, n, 1) ||
        !topn_begin(top, users, want < t->users.n ? (uint32_t)want
                                                  : t->users.n))
        return ERR_NOMEM;
    bool known = similar_vector(&space, user, &p);
    for (uint32_t u = 0; known && u < t->users.n; u++) {
        if (u == user || ids_is_forgotten(users, u))
            continue;
        double key = (double)similar_to(&space, (const float *)p.v, u);
        if (topn_wants(top, key, u))
            topn_keep(top, key, u);
    }
    topn_sort(top);
    struct recommend_list *list = &r->list[0];
    *list = (struct recommend_list){.by = RECOMMEND_SIMILAR,
                                    .items = r->scored};
    for (uint32_t i = offset; i < top->n; i++)
        r->scored[list->n++] = (struct scored){top->at[i].row,
                                               (float)top->at[i].key};
    return ERR_OK;
}
