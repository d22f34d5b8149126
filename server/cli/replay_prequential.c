/* replay_prequential.c -- test-then-train over HTTP: what a user would see.
 *
 * For each rating in order: POST /v1/predict, then POST /v1/ratings and wait
 * until it is learned.  The error of the served predictions is that of
 * `freshet evaluate`, or the daemon does not serve what it learned.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "proto/ratings.h"
#include "server/app.h"
#include "server/cli/progress_bar.h"
#include "server/cli/replay.h"
#include "server/cli/server_says.h"

#define JSON "application/json"

struct sums {
    uint64_t n;
    double squared, absolute;
    struct answer last;
};

static void write_pair(struct buf *b, const struct rating *r)
{
    buf_clear(b);
    buf_puts(b, "{\"user_id\":");
    buf_json_string(b, r->user.s, r->user.len);
    buf_puts(b, ",\"item_id\":");
    buf_json_string(b, r->item.s, r->item.len);
    buf_puts(b, "}");
}

/* 0, or the exit status. */
static int one(struct client *c, const struct rating *r, struct buf *out,
               struct buf *in, struct sums *s)
{
    write_pair(out, r);
    int status = client_call(c, "POST", "/v1/predict", JSON, out->p, out->len,
                             in);
    if (status != 200 || !answer_parse(in->p, in->len, &s->last))
        return server_failed("replay", c, status, in);
    double error = s->last.rating - (double)r->value;
    s->n++;
    s->squared += error * error;
    s->absolute += fabs(error);
    buf_clear(out);
    ratings_write_line(out, r);
    status = client_call(c, "POST", "/v1/ratings?wait=applied", JSON, out->p,
                         out->len, in);
    if (status != 200 || !answer_parse(in->p, in->len, &s->last))
        return server_failed("replay", c, status, in);
    return 0;
}

int replay_prequential(struct replay *r)
{
    char error[256];
    struct progress_bar bar;
    struct buf out = {0}, in = {0};
    struct sums s = {0};
    int status = 0;
    struct client *c = client_new(r->to, r->token, error);
    if (!c) {
        fprintf(stderr, "freshet replay: %s\n", error);
        return EX_USAGE;
    }
    progress_bar_start(&bar, "testing ", r->ratings.n);
    int64_t start = app_now_ns();
    for (size_t i = 0; i < r->ratings.n && status == 0; i++) {
        struct rating rating = ratings_set_get(&r->ratings, i);
        status = one(c, &rating, &out, &in, &s);
        progress_bar_show(&bar, i + 1);
    }
    double took = (double)(app_now_ns() - start) * 1e-9;
    progress_bar_end(&bar, s.n);
    if (s.n)
        printf("served: RMSE %.6f, MAE %.6f over %llu ratings, each predicted, "
               "then sent and learned; %.0f requests/s\n",
               sqrt(s.squared / (double)s.n), s.absolute / (double)s.n,
               (unsigned long long)s.n, 2.0 * (double)s.n / took);
    buf_release(&out);
    buf_release(&in);
    client_free(c);
    return status ? status : replay_report(r, s.last.seq);
}
