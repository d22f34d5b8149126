/* import.c -- `freshet import`: what was learned, or can be, from a file: the
 * ratings of a data set with epochs of training, or the rows of a model that
 * another program has trained.  Both become events in the log of a running
 * daemon. */
#include "server/cli/import.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "proto/setup.h"
#include "proto/training.h"
#include "server/app.h"
#include "server/cli/command.h"
#include "server/cli/progress.h"
#include "server/cli/server_says.h"

#define ASK_NS 200000000   /* between two looks at how far it is */

static bool is_model(const char *file)
{
    static const char end[] = ".safetensors";
    size_t n = strlen(file), m = sizeof end - 1;
    return n >= m && strcmp(file + n - m, end) == 0;
}

/* ---- training ------------------------------------------------------------ */

/* Until the serving copy holds seq: epochs may take longer than a request may
 * wait. */
static int wait_for(struct client *c, uint64_t seq)
{
    const struct timespec nap = {0, ASK_NS};
    struct progress bar;
    struct answer a = {.model_seq = 0};
    int status = 0;
    progress_start(&bar, "training", false);
    while (!replay_stopped) {
        status = server_stats("import", c, 0, &a);
        if (status || a.model_seq >= seq)
            break;
        progress_show(&bar, 0, -1);
        nanosleep(&nap, NULL);
    }
    progress_clear(&bar);
    return status;
}

static int train(const struct import *in, struct client *c, uint64_t *seq)
{
    struct buf body = {0}, answer = {0};
    struct answer a = {.seq = 0};
    int64_t start = app_now_ns();
    training_write(&body, &in->training);
    int got = client_call(c, "POST", "/v1/admin/train", "application/json",
                          &body, &answer);
    int status = 0;
    if (got != 202 || !answer_parse(answer.p, answer.len, &a))
        status = server_failed("import", c, got, &answer);
    else {
        *seq = a.seq;
        status = wait_for(c, a.seq);
    }
    if (status == 0 && !replay_stopped)
        printf("trained    %u epochs in %.1f s\n", in->training.epochs,
               (double)(app_now_ns() - start) * 1e-9);
    buf_release(&body);
    buf_release(&answer);
    return status;
}

/* ---- the command --------------------------------------------------------- */

static int run(struct import *in, struct client *c)
{
    uint64_t seq = 0;
    int status = is_model(in->r.file) ? import_model(in, c, &seq)
                                      : replay_run(&in->r, c, &seq);
    if (status && status != EX_DATAERR)
        return status;
    if (!is_model(in->r.file) && !in->r.opened)
        return status;
    int after = 0;
    if (in->trains && seq && !replay_stopped)
        after = train(in, c, &seq);
    if (after == 0 && seq)
        after = replay_report(&in->r, c, seq);
    return status ? status : after;
}

static int take_words(struct import *in, int argc, char **argv)
{
    char error[256];
    const char *token_file = NULL;
    double connections = 1;
    struct training_words words = {0};
    struct replay *r = &in->r;
    const struct argument list[] = {
        {"map", ARGUMENT_TEXT, &in->map, 0, 0, NULL},
        {"to", ARGUMENT_TEXT, &r->to, 0, 0, NULL},
        {"connections", ARGUMENT_NUMBER, &connections, 1, 256, NULL},
        {"token-file", ARGUMENT_TEXT, &token_file, 0, 0, NULL},
        TRAINING_ARGUMENTS(&words)};
    int status = arguments_take("import", list, ARGUMENTS_N(list), argc,
                                (const char *const *)argv, &r->file);
    if (status)
        return status;
    if (!r->file || (in->map && !is_model(r->file))) {
        fprintf(stderr, "freshet import: %s See freshet help import\n",
                r->file ? "--map goes with FILE.safetensors."
                        : "which FILE?");
        return EX_USAGE;
    }
    if (!client_token(token_file, r->token, error)) {
        fprintf(stderr, "freshet import: %s\n", error);
        return EX_USAGE;
    }
    r->connections = (int)connections;
    r->by_time = strcmp(r->file, "-") != 0;
    return training_words_take("import", &words, &in->training, &in->trains);
}

int cmd_import(int argc, char **argv)
{
    struct import in = {.r = replay_default("import")};
    char error[256];
    proto_setup();
    int status = take_words(&in, argc, argv);
    if (status)
        return status;
    struct client *c = client_new(in.r.to, in.r.token, error);
    if (c)
        status = run(&in, c);
    else {
        fprintf(stderr, "freshet import: %s\n", error);
        status = EX_USAGE;
    }
    client_free(c);
    replay_release(&in.r);
    return status;
}
