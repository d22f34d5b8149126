/* demo.c -- `freshet demo`: the daemon, and beside it a client that feeds it.
 *
 * The client is two threads of this process, but they go through the public
 * HTTP API like anyone's: the feeder streams ratings as NDJSON, the watcher
 * asks GET /v1/stats for the status line.
 *
 * DESIGN  The threads share one flag, `stop`, set by the main thread before it
 * joins them.  It is relaxed: nothing is published through it, and the join
 * orders the rest.
 */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/demo_stream.h"
#include "server/cli/progress.h"
#include "server/cli/sender.h"
#include "server/cli/server_says.h"
#include "server/log.h"
#include "server/serve.h"

#define SEED     2026
#define TICK_MS  10     /* what fell due is sent together */
#define DRAW_MS  500    /* between status lines on a terminal */
#define LINE_MS  5000   /* ... elsewhere */

struct demo {
    /* set before the threads start */
    double rate, seconds;       /* seconds: 0: until Ctrl-C */
    const char *token_file;     /* "" if the token is in the environment */
    char token[CLIENT_TOKEN_MAX];
    const char *url;
    struct demo_stream *stream; /* then the feeder's */
    double best;
    char user[64], item[64];    /* for the commands to paste */
    bool terminal;
    /* main thread */
    pthread_t feeder, watcher;
    bool feeding, watching;
    /* shared: atomic */
    atomic_bool stop;
};

static bool stopped(struct demo *d)
{
    return atomic_load_explicit(&d->stop, memory_order_relaxed);
}

static void nap(struct demo *d, int ms)
{
    const struct timespec step = {0, TICK_MS * 1000000};
    for (; ms > 0 && !stopped(d); ms -= TICK_MS)
        nanosleep(&step, NULL);
}

/* ---- feeding ------------------------------------------------------------ */

static void feed(struct demo *d, struct sender *s)
{
    int64_t start = app_now_ns();
    uint64_t sent = 0;
    bool ok = true;
    while (ok && !stopped(d)) {
        double due = (double)(app_now_ns() - start) * 1e-9 * d->rate;
        for (; ok && (double)sent < due; sent++) {
            struct rating r = demo_stream_next(d->stream);
            ok = sender_put(s, &r);
        }
        ok = ok && sender_flush(s) && sender_tick(s);
        nap(d, TICK_MS);
    }
    sender_finish(s);
}

static void *feeder_main(void *arg)
{
    struct demo *d = arg;
    char error[256];
    struct sender *s = sender_new("demo", d->url, d->token, 1, error);
    if (s)
        feed(d, s);
    else
        fprintf(stderr, "freshet demo: %s\n", error);
    sender_free(s);
    return NULL;
}

/* ---- the status line ---------------------------------------------------- */

static void print_welcome(const struct demo *d)
{
    char auth[CONFIG_STR_MAX + 64] = "";
    if (d->token[0] && d->token_file[0])
        snprintf(auth, sizeof auth, " -H \"Authorization: Bearer $(cat %s)\"",
                 d->token_file);
    else if (d->token[0])
        snprintf(auth, sizeof auth, " -H \"Authorization: Bearer "
                 "$FRESHET_AUTH_TOKEN\"");
    printf("\n%d people rate %d films, %g ratings per second, over HTTP. Their "
           "tastes are\nhidden; whoever knew them would still be off by an "
           "RMSE of %.3f: chance.\nPaste into another terminal:\n\n",
           DEMO_USERS, DEMO_ITEMS, d->rate, d->best);
    printf("curl -s%s -H 'Content-Type: application/json' %s/v1/predict \\\n"
           "  -d '{\"user_id\":\"%s\",\"item_id\":\"%s\"}'\n\n", auth, d->url,
           d->user, d->item);
    printf("curl -s%s -H 'Content-Type: application/json' "
           "'%s/v1/ratings?wait=applied' \\\n  -d '{\"user_id\":\"%s\","
           "\"item_id\":\"%s\",\"rating\":5}'\n\n", auth, d->url, d->user,
           d->item);
    printf("curl -s%s '%s/v1/users/%s/recommendations?n=5'\n\n", auth, d->url,
           d->user);
    printf("Ctrl-C ends the demo.\n\n");
    fflush(stdout);
}

