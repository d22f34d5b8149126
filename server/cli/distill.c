/* distill.c -- `freshet distill`: a teacher, which may be larger than the daemon
 * could serve, says what it thinks of pairs that nobody need have rated; the
 * daemon learns that as it learns ratings (model/learn/distill.h).
 *
 * Which pairs: users and items drawn uniformly, by a generator that gives the
 * same ones each time.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "model/core/random.h"
#include "proto/setup.h"
#include "proto/vectors.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/pretrained.h"
#include "server/cli/progress.h"
#include "server/cli/sender.h"
#include "server/cli/server_says.h"

#define PAIRS      100000
#define PAIRS_MAX  1e12
#define DRAW_AGAIN 100     /* rows without an id in a row, and it gives up */

struct distill {
    const char *file, *map, *to;
    char token[CLIENT_TOKEN_MAX];
    uint64_t pairs, seed;
    int connections;
    struct pretrained teacher;
    double lowest, highest;      /* ratings that the daemon takes */
};

/* ---- what the teacher says ----------------------------------------------- */

static float rating_of(const struct distill *d, size_t user, size_t item)
{
    const struct pretrained_head *h = &d->teacher.rating;
    const float *p = &h->users.at[user * h->users.cols];
    const float *q = &h->items.at[item * h->items.cols];
    double r = h->mean + (h->user_bias ? (double)h->user_bias[user] : 0) +
               (h->item_bias ? (double)h->item_bias[item] : 0);
    for (size_t k = 0; k < h->users.cols; k++)
        r += (double)p[k] * (double)q[k];
    return (float)fmin(fmax(r, d->lowest), d->highest);
}

/* The k-th pair.  False: too many rows have no id. */
static bool draw(const struct distill *d, uint64_t k, struct rating *out)
{
    const struct pretrained *t = &d->teacher;
    for (uint64_t again = 0; again < DRAW_AGAIN; again++) {
        uint64_t user = random_u64(d->seed, RANDOM_TEACHER, k, 2 * again);
        uint64_t item = random_u64(d->seed, RANDOM_TEACHER, k, 2 * again + 1);
        uint32_t u = random_below(user, (uint32_t)t->rating.users.rows);
        uint32_t i = random_below(item, (uint32_t)t->rating.items.rows);
        *out = (struct rating){.user = names_get(&t->user_ids, u),
                               .item = names_get(&t->item_ids, i),
                               .time_ms = TIME_UNSET,
                               .has_teacher = true,
                               .teacher = rating_of(d, u, i),
                               .unrated = true};
        if (out->user.len && out->item.len)
            return true;
    }
    return false;
}

/* ---- sending ------------------------------------------------------------- */

/* A daemon that has no ratings of its own starts from the teacher's mean. */
static int send_mean(const struct distill *d, struct client *c)
{
    struct vector mean = {.bias = (float)d->teacher.rating.mean};
    struct buf body = {0}, answer = {0};
    vectors_write_line(&body, &mean);
    int got = client_call(c, "POST", "/v1/admin/vectors", "application/json",
                          &body, &answer);
    int status = got == 202 ? 0 : server_failed("distill", c, got, &answer);
    buf_release(&body);
    buf_release(&answer);
    return status;
}

static int send_pairs(const struct distill *d, struct client *c)
{
    char error[256];
    struct progress bar;
    struct rating r;
    struct answer a;
    int64_t start = app_now_ns();
    struct sender *s = sender_new("distill", d->to, d->token, d->connections,
                                  error);
    if (!s) {
        fprintf(stderr, "freshet distill: %s\n", error);
        return EX_OSERR;
    }
    progress_start(&bar, "teaching", true);
    for (uint64_t k = 0; k < d->pairs; k++) {
        if (!draw(d, k, &r) || !sender_put(s, &r))
            break;
        progress_show(&bar, k, (double)k / (double)d->pairs);
    }
    progress_clear(&bar);
    int status = sender_finish(s);
    const struct sender_sums *sums = sender_sums(s);
    printf("taught     %llu pairs in %.1f s; %llu accepted, %llu rejected\n",
           (unsigned long long)sums->sent,
           (double)(app_now_ns() - start) * 1e-9,
           (unsigned long long)sums->accepted,
           (unsigned long long)sums->rejected);
    if (status == 0 && sums->rejected)
        status = EX_DATAERR;
    if (status == 0)
        status = server_stats("distill", c, sums->seq, &a);
    if (status == 0)
        printf("daemon     seq %llu, model_seq %llu; %llu users, %llu items\n",
               (unsigned long long)a.seq, (unsigned long long)a.model_seq,
               (unsigned long long)a.users, (unsigned long long)a.items);
    sender_free(s);
    return status;
}

static int run(struct distill *d, struct client *c)
{
    struct answer a;
    char error[PRETRAINED_ERROR];
    const struct pretrained_head *h = &d->teacher.rating;
    int status = server_stats("distill", c, 0, &a);
    if (status)
        return status;
    if (!pretrained_load(&d->teacher, d->file, d->map, error)) {
        fprintf(stderr, "freshet distill: %s\n", error);
        return EX_DATAERR;
    }
    if (!h->users.at || !h->items.at || h->users.rows > UINT32_MAX ||
        h->items.rows > UINT32_MAX) {
        fprintf(stderr, "freshet distill: a teacher needs users and items of "
                "a model of ratings\n");
        return EX_DATAERR;
    }
    d->lowest = a.rating_min;
    d->highest = a.rating_max;
    pretrained_rescale(&d->teacher, d->lowest, d->highest);
    if (a.events == 0 && h->has_mean)
        status = send_mean(d, c);
    return status ? status : send_pairs(d, c);
}

/* ---- the command --------------------------------------------------------- */

static int take_words(struct distill *d, int argc, char **argv)
{
    char error[256];
    const char *token_file = NULL;
    double pairs = PAIRS, connections = 1, seed = 1;
    const struct argument list[] = {
        {"map", ARGUMENT_TEXT, &d->map, 0, 0, NULL},
        {"pairs", ARGUMENT_NUMBER, &pairs, 1, PAIRS_MAX, NULL},
        {"seed", ARGUMENT_NUMBER, &seed, 0, 1e15, NULL},
        {"to", ARGUMENT_TEXT, &d->to, 0, 0, NULL},
        {"connections", ARGUMENT_NUMBER, &connections, 1, SENDER_CONNECTIONS,
         NULL},
        {"token-file", ARGUMENT_TEXT, &token_file, 0, 0, NULL}};
    int status = arguments_take("distill", list, ARGUMENTS_N(list), argc,
                                (const char *const *)argv, &d->file);
    if (status)
        return status;
    if (!d->file) {
        fprintf(stderr, "freshet distill: which FILE.safetensors? See freshet "
                "help distill\n");
        return EX_USAGE;
    }
    if (!client_token(token_file, d->token, error)) {
        fprintf(stderr, "freshet distill: %s\n", error);
        return EX_USAGE;
    }
    d->pairs = (uint64_t)pairs;
    d->seed = (uint64_t)seed;
    d->connections = (int)connections;
    return 0;
}

int cmd_distill(int argc, char **argv)
{
    struct distill d = {.to = "http://127.0.0.1:8470"};
    char error[256];
    int status = take_words(&d, argc, argv);
    if (status)
        return status;
    proto_setup();
    struct client *c = client_new(d.to, d.token, error);
    if (c)
        status = run(&d, c);
    else {
        fprintf(stderr, "freshet distill: %s\n", error);
        status = EX_USAGE;
    }
    client_free(c);
    pretrained_release(&d.teacher);
    explicit_bzero(d.token, sizeof d.token);
    return status;
}
