/* worker.c -- the loop of one serving thread.  See worker.h. */
#include "server/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/rank/predict_batch.h"
#include "proto/card_builder.h"
#include "server/api/api.h"
#include "server/api/visit.h"
#include "server/http/conn.h"
#include "server/http/request.h"
#include "server/listen.h"
#include "server/metrics.h"
#include "server/scans.h"

static int64_t seconds(double s)
{
    return (int64_t)(s * 1e9);
}

/* The options in force, in the units the loop uses. */
static void take_limits(struct worker *w)
{
    const struct config *c = app_config(w->app);
    w->limits = (struct worker_limits){
        .header_bytes = (size_t)c->limits_header_bytes,
        .body_bytes = (size_t)c->limits_body_bytes,
        .body_memory = (size_t)c->limits_body_memory,
        .line_bytes = (size_t)c->limits_line_bytes,
        .max_connections = (int)c->server_max_connections,
        .pipeline = (int)c->limits_pipeline,
        .header_ns = seconds(c->limits_header_timeout),
        .body_grace_ns = seconds(c->limits_body_grace),
        .idle_ns = seconds(c->limits_idle_timeout),
        .write_ns = seconds(c->limits_write_timeout),
        .wait_ns = seconds(c->limits_wait_timeout),
        .body_rate = c->limits_body_rate,
    };
    w->proto = (struct proto_limits){
        .json_depth = (uint32_t)c->limits_json_depth,
        .array_elements = (uint32_t)c->limits_array_elements,
        .json_values = (uint32_t)c->limits_json_values,
        .top_n = (uint32_t)c->limits_top_n,
        .history = (uint32_t)c->limits_history,
        .explain = (uint32_t)c->limits_explain,
        .rating_min = w->settings.rating_min,
        .rating_max = w->settings.rating_max,
        .future_ms = c->limits_future_seconds * 1000,
        .kinds = &w->app->rules.kinds,
    };
}

static void take_model(struct worker *w)
{
    struct serving *s = &w->app->serving;
    pthread_mutex_lock(&s->lock);
    if (w->model && w->model != s->model)
        s->behind--;
    w->model = s->model;
    w->live = model_live(s->model);
    w->settings = s->settings;
    pthread_mutex_unlock(&s->lock);
}

