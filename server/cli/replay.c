/* replay.c -- `freshet replay`: a file of ratings, or standard input as it
 * comes, sent to a running daemon; at the end, what that daemon says.
 *
 * In order of time the file is read and sorted first; in its own order, and
 * from standard input, it is sent while it is read.
 */
#include "server/cli/replay.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "proto/setup.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/sender.h"
#include "server/cli/server_says.h"

#define BAD_SHOWN 10

volatile sig_atomic_t replay_stopped;

static void on_interrupt(int sig)
{
    (void)sig;
    replay_stopped = 1;
}

/* The first Ctrl-C ends the stream in good order, a second one the program. */
static void catch_interrupt(void)
{
    struct sigaction a = {.sa_handler = on_interrupt,
                          .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
}

/* ---- the ratings -------------------------------------------------------- */

static void tell_bad(struct replay *r, const char *error)
{
    if (r->bad++ < BAD_SHOWN)
        fprintf(stderr, "freshet %s: %s; left out\n", r->command, error);
    if (r->bad == BAD_SHOWN)
        fprintf(stderr, "freshet %s: further lines are left out silently\n",
                r->command);
}

bool replay_next(struct replay *r, struct rating *out)
{
    char error[512];
    enum ratings_next got = NEXT_BAD;
    if (replay_stopped || (r->limit && r->taken >= r->limit))
        return false;
    if (!r->source) {
        if (r->taken >= r->set.n)
            return false;
        *out = ratings_set_get(&r->set, r->taken++);
        r->part = (double)r->taken / (double)r->set.n;
        return true;
    }
    while (got == NEXT_BAD) {
        got = ratings_source_next(r->source, out, error);
        if (got == NEXT_BAD || got == NEXT_FAILED)
            tell_bad(r, error);
    }
    r->taken += got == NEXT_RATING;
    r->part = r->limit ? (double)r->taken / (double)r->limit
                       : ratings_source_part(r->source);
    return got == NEXT_RATING;
}

static bool open_ratings(struct replay *r)
{
    char error[512];
    if (r->by_time && ratings_set_load(&r->set, r->file, &r->limits, r->limit,
                                       error)) {
        ratings_set_sort(&r->set);
        return true;
    }
    if (!r->by_time)
        r->source = ratings_source_open(r->file, &r->limits, error);
    if (r->source)
        return true;
    fprintf(stderr, "freshet %s: %s\n", r->command, error);
    return false;
}

/* ---- the daemon --------------------------------------------------------- */

/* Is it there, may we, and which ratings does it take? */
static int ask_first(struct replay *r, struct client *c)
{
    struct answer a;
    int status = server_stats(r->command, c, 0, &a);
    if (status == 0) {
        r->limits.rating_min = (float)a.rating_min;
        r->limits.rating_max = (float)a.rating_max;
    }
    return status;
}

int replay_report(const struct replay *r, struct client *c, uint64_t seq)
{
    struct answer a;
    int status = server_stats(r->command, c, seq, &a);
    if (status)
        return status;
    printf("daemon     seq %llu, model_seq %llu; %llu users, %llu items, %llu "
           "ratings learned\n", (unsigned long long)a.seq,
           (unsigned long long)a.model_seq, (unsigned long long)a.users,
           (unsigned long long)a.items, (unsigned long long)a.events);
    if (a.events)
        printf("           RMSE %.4f, recent %.4f, MAE %.4f (each rating "
               "predicted before it was learned)\n", a.rmse, a.rmse_recent,
               a.mae);
    printf("           model_hash %s\n", a.model_hash);
    return 0;
}

int replay_run(struct replay *r, struct client *c, uint64_t *seq)
{
    int status = ask_first(r, c);
    if (status)
        return status;
    r->opened = open_ratings(r);
    if (!r->opened)
        return EX_DATAERR;
    catch_interrupt();
    status = r->prequential ? replay_prequential(r, seq)
                            : replay_stream(r, seq);
    if (r->bad)
        fprintf(stderr, "freshet %s: %llu lines were left out\n", r->command,
                (unsigned long long)r->bad);
    return status ? status : r->bad ? EX_DATAERR : 0;
}

struct replay replay_default(const char *command)
{
    return (struct replay){
        .command = command, .to = "http://127.0.0.1:8470", .part = -1,
        .connections = 1,
        .limits = {.json_depth = 32, .array_elements = 10000,
                   .json_values = 200000, .now_ms = app_now_ms(),
                   // the daemon has its own idea of what is too far ahead
                   .future_ms = INT64_C(100000) * 365 * 86400000}};
}

void replay_release(struct replay *r)
{
    ratings_set_release(&r->set);
    ratings_source_close(r->source);
    explicit_bzero(r->token, sizeof r->token);
}

/* ---- the command -------------------------------------------------------- */

static int take_words(struct replay *r, int argc, char **argv)
{
    char error[256];
    const char *token_file = NULL;
    double connections = 1, limit = 0;
    int order = -1;
    const struct argument list[] = {
        {"to", ARGUMENT_TEXT, &r->to, 0, 0, NULL},
        {"rate", ARGUMENT_NUMBER, &r->rate, 0, 1e9, NULL},
        {"connections", ARGUMENT_NUMBER, &connections, 1, SENDER_CONNECTIONS,
         NULL},
        {"order", ARGUMENT_CHOICE, &order, 0, 0, "time|file"},
        {"limit", ARGUMENT_NUMBER, &limit, 0, 1e15, NULL},
        {"token-file", ARGUMENT_TEXT, &token_file, 0, 0, NULL},
        {"prequential", ARGUMENT_FLAG, &r->prequential, 0, 0, NULL}};
    int status = arguments_take("replay", list, ARGUMENTS_N(list), argc,
                                (const char *const *)argv, &r->file);
    if (status)
        return status;
    if (!r->file) {
        fprintf(stderr, "freshet replay: which FILE (or - for standard "
                "input)? See freshet help replay\n");
        return EX_USAGE;
    }
    if (!client_token(token_file, r->token, error)) {
        fprintf(stderr, "freshet replay: %s\n", error);
        return EX_USAGE;
    }
    r->connections = (int)connections;
    r->limit = (uint64_t)limit;
    // standard input may have no end to wait for
    r->by_time = order < 0 ? strcmp(r->file, "-") != 0 : order == 0;
    return 0;
}

/* All of it, and what the daemon says then. */
static int run(struct replay *r, struct client *c)
{
    uint64_t seq = 0;
    int status = replay_run(r, c, &seq);
    if (status == EX_UNAVAILABLE || !r->opened)
        return status; // it would not answer this either
    int told = replay_report(r, c, seq);
    return status ? status : told;
}

int cmd_replay(int argc, char **argv)
{
    struct replay r = replay_default("replay");
    char error[256];
    int status = take_words(&r, argc, argv);
    if (status)
        return status;
    proto_setup();
    struct client *c = client_new(r.to, r.token, error);
    if (c)
        status = run(&r, c);
    else {
        fprintf(stderr, "freshet replay: %s\n", error);
        status = EX_USAGE;
    }
    client_free(c);
    replay_release(&r);
    return status;
}
