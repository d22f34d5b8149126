/* serve.c -- the composition root of the daemon.
 *
 * The order is important: each part may use those before it, and is stopped
 * before them.  config -> log -> token -> data.dir, model -> workers -> recovery
 * -> trainer, journal, keeper -> wait for a signal -> the same backwards.
 */
#include "server/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "proto/setup.h"
#include "server/app.h"
#include "server/auth.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/mailbox.h"
#include "server/metrics.h"
#include "server/scans.h"
#include "server/signals.h"
#include "server/storage.h"
#include "server/supervise.h"
#include "server/worker.h"
#include "version.h"

const struct config *app_config(struct app *app)
{
    return atomic_load_explicit(&app->config, memory_order_acquire);
}

int64_t app_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t app_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- start ------------------------------------------------------------- */

static void raise_file_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

/* The token, and the rule that nobody is served from afar without one. */
static int check_access(struct app *app, const struct config *cfg)
{
    char error[256], host[256];
    uint16_t port;
    bool loopback;
    if (!auth_load(app->auth, cfg->auth_token_file, error)) {
        log_error("token_refused", LOG_STR("error", error));
        return EX_CONFIG;
    }
    if (error[0])
        log_warn("token_weak", LOG_STR("warning", error));
    config_split_listen(cfg->server_listen, host, &port, &loopback);
    if (loopback || auth_required(app->auth))
        return 0;
    log_error("token_needed", LOG_STR("listen", cfg->server_listen),
              LOG_STR("hint", "this address can be reached from other "
                      "machines, so a token is needed: put one in a file "
                      "(openssl rand -hex 16 > token) and start with "
                      "--auth.token_file=token, or set FRESHET_AUTH_TOKEN; or "
                      "listen on 127.0.0.1"));
    return EX_CONFIG;
}

static int take_rules(struct app *app, const struct config *cfg)
{
    char error[CONFIG_ERROR_MAX];
    if (ingest_rules_set(&app->rules, cfg, error))
        return 0;
    log_error("option_refused", LOG_STR("error", error));
    return EX_CONFIG;
}

static int make_workers(struct app *app, const struct config *cfg)
{
    char host[256];
    uint16_t port;
    bool loopback;
    config_split_listen(cfg->server_listen, host, &port, &loopback);
    enum err err = listen_probe(host, port);
    for (int i = 0; i < app->nworkers && err == ERR_OK; i++) {
        err = worker_new(app, host, port, i, &app->workers[i]);
        if (err == ERR_OK) // with port 0 the kernel chose: the rest follow
            port = worker_port(app->workers[i]);
    }
    if (err == ERR_OK)
        return 0;
    log_error("listen_failed", LOG_STR("addr", cfg->server_listen),
              LOG_STR("error", strerror(errno)),
              LOG_STR("hint", errno == EADDRINUSE
                          ? "another program listens there: stop it, or "
                            "choose --server.listen"
                          : "see server.listen"));
    return errno == EADDRNOTAVAIL ? EX_CONFIG : EX_OSERR;
}

static int start_workers(struct app *app)
{
    enum err err = ERR_OK;
    for (int i = 0; i < app->nworkers && err == ERR_OK; i++)
        err = worker_start(app->workers[i]);
    if (err == ERR_OK && app->scans)
        err = scans_start(app->scans);
    if (err == ERR_OK)
        return 0;
    log_error("threads_failed", LOG_STR("error", strerror(errno)));
    return EX_OSERR;
}

static void announce(struct app *app, const struct config *cfg, char *url,
                     size_t size)
{
    char host[256], addr[300];
    uint16_t port;
    bool loopback;
    config_split_listen(cfg->server_listen, host, &port, &loopback);
    port = worker_port(app->workers[0]);
    bool v6 = strchr(host, ':') != NULL;
    snprintf(addr, sizeof addr, v6 ? "[%s]:%u" : "%s:%u", host,
             (unsigned)port);
    snprintf(url, size, "http://%s", addr);
    log_info("listening", LOG_STR("addr", addr),
             LOG_INT("workers", app->nworkers),
             LOG_INT("pid", getpid()), LOG_STR("version", FRESHET_VERSION),
             LOG_STR("auth", auth_required(app->auth) ? "token" : "none"));
}

/* ---- end --------------------------------------------------------------- */

static void stop(struct app *app, const struct config *cfg, bool snapshot)
{
    for (int i = 0; i < app->nworkers; i++)
        if (app->workers[i])
            worker_join(app->workers[i]);
    scans_stop(app->scans);
    storage_stop(app, cfg, snapshot);
}

