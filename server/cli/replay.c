/* replay.c -- `freshet replay`: words, token, report. */
#include "server/cli/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "proto/setup.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/server_says.h"
#include "server/cli/usage.h"

int replay_report(struct replay *r, uint64_t seq)
{
    char error[256], path[64];
    struct buf b = {0};
    struct answer a;
    int status = 0;
    struct client *c = client_new(r->to, r->token, error);
    if (!c)
        return EX_OSERR;
    snprintf(path, sizeof path, "/v1/stats?min_seq=%llu",
             (unsigned long long)seq);
    for (int try = 0; try < 60 && status != 200; try++) {
        status = client_call(c, "GET", path, NULL, NULL, 0, &b);
        if (status != 200 && status != 503)
            break;
    }
    if (status != 200 || !answer_parse(b.p, b.len, &a)) {
        status = server_failed("replay", c, status, &b);
    } else {
        printf("the daemon: seq %llu, model_seq %llu, %llu users, %llu items, "
               "%llu events\n", (unsigned long long)a.seq,
               (unsigned long long)a.model_seq, (unsigned long long)a.users,
               (unsigned long long)a.items, (unsigned long long)a.events);
        printf("            RMSE %.4f, recent %.4f, MAE %.4f, model_hash "
               "%s\n", a.rmse, a.rmse_recent, a.mae, a.model_hash);
        status = 0;
    }
    buf_release(&b);
    client_free(c);
    return status;
}

static bool take_token(const char *path, char *token, size_t size)
{
    FILE *f = fopen(path, "re");
    if (!f || !fgets(token, (int)size, f)) {
        fprintf(stderr, "freshet replay: cannot read a token from %s\n", path);
        if (f)
            fclose(f);
        return false;
    }
    fclose(f);
    token[strcspn(token, "\r\n")] = '\0';
    return true;
}

static bool take_number(struct replay *r, const char *word, double v[4])
{
    static const struct {
        const char *name;
        double min, max;
    } numbers[] = {{"rate", 0, 1e9}, {"connections", 1, 256},
                   {"limit", 0, 1e15}, {"min", -1e6, 1e6}, {"max", -1e6, 1e6}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *value = argument_value(word, numbers[i].name);
        double out;
        if (!value)
            continue;
        if (!argument_number("replay", numbers[i].name, value, numbers[i].min,
                             numbers[i].max, &out))
            return false;
        if (i < 3)
            v[i] = out;
        else if (i == 3)
            r->limits.rating_min = (float)out;
        else
            r->limits.rating_max = (float)out;
        return true;
    }
    usage_unknown_word("replay", word);
    return false;
}

static bool take_word(struct replay *r, const char *word, double v[4],
                      char *token, size_t size)
{
    const char *to = argument_value(word, "to");
    const char *file = argument_value(word, "token-file");
    const char *order = argument_value(word, "order");
    if (to)
        r->to = to;
    else if (file)
        return take_token(file, token, size);
    else if (order)
        return argument_order("replay", order, &r->by_time);
    else if (strcmp(word, "--prequential") == 0)
        r->prequential = true;
    else if ((word[0] != '-' || word[1] == '\0') && !r->file)
        r->file = word;
    else
        return take_number(r, word, v);
    return true;
}

static int run(struct replay *r)
{
    char error[512];
    int status = EX_DATAERR;
    if (strcmp(r->file, "-") == 0)
        return replay_stdin(r);
    if (!ratings_set_load(&r->ratings, r->file, &r->limits, r->limit, error)) {
        fprintf(stderr, "freshet replay: %s (--min, --max give the range)\n",
                error);
    } else {
        if (r->by_time)
            ratings_set_sort(&r->ratings);
        status = r->prequential ? replay_prequential(r) : replay_stream(r);
    }
    ratings_set_release(&r->ratings);
    return status;
}

int cmd_replay(int argc, char **argv)
{
    char token[600] = "";
    double v[4] = {0, 1, 0, 0};
    const char *env = getenv("FRESHET_AUTH_TOKEN");
    struct replay r = {
        .to = "http://127.0.0.1:8470", .by_time = true,
        .limits = {.json_depth = 32, .array_elements = 10000,
                   .json_values = 200000, .rating_min = 1, .rating_max = 5,
                   .now_ms = app_now_ms(), .future_ms = 86400000}};
    if (env)
        snprintf(token, sizeof token, "%s", env);
    for (int i = 0; i < argc; i++)
        if (!take_word(&r, argv[i], v, token, sizeof token))
            return EX_USAGE;
    if (!r.file) {
        fprintf(stderr, "freshet replay: which FILE (or - for standard "
                "input)? See freshet help replay\n");
        return EX_USAGE;
    }
    r.rate = v[0];
    r.connections = (int)v[1];
    r.limit = (uint64_t)v[2];
    r.token = token;
    proto_setup();
    return run(&r);
}