static void print_status(const struct demo *d, const struct answer *a,
                         double rate)
{
    char count[32], visible[64] = "";
    if (isfinite(a->visible_p99))
        snprintf(visible, sizeof visible, " | served after %.1f ms (p99)",
                 a->visible_p99 * 1e3);
    printf("%s%s ratings, %.0f/s | RMSE %.3f, recent %.3f, best possible "
           "%.3f%s%s", d->terminal ? "\r\033[K" : "",
           progress_count(count, a->events), rate, a->rmse, a->rmse_recent,
           d->best, visible, d->terminal ? "" : "\n");
    fflush(stdout);
}

static void watch(struct demo *d, struct client *c)
{
    struct answer a;
    int64_t start = app_now_ns(), before = start;
    uint64_t events = 0;
    log_clears_line(d->terminal);
    while (!stopped(d)) {
        double left = d->seconds - (double)(before - start) * 1e-9;
        int ms = d->terminal ? DRAW_MS : LINE_MS;
        nap(d, d->seconds > 0 && left * 1e3 < ms ? (int)(left * 1e3) : ms);
        if (stopped(d) || server_stats("demo", c, 0, &a) != 0)
            break;
        int64_t now = app_now_ns();
        if (a.events)
            print_status(d, &a, (double)(a.events - events) /
                                    ((double)(now - before) * 1e-9));
        events = a.events;
        before = now;
        if (d->seconds > 0 && (double)(now - start) * 1e-9 >= d->seconds) {
            kill(getpid(), SIGTERM); // as Ctrl-C would: the daemon drains
            break;
        }
    }
    if (d->terminal)
        printf("\n");
    fflush(stdout);
    log_clears_line(false);
}

static void *watcher_main(void *arg)
{
    struct demo *d = arg;
    char error[256];
    struct client *c = client_new(d->url, d->token, error);
    print_welcome(d);
    if (c)
        watch(d, c);
    client_free(c);
    return NULL;
}

/* ---- beside the daemon -------------------------------------------------- */

static void started(void *arg, const char *url)
{
    struct demo *d = arg;
    d->url = url;
    d->watching = pthread_create(&d->watcher, NULL, watcher_main, d) == 0;
    d->feeding = pthread_create(&d->feeder, NULL, feeder_main, d) == 0;
}

static void stopping(void *arg)
{
    struct demo *d = arg;
    atomic_store_explicit(&d->stop, true, memory_order_relaxed);
    if (d->feeding)
        pthread_join(d->feeder, NULL);
    if (d->watching)
        pthread_join(d->watcher, NULL);
}

/* Before serve_run(), which takes the token out of the environment. */
static bool prepare(struct demo *d, const struct config *cfg)
{
    const char *env = getenv("FRESHET_AUTH_TOKEN");
    char error[256];
    uint32_t user, item;
    d->token_file = env && *env ? "" : cfg->auth_token_file;
    if (!client_token(d->token_file[0] ? d->token_file : NULL, d->token,
                      error)) {
        fprintf(stderr, "freshet demo: %s\n", error);
        return false;
    }
    d->stream = demo_stream_new(SEED);
    if (!d->stream) {
        fprintf(stderr, "freshet demo: out of memory\n");
        return false;
    }
    d->best = demo_stream_best(d->stream);
    demo_stream_example(d->stream, &user, &item);
    snprintf(d->user, sizeof d->user, "%s", demo_stream_user(d->stream, user));
    snprintf(d->item, sizeof d->item, "%s", demo_stream_item(d->stream, item));
    return true;
}

int cmd_demo(int argc, char **argv)
{
    static struct config cfg; // outlives every thread
    struct demo d = {.rate = 500, .terminal = isatty(STDOUT_FILENO)};
    struct serve_guest guest = {&d, started, stopping};
    const struct argument list[] = {
        {"rate", ARGUMENT_NUMBER, &d.rate, 1, 1e6, NULL},
        {"seconds", ARGUMENT_NUMBER, &d.seconds, 0, 1e9, NULL}};
    int status = arguments_load("demo", list, ARGUMENTS_N(list), argc, argv,
                                &cfg, NULL);
    if (status)
        return status;
    status = prepare(&d, &cfg) ? serve_run(&cfg, argc, argv, &guest)
                               : EX_CONFIG;
    demo_stream_free(d.stream);
    explicit_bzero(d.token, sizeof d.token);
    return status;
}