static void release(struct app *app)
{
    for (int i = 0; i < app->nworkers; i++)
        worker_free(app->workers[i]);
    scans_free(app->scans);
    kept_lists_free(app->kept);
    free(app->workers);
    storage_release(app);
    metrics_free(app->metrics);
    auth_free(app->auth);
    pthread_mutex_destroy(&app->hash.lock);
    pthread_mutex_destroy(&app->serving.lock);
    if (app->ended_fd >= 0)
        close(app->ended_fd);
    const struct config *c = app_config(app);
    while (c && c->previous) {
        const struct config *older = c->previous;
        free((void *)(uintptr_t)c);
        c = older;
    }
}

static int prepare(struct app *app, const struct config *cfg)
{
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    app->nworkers = cfg->server_workers ? (int)cfg->server_workers
                                        : cores > 0 ? cores : 1;
    app->nscans = cfg->recommend_scan_threads >= 0
                      ? (int)cfg->recommend_scan_threads
                      : cores > 0 ? cores : 1;
    app->workers = calloc((size_t)app->nworkers, sizeof *app->workers);
    app->metrics = metrics_new(app->nworkers);
    app->auth = auth_new();
    app->kept = kept_lists_new((uint32_t)cfg->recommend_kept_lists);
    app->ended_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum err err = ERR_OK;
    if (app->nscans) // behind the slots of workers and keeper
        err = scans_new(app, app->nscans, app->nworkers + 1,
                        (uint32_t)cfg->limits_scans, &app->scans);
    if (!app->workers || !app->metrics || !app->auth || !app->kept ||
        app->ended_fd < 0 || err != ERR_OK) {
        log_error("out_of_memory", LOG_NONE);
        return EX_OSERR;
    }
    return 0;
}

int serve_run(const struct config *cfg, int argc, char *const *argv,
              const struct serve_guest *guest)
{
    struct app app = {.argc = argc, .argv = argv, .ended_fd = -1,
                      .hash = {.lock = PTHREAD_MUTEX_INITIALIZER},
                      .serving = {.lock = PTHREAD_MUTEX_INITIALIZER},
                      .recovery = {.dir = {-1, -1, -1, -1}}};
    struct signals *s = NULL;
    bool stopped = false;
    char url[320];
    atomic_init(&app.config, cfg);
    log_init(cfg->log_level, cfg->log_format);
    proto_setup();
    raise_file_limit();
    app.started_ns = app_now_ns();
    int status = prepare(&app, cfg);
    if (status == 0)
        status = check_access(&app, cfg);
    if (status == 0)
        status = take_rules(&app, cfg);
    if (status == 0) {
        s = signals_new(); // blocked before any thread starts
        status = s ? storage_open(&app, cfg) : EX_OSERR;
    }
    if (status == 0)
        status = make_workers(&app, cfg);
    if (status == 0)
        status = start_workers(&app);
    if (status == 0) {
        announce(&app, cfg, url, sizeof url);
        status = storage_recover(&app, s, &stopped);
    }
    if (status == 0 && !stopped)
        status = storage_start(&app);
    if (status == 0 && !stopped) {
        log_info("ready", LOG_INT("seq", (int64_t)storage_seq(&app)),
                 LOG_STR("data.dir", cfg->data_dir[0] ? cfg->data_dir
                                                      : "none: in memory"));
        if (guest)
            guest->started(guest->arg, url);
        supervise_wait(&app, s);
        if (guest)
            guest->stopping(guest->arg);
        supervise_drain(&app, s);
    } else
        worker_tell_all(&app, MAIL_STOP); // those that have been started
    if (s)
        signals_die(s); // a second one does not wait for the last snapshot
    stop(&app, cfg, status == 0 && !stopped);
    if (status == 0)
        log_info("stopped", LOG_INT("seq", (int64_t)storage_seq(&app)));
    release(&app);
    signals_free(s);
    return status;
}

int cmd_serve(int argc, char **argv)
{
    static struct config cfg; // outlives every thread
    char error[CONFIG_ERROR_MAX];
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    int nrest = 0;
    int status = EX_CONFIG;
    if (!rest || !config_load(&cfg, argc, argv, rest, &nrest, error))
        fprintf(stderr, "freshet serve: %s\n", rest ? error : "no memory");
    else if (nrest > 0) {
        fprintf(stderr, "freshet serve: unknown argument %s; see "
                "freshet help serve\n", rest[0]);
        status = EX_USAGE;
    } else
        status = serve_run(&cfg, argc, argv, NULL);
    free(rest);
    return status;
}
