/* demo.c -- `freshet demo`: the daemon, and a client that feeds it.
 *
 * The client is a thread of this process, but it goes through the public HTTP
 * API like anyone's: ratings as a stream of NDJSON, GET /v1/stats for the
 * status line.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "proto/ratings.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/demo_stream.h"
#include "server/cli/server_says.h"
#include "server/cli/usage.h"
#include "server/serve.h"

#define SEED 2026

struct demo {
    double rate, seconds;
    char url[320];
    char token[600];
    bool terminal;
    double floor;
    pthread_t feeder, watcher;
    bool feeding, watching;
    atomic_bool stop;            /* the only thing the threads share */
};

static void nap(double seconds)
{
    struct timespec t = {(time_t)seconds,
                         (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

/* ---- the stream -------------------------------------------------------- */

/* Sends for as long as the upload lasts. */
static void feed_once(struct demo *d, struct demo_stream *s, struct client *c)
{
    struct buf b = {0};
    int64_t start = app_now_ns();
    uint64_t sent = 0;
    bool ok = client_upload_start(c, "/v1/ratings", "application/x-ndjson");
    while (ok && !atomic_load(&d->stop)) {
        double due = (double)(app_now_ns() - start) * 1e-9 * d->rate;
        buf_clear(&b);
        while ((double)sent < due && b.len < 16384) {
            struct rating r = demo_stream_next(s);
            ratings_write_line(&b, &r);
            sent++;
        }
        ok = client_upload_send(c, b.p, b.len);
        nap(d->rate > 200 ? 0.005 : 1 / d->rate);
    }
    client_upload_end(c, &b);
    buf_release(&b);
}

static void *feeder_main(void *arg)
{
    struct demo *d = arg;
    struct demo_stream s;
    char error[256];
    struct client *c = client_new(d->url, d->token, error);
    demo_stream_init(&s, SEED);
    while (c && !atomic_load(&d->stop)) {
        feed_once(d, &s, c);
        if (!atomic_load(&d->stop))
            nap(0.2);
    }
    client_free(c);
    return NULL;
}

/* ---- the status line --------------------------------------------------- */

static void print_welcome(const struct demo *d)
{
    const char *token = d->token[0]
                            ? " -H \"Authorization: Bearer $FRESHET_AUTH_TOKEN"
                              "\"" : "";
    printf("\nfreshet demo: %d people rate %d films at %g ratings per second, "
           "over HTTP.\nTheir tastes are hidden from the model; noise alone "
           "costs an RMSE of %.3f.\nPaste these into another terminal:\n\n",
           DEMO_USERS, DEMO_ITEMS, d->rate, d->floor);
    printf("curl -s%s -H 'Content-Type: application/json' %s/v1/predict \\\n"
           "  -d '{\"user_id\":\"you\",\"item_id\":\"The Last River\"}'\n\n",
           token, d->url);
    printf("curl -s%s -H 'Content-Type: application/json' "
           "'%s/v1/ratings?wait=applied' \\\n  -d '{\"user_id\":\"you\","
           "\"item_id\":\"The Last River\",\"rating\":5}'\n\n", token, d->url);
    printf("curl -s%s '%s/v1/users/you/recommendations?n=5'\n\n", token,
           d->url);
    printf("Ctrl-C ends the demo.\n\n");
    fflush(stdout);
}

static void print_status(const struct demo *d, const struct answer *a)
{
    char line[240];
    snprintf(line, sizeof line, "%llu ratings learned | RMSE %.3f overall, "
             "%.3f recent (noise %.3f) | a rating is served %.1f ms after it "
             "came (p99 %.1f)", (unsigned long long)a->events, a->rmse,
             a->rmse_recent, d->floor, a->visible_p50 * 1e3,
             a->visible_p99 * 1e3);
    printf(d->terminal ? "\r\033[K%s" : "%s\n", line);
    fflush(stdout);
}

static void *watcher_main(void *arg)
{
    struct demo *d = arg;
    struct buf b = {0};
    struct answer a;
    char error[256];
    int64_t start = app_now_ns();
    struct client *c = client_new(d->url, d->token, error);
    print_welcome(d);
    while (c && !atomic_load(&d->stop)) {
        for (int i = 0; i < (d->terminal ? 5 : 50); i++)
            if (!atomic_load(&d->stop))
                nap(0.1);
        if (server_stats(c, &b, &a) && a.events)
            print_status(d, &a);
        double ran = (double)(app_now_ns() - start) * 1e-9;
        if (d->seconds > 0 && ran >= d->seconds)
            kill(getpid(), SIGTERM); // as Ctrl-C would: the daemon drains
        if (d->seconds > 0 && ran >= d->seconds)
            break;
    }
    if (d->terminal)
        putchar('\n');
    buf_release(&b);
    client_free(c);
    return NULL;
}

static void started(void *arg, const char *url)
{
    struct demo *d = arg;
    snprintf(d->url, sizeof d->url, "%s", url);
    d->watching = pthread_create(&d->watcher, NULL, watcher_main, d) == 0;
    d->feeding = pthread_create(&d->feeder, NULL, feeder_main, d) == 0;
}

static void stopping(void *arg)
{
    struct demo *d = arg;
    atomic_store(&d->stop, true);
    if (d->feeding)
        pthread_join(d->feeder, NULL);
    if (d->watching)
        pthread_join(d->watcher, NULL);
}

/* ---- the command ------------------------------------------------------- */

static bool take_word(struct demo *d, const char *word)
{
    const char *rate = argument_value(word, "rate");
    const char *seconds = argument_value(word, "seconds");
    if (rate)
        return argument_number("demo", "rate", rate, 1, 1e6, &d->rate);
    if (seconds)
        return argument_number("demo", "seconds", seconds, 0, 1e9,
                               &d->seconds);
    usage_unknown_word("demo", word);
    return false;
}

int cmd_demo(int argc, char **argv)
{
    static struct config cfg;
    struct demo d = {.rate = 500, .terminal = isatty(STDOUT_FILENO)};
    struct serve_guest guest = {&d, started, stopping};
    char error[CONFIG_ERROR_MAX];
    int nrest = 0, status = EX_USAGE;
    const char *token = getenv("FRESHET_AUTH_TOKEN");
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    if (!rest || !config_load(&cfg, argc, argv, rest, &nrest, error)) {
        fprintf(stderr, "freshet demo: %s\n", rest ? error : "no memory");
        free(rest);
        return EX_CONFIG;
    }
    for (int i = 0; i < nrest; i++)
        if (!take_word(&d, rest[i]))
            goto out;
    snprintf(d.token, sizeof d.token, "%s", token ? token : "");
    d.floor = demo_stream_floor(SEED);
    status = serve_run(&cfg, argc, argv, &guest);
out:
    free(rest);
    return status;
}