void worker_tick(struct worker *w)
{
    w->now_ns = app_now_ns();
    // The Date header wants the wall clock, once a second.
    if (w->now_ns / 1000000000 == w->date_s)
        return;
    w->date_s = w->now_ns / 1000000000;
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(w->date, sizeof w->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    request_new_second(w);
}

const struct proto_limits *worker_proto(struct worker *w)
{
    w->proto.now_ms = app_now_ms();
    return &w->proto;
}

void worker_watch(struct worker *w, uint64_t seq)
{
    if (seq >= w->watched)
        return;
    w->watched = seq;
    trainer_watch(w->app->trainer, w->index, seq);
    // It may have been published while we said so (trainer.h).
    if (live_seq(w->live) >= seq)
        mailbox_flag(w->mail, MAIL_REACHED);
}

/* The trainer forgets a watch that it has answered: wake who is served, and
 * watch for the lowest of the rest. */
static void reached(struct worker *w)
{
    uint64_t lowest = TRAINER_NEVER;
    w->watched = TRAINER_NEVER;
    request_wake(w, WAIT_SEQ);
    for (struct request *r = w->parked; r; r = r->park_next)
        if (r->waiting == WAIT_SEQ && r->wait_seq < lowest)
            lowest = r->wait_seq;
    worker_watch(w, lowest);
}

void worker_tell_all(struct app *app, enum mail_flag flag)
{
    for (int i = 0; app->workers && i < app->nworkers; i++)
        if (app->workers[i])
            mailbox_flag(app->workers[i]->mail, flag);
}

/* ---- the loop's callbacks ---------------------------------------------- */

static void drain(struct worker *w)
{
    w->draining = true;
    listener_close(w->listener);
    for (struct conn *c = w->conns, *next; c; c = next) {
        next = c->next;
        conn_drain(c);
    }
    if (!w->conns)
        event_base_loopbreak(w->base);
}

/* Whoever asked may be gone: a job's work is done all the same. */
static void take_jobs(struct worker *w)
{
    struct job *job = mailbox_take_jobs(w->mail);
    while (job) {
        struct job *next = job->next;
        struct request *r = worker_request(w, job->tag);
        if (r)
            api_job_done(r, job);
        job_free(job);
        job = next;
    }
}

static void take_scans(struct worker *w)
{
    struct scan *scan = mailbox_take_scans(w->mail);
    while (scan) {
        struct scan *next = scan->next;
        struct request *r = worker_request(w, scan->tag);
        if (r)
            api_scanned(r, scan);
        scan_free(scan);
        scan = next;
    }
}

static void on_mail(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;
    const struct ack *acks;
    size_t n;
    (void)fd;
    (void)what;
    worker_tick(w);
    unsigned flags = mailbox_take(w->mail, &acks, &n);
    for (size_t i = 0; i < n; i++) {
        w->in_flight--;
        struct request *r = worker_request(w, acks[i].tag);
        if (r)
            api_acked(r, &acks[i]);
    }
    if (flags & MAIL_JOB)
        take_jobs(w);
    if (flags & MAIL_SCAN)
        take_scans(w);
    if (flags & MAIL_MODEL) // after the jobs, whose rows are of the one before
        take_model(w);
    if (flags & MAIL_RELOAD)
        take_limits(w);
    if (flags & MAIL_REACHED)
        reached(w);
    if (flags & MAIL_HELD)
        request_wake_vain(w);
    if (flags & MAIL_HASHED)
        request_wake(w, WAIT_HASH);
    if (flags & MAIL_ROOM)
        api_room(w);
    if (flags & MAIL_DRAIN)
        drain(w);
    if (flags & MAIL_STOP)
        event_base_loopbreak(w->base);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct worker *w = arg;
    int64_t before = w->swept_ns;
    (void)fd;
    (void)what;
    worker_tick(w);
    w->swept_ns = w->now_ns;
    for (struct conn *c = w->conns, *next; c; c = next) {
        next = c->next;
        conn_sweep(c, w->now_ns - before);
    }
    request_wake_late(w);
    if (w->draining && !w->conns)
        event_base_loopbreak(w->base);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    worker_tick(w);
    w->swept_ns = w->now_ns;
    event_base_loop(w->base, EVLOOP_NO_EXIT_ON_EMPTY);
    while (w->conns)
        conn_close(w->conns);
    uint64_t one = 1;
    atomic_fetch_sub(&w->app->running, 1);
    ssize_t ignored = write(w->app->ended_fd, &one, sizeof one);
    (void)ignored;
    return NULL;
}

/* ---- life -------------------------------------------------------------- */

static enum err make_loop(struct worker *w)
{
    struct timeval every = {0, SWEEP_MS * 1000};
    struct event_config *cfg = event_config_new();
    if (!cfg)
        return ERR_NOMEM;
    event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
    w->base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    if (!w->base)
        return ERR_NOMEM;
    w->wake = event_new(w->base, mailbox_fd(w->mail), EV_READ | EV_PERSIST,
                        on_mail, w);
    w->sweep = event_new(w->base, -1, EV_PERSIST, on_sweep, w);
    if (!w->wake || !w->sweep || event_add(w->wake, NULL) != 0 ||
        event_add(w->sweep, &every) != 0)
        return ERR_NOMEM;
    return ERR_OK;
}

enum err worker_new(struct app *app, const char *host, uint16_t port,
                    int index, struct worker **out)
{
    enum err err = ERR_NOMEM;
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->app = app;
    w->index = index;
    w->date_s = -1;
    take_model(w);
    w->watched = TRAINER_NEVER;
    w->metrics = metrics_worker(app->metrics, index);
    w->mail = mailbox_new();
    w->input = malloc(WORKER_READ_BYTES);
    w->inflated = malloc(WORKER_INFLATE_BYTES);
    w->cards = card_builder_new(&app->rules.cards);
    if (w->mail && w->input && w->inflated && w->cards)
        err = make_loop(w);
    if (err == ERR_OK) {
        take_limits(w);
        err = listener_new(w, host, port, &w->listener);
    }
    if (err != ERR_OK) {
        worker_free(w);
        return err;
    }
    *out = w;
    return ERR_OK;
}

uint16_t worker_port(const struct worker *w)
{
    return listener_port(w->listener);
}

enum err worker_start(struct worker *w)
{
    char name[16];
    atomic_fetch_add(&w->app->running, 1);
    if (pthread_create(&w->thread, NULL, worker_main, w) != 0) {
        atomic_fetch_sub(&w->app->running, 1);
        return ERR_IO;
    }
    w->started = true;
    snprintf(name, sizeof name, "worker %d", w->index);
    pthread_setname_np(w->thread, name);
    return ERR_OK;
}

void worker_join(struct worker *w)
{
    if (w->started)
        pthread_join(w->thread, NULL);
    w->started = false;
}

static void free_requests(struct worker *w)
{
    for (uint32_t i = 0; i < w->free_slot; i++) {
        buf_release(&w->slots[i]->url);
        buf_release(&w->slots[i]->body);
        buf_release(&w->slots[i]->answer);
        free(w->slots[i]);
    }
    free(w->slots);
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    listener_free(w->listener);
    if (w->wake)
        event_free(w->wake);
    if (w->sweep)
        event_free(w->sweep);
    if (w->base)
        event_base_free(w->base);
    mailbox_free(w->mail);
    free_requests(w);
    recommend_desk_release(&w->ask.desk);
    buf_release(&w->body);
    card_builder_free(w->cards);
    free(w->input);
    free(w->inflated);
    free(w->ratings);
    free(w->cold);
    visit_room_free(w->visits);
    buf_release(&w->explained);
    predict_batch_free(w->batch);
    free(w);
}
