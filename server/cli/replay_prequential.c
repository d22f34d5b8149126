/* replay_prequential.c -- test-then-train over HTTP: what a user would see.
 *
 * For each rating in order: POST /v1/predict, then POST /v1/ratings and wait
 * until it is learned.  The error of the served predictions is that of
 * `freshet evaluate`, or the daemon does not serve what it learned.
 */
#include <math.h>
#include <stdio.h>
#include <sysexits.h>

#include "proto/ratings.h"
#include "server/app.h"
#include "server/cli/progress.h"
#include "server/cli/replay.h"
#include "server/cli/server_says.h"

#define JSON "application/json"

struct test {
    struct client *client;
    struct buf out, in;
    struct answer says;
    uint64_t n;
    double squared, absolute;   /* sums of errors */
};

/* POSTs t->out; the answer is in t->says.  0, or the exit status. */
static int ask(struct test *t, const char *path)
{
    int status = client_call(t->client, "POST", path, JSON, &t->out, &t->in);
    if (status == 200 && answer_parse(t->in.p, t->in.len, &t->says))
        return 0;
    return server_failed("replay", t->client, status, &t->in);
}

static int test_one(struct test *t, const struct rating *r)
{
    buf_clear(&t->out);
    buf_puts(&t->out, "{\"user_id\":");
    buf_json_string(&t->out, r->user.s, r->user.len);
    buf_puts(&t->out, ",\"item_id\":");
    buf_json_string(&t->out, r->item.s, r->item.len);
    if (r->time_ms != TIME_UNSET) // the session's mood then
        ratings_write_time(&t->out, r->time_ms);
    buf_putc(&t->out, '}');
    int status = ask(t, "/v1/predict");
    if (status)
        return status;
    double error = t->says.rating - (double)r->value;
    buf_clear(&t->out);
    ratings_write_line(&t->out, r);
    status = ask(t, "/v1/ratings?wait=applied");
    if (status || r->unrated)
        return status;
    t->n++;
    t->squared += error * error;
    t->absolute += fabs(error);
    return 0;
}

int replay_prequential(struct replay *r, uint64_t *seq)
{
    char error[256];
    struct test t = {.client = client_new(r->to, r->token, error)};
    struct progress bar;
    struct rating rating;
    int status = 0;
    if (!t.client) {
        fprintf(stderr, "freshet replay: %s\n", error);
        return EX_OSERR;
    }
    progress_start(&bar, "testing", true);
    int64_t start = app_now_ns();
    while (status == 0 && replay_next(r, &rating)) {
        status = test_one(&t, &rating);
        progress_show(&bar, t.n, r->part);
    }
    double seconds = (double)(app_now_ns() - start) * 1e-9;
    progress_clear(&bar);
    if (t.n)
        printf("served     RMSE %.6f, MAE %.6f over %llu ratings: each "
               "predicted, then sent and learned\n           %.0f requests/s, "
               "one after the other\n", sqrt(t.squared / (double)t.n),
               t.absolute / (double)t.n, (unsigned long long)t.n,
               2 * (double)t.n / seconds);
    fflush(stdout);
    *seq = t.says.seq;
    buf_release(&t.out);
    buf_release(&t.in);
    client_free(t.client);
    return status;
}
