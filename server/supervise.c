/* supervise.c -- see supervise.h. */
#include "server/supervise.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/auth.h"
#include "server/log.h"
#include "server/worker.h"

static void reload(struct app *app)
{
    const struct config *now = app_config(app);
    struct config *next = malloc(sizeof *next);
    char error[CONFIG_ERROR_MAX] = "", kept[CONFIG_ERROR_MAX] = "";
    if (!next || !config_reload(next, now, app->argc, app->argv, kept, error)) {
        log_error("reload_failed",
                  LOG_STR("error", next ? error : "out of memory"));
        free(next);
        return;
    }
    if (!auth_load(app->auth, next->auth_token_file, error))
        log_error("token_refused", LOG_STR("error", error),
                  LOG_STR("hint", "the token in force stays"));
    log_set(next->log_level, next->log_format);
    struct trainer_options opt = {(uint32_t)next->publish_max_events,
                                  (uint32_t)next->publish_max_ms};
    trainer_tune(app->trainer, &opt);
    // A worker may still read the old one: it is kept until the end (a few
    // KiB per SIGHUP).
    next->previous = now;
    atomic_store_explicit(&app->config, next, memory_order_release);
    worker_tell_all(app, MAIL_RELOAD);
    log_info("reloaded", LOG_STR("file", next->file),
             LOG_STR("needs_restart", kept));
}

void supervise_wait(struct app *app, struct signals *s)
{
    for (;;) {
        int sig = signals_wait(s, -1, app->ended_fd);
        if (sig == SIGHUP) {
            reload(app);
        } else if (sig == SIGTERM || sig == SIGINT) {
            log_info("stopping", LOG_STR("signal", strsignal(sig)));
            return;
        }
    }
}

/* Listeners closed, requests in flight answered, or the time is over. */
void supervise_drain(struct app *app, struct signals *s)
{
    int64_t end = app_now_ns() +
                  (int64_t)(app_config(app)->server_drain_timeout * 1e9);
    atomic_store(&app->draining, true);
    worker_tell_all(app, MAIL_DRAIN);
    while (atomic_load(&app->running) > 0) {
        int64_t left_ms = (end - app_now_ns()) / 1000000;
        if (left_ms <= 0) {
            log_warn("drain_timeout",
                     LOG_INT("connections", atomic_load(&app->connections)));
            worker_tell_all(app, MAIL_STOP);
            break;
        }
        int sig = signals_wait(s, (int)left_ms, app->ended_fd);
        if (sig == SIGTERM || sig == SIGINT) {
            log_warn("killed", LOG_STR("signal", strsignal(sig)));
            _exit(1);
        }
    }
}
