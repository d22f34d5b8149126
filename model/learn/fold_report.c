/* fold_report.c -- what the fold tells the reports (quality.h). */
#include <time.h>

#include "model/learn/fold_internal.h"
#include "model/rank/predict.h"
#include "model/rank/rank_of.h"

void fold_report_rating(struct fold *f, const struct table *t, uint32_t user,
                        uint32_t item, const struct event *e, uint64_t seq,
                        float test)
{
    struct quality_rating r = {
        .seq = seq, .time_ms = e->time_ms, .rating = e->value,
        .predicted = test,
        .baseline = predict_clip(&f->s, (float)predict_mean(t)),
        .user_count = t->users.count[user],
        .item_count = t->items.count[item]};
    quality_rated(f->quality, &r);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void fold_report_rank(struct fold *f, const struct table *t, uint32_t user,
                      uint32_t item, uint32_t nitems, const struct event *e)
{
    struct rank_target target = {
        .user = user, .item = item < nitems ? item : ROW_NONE,
        .nitems = nitems};
    uint64_t seq = t->totals.seq;
    if (!f->s.rdim || !quality_wants(f->quality, seq, nitems) ||
        !rank_is_fair(t, &target))
        return;
    int64_t from = now_ns(); // for the report alone
    if (taste_scores(t, live_item_ids(f->live), &f->s, user, nitems,
                     &f->tastes) != ERR_OK)
        return;
    struct quality_ranking r = {
        .seq = seq, .time_ms = e->time_ms,
        .rank = rank_by_score(t, &target, f->tastes.scores.score),
        .rank_popular = rank_by_trend(t, &target)};
    r.took_ns = now_ns() - from;
    quality_ranked(f->quality, &r);
}
