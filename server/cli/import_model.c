/* import_model.c -- the rows of a pretrained model, as lines for POST
 * /v1/admin/vectors. */
#include <stdio.h>
#include <sysexits.h>

#include "proto/vectors.h"
#include "server/app.h"
#include "server/cli/import.h"
#include "server/cli/pretrained.h"
#include "server/cli/progress.h"
#include "server/cli/sender.h"
#include "server/cli/server_says.h"

/* Rows on their way. */
struct rows {
    struct sender *s;
    struct progress bar;
    struct buf line;
    uint64_t sent, all;
    uint32_t count;
};

static bool send_one(struct rows *x, const struct vector *v)
{
    struct id key = v->user.len ? v->user : v->item;
    buf_clear(&x->line);
    vectors_write_line(&x->line, v);
    x->sent++;
    progress_show(&x->bar, x->sent, (double)x->sent / (double)x->all);
    return !replay_stopped && sender_put_line(x->s, key, &x->line);
}

static bool send_matrix(struct rows *x, const struct matrix *m,
                        const float *bias, const struct names *ids, bool users,
                        bool ranking)
{
    bool ok = true;
    for (size_t r = 0; ok && m->at && r < m->rows; r++) {
        struct id id = names_get(ids, r);
        struct vector v = {.ranking = ranking, .bias = bias ? bias[r] : 0,
                           .count = ranking ? 0 : x->count,
                           .at = &m->at[r * m->cols], .n = (uint32_t)m->cols};
        *(users ? &v.user : &v.item) = id;
        ok = id.len == 0 || send_one(x, &v);
    }
    return ok;
}

static bool send_head(struct rows *x, const struct pretrained *p,
                      const struct pretrained_head *h, bool ranking)
{
    return send_matrix(x, &h->users, h->user_bias, &p->user_ids, true,
                       ranking) &&
           send_matrix(x, &h->items, h->item_bias, &p->item_ids, false,
                       ranking);
}

static bool send_layers(struct rows *x, const struct pretrained *p)
{
    for (uint32_t i = 0; i < p->nlayers; i++) {
        const struct matrix *w = &p->layer[i].weight;
        const float *bias = p->layer[i].bias;
        for (size_t unit = 0; unit < w->rows; unit++) {
            struct vector v = {.is_layer = true, .layer = i,
                               .unit = (uint32_t)unit,
                               .layers = p->nlayers,
                               .bias = bias ? bias[unit] : 0,
                               .at = &w->at[unit * w->cols],
                               .n = (uint32_t)w->cols};
            if (!send_one(x, &v))
                return false;
        }
    }
    return true;
}

static void send_all(struct rows *x, const struct pretrained *p)
{
    struct vector mean = {.bias = (float)p->rating.mean,
                          .count = p->count};
    x->all = p->rating.users.rows + p->rating.items.rows +
             p->ranking.users.rows + p->ranking.items.rows +
             p->rating.has_mean;
    for (uint32_t i = 0; i < p->nlayers; i++)
        x->all += p->layer[i].weight.rows;
    progress_start(&x->bar, "sending", true);
    if ((!p->rating.has_mean || send_one(x, &mean)) &&
        send_head(x, p, &p->rating, false) &&
        send_head(x, p, &p->ranking, true))
        send_layers(x, p);
    progress_clear(&x->bar);
}

/* Layers know nothing of other factors than their own. */
static bool keeps_factors(const struct pretrained *p, uint64_t want)
{
    size_t had = p->nlayers ? p->layer[0].weight.cols / 3 : 0;
    if (had == 0 || had == want)
        return true;
    fprintf(stderr, "freshet import: the layers are made for %zu factors, the "
            "daemon has %llu: start it with --model.rating_dim=%zu, and "
            "--model.hidden for the layers\n", had, (unsigned long long)want,
            had);
    return false;
}

/* To the daemon's number of factors.  False: said why. */
static bool fit(struct pretrained_head *h, const char *head, const char *option,
                uint64_t want)
{
    size_t had = h->users.at ? h->users.cols : h->items.cols;
    double kept;
    if (had == 0 || had == want)
        return true;
    if (!projection_fit(&h->users, &h->items, want, &kept)) {
        fprintf(stderr, "freshet import: %s: %zu factors cannot become %llu "
                "(%s): %s\n", head, had, (unsigned long long)want, option,
                had > PROJECTION_MAX ? "more than 1024 are not projected"
                                     : "no memory");
        return false;
    }
    if (had < want)
        printf("%-10s %zu factors, %zu zeros behind them (%s)\n", head, had,
               (size_t)want - had, option);
    else
        printf("%-10s %zu factors projected to %llu (%s), which keep %.1f%% of "
               "what they say\n", head, had, (unsigned long long)want, option,
               100 * kept);
    return true;
}

static int deliver(const struct import *in, const struct pretrained *p,
                   uint64_t *seq)
{
    char error[256];
    struct rows x = {.count = p->count};
    int64_t start = app_now_ns();
    x.s = sender_new("import", in->r.to, in->r.token, in->r.connections,
                     error);
    if (!x.s) {
        fprintf(stderr, "freshet import: %s\n", error);
        return EX_OSERR;
    }
    sender_path(x.s, "/v1/admin/vectors");
    send_all(&x, p);
    int status = sender_finish(x.s);
    const struct sender_sums *sums = sender_sums(x.s);
    printf("sent       %llu rows in %.1f s; %llu accepted, %llu rejected\n",
           (unsigned long long)sums->sent,
           (double)(app_now_ns() - start) * 1e-9,
           (unsigned long long)sums->accepted,
           (unsigned long long)sums->rejected);
    *seq = sums->seq;
    if (status == 0 && sums->rejected)
        status = EX_DATAERR;
    sender_free(x.s);
    buf_release(&x.line);
    return status;
}

int import_model(const struct import *in, struct client *c, uint64_t *seq)
{
    struct pretrained p = {.count = 0};
    struct answer a;
    char error[PRETRAINED_ERROR];
    int status = server_stats("import", c, 0, &a);
    if (status)
        return status;
    if (pretrained_load(&p, in->r.file, in->map, error)) {
        pretrained_rescale(&p, a.rating_min, a.rating_max);
        bool fits = keeps_factors(&p, a.rating_dim) &&
                    fit(&p.rating, "rating", "model.rating_dim",
                        a.rating_dim) &&
                    fit(&p.ranking, "ranking", "model.ranking_dim",
                        a.ranking_dim);
        status = fits ? deliver(in, &p, seq) : EX_DATAERR;
    } else {
        fprintf(stderr, "freshet import: %s\n", error);
        status = EX_DATAERR;
    }
    pretrained_release(&p);
    return status;
}
