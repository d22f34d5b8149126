/* evaluation.c -- see evaluation.h. */
#include "proto/evaluation.h"

#include "proto/member.h"

#define DIGITS 6

/* ---- numbers ------------------------------------------------------------ */

static void put_errors(struct buf *b, const struct evaluation_errors *e)
{
    member_uint(b, "ratings", e->ratings);
    member_real(b, "rmse", e->rmse, DIGITS);
    member_real(b, "rmse_mean", e->rmse_mean, DIGITS);
    member_real(b, "mae", e->mae, DIGITS);
    member_real(b, "mae_mean", e->mae_mean, DIGITS);
}

static void put_cold(struct buf *b, const char *name,
                     const struct evaluation_errors *e)
{
    member_key(b, name);
    buf_putc(b, '{');
    put_errors(b, e);
    buf_putc(b, '}');
}

static void put_lists(struct buf *b, const struct evaluation_numbers *n)
{
    member_uint(b, "rank_samples", n->rank_samples);
    member_real(b, "hr10", n->model.hr10, DIGITS);
    member_real(b, "hr10_popularity", n->popularity.hr10, DIGITS);
    member_real(b, "ndcg10", n->model.ndcg10, DIGITS);
    member_real(b, "ndcg10_popularity", n->popularity.ndcg10, DIGITS);
}

/* What follows from these, or is looked at less often. */
static void put_more(struct buf *b, const struct evaluation_numbers *n)
{
    member_real(b, "recall10", n->model.hr10, DIGITS);
    member_real(b, "recall10_popularity", n->popularity.hr10, DIGITS);
    member_real(b, "precision10", n->model.precision10, DIGITS);
    member_real(b, "precision10_popularity", n->popularity.precision10,
                DIGITS);
    member_real(b, "mrr", n->model.mrr, DIGITS);
    member_real(b, "mrr_popularity", n->popularity.mrr, DIGITS);
    put_cold(b, "cold_items", &n->cold_items);
    put_cold(b, "cold_users", &n->cold_users);
}

/* ---- the document ------------------------------------------------------- */

void evaluation_begin(struct buf *out, uint64_t model_seq, uint64_t rank_every)
{
    buf_putc(out, '{');
    member_uint(out, "model_seq", model_seq);
    member_uint(out, "rank_every", rank_every);
}

void evaluation_whole(struct buf *out, const char *name,
                      const struct evaluation_numbers *n)
{
    member_key(out, name);
    buf_putc(out, '{');
    put_errors(out, &n->all);
    put_lists(out, n);
    put_more(out, n);
    buf_putc(out, '}');
}

void evaluation_list(struct buf *out, const char *name)
{
    member_key(out, name);
    buf_putc(out, '[');
}

void evaluation_point(struct buf *out, const struct evaluation_span *span,
                      const struct evaluation_numbers *n)
{
    if (out->len && out->p[out->len - 1] == '}')
        buf_putc(out, ',');
    buf_putc(out, '{');
    member_uint(out, span->from_name, span->from);
    member_uint(out, span->to_name, span->to);
    put_errors(out, &n->all);
    put_lists(out, n);
    buf_putc(out, '}');
}

void evaluation_list_end(struct buf *out)
{
    buf_putc(out, ']');
}

void evaluation_end(struct buf *out)
{
    buf_putc(out, '}');
}
