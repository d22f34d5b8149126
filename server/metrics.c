/* metrics.c -- see metrics.h. */
#include "server/metrics.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/store/disk.h"
#include "server/app.h"
#include "server/histogram.h"
#include "server/http/route.h"
#include "server/metrics_quality.h"
#include "version.h"

#define ROUTES_MAX 48    /* routes plus one for "no route" */
#define STATUS_N   (sizeof statuses / sizeof *statuses)

static const int statuses[] = {200, 202, 400, 401, 404, 405, 408, 409, 413,
                               415, 417, 431, 500, 501, 503};

struct worker_metrics {
    _Alignas(64) _Atomic uint64_t counter[WORKER_COUNTER_N];
    _Atomic uint64_t answers[ROUTES_MAX][STATUS_N];
    struct histogram latency[ROUTES_MAX];
    struct histogram pin;
};

struct metrics {
    int nworkers;
    struct worker_metrics *workers;
    struct histogram visible;        /* written by the trainer */
};

struct metrics *metrics_new(int nworkers)
{
    size_t size = (size_t)nworkers * sizeof(struct worker_metrics);
    struct metrics *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->nworkers = nworkers;
    m->workers = aligned_alloc(64, size);
    if (!m->workers) {
        free(m);
        return NULL;
    }
    memset(m->workers, 0, size);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    free(m->workers);
    free(m);
}

struct worker_metrics *metrics_worker(struct metrics *m, int index)
{
    return &m->workers[index];
}

/* ---- writing ----------------------------------------------------------- */

static void raise(_Atomic uint64_t *at, uint64_t by)
{
    atomic_store_explicit(at,
                          atomic_load_explicit(at, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

void metrics_count(struct worker_metrics *m, enum worker_counter c,
                   uint64_t by)
{
    raise(&m->counter[c], by);
}

static size_t slot_of(const struct route *route)
{
    size_t n;
    route_table(&n);
    return route ? route_index(route) : n;
}

void metrics_answer(struct worker_metrics *m, const struct route *route,
                    int status, int64_t latency_ns)
{
    size_t slot = slot_of(route);
    for (size_t i = 0; i < STATUS_N; i++)
        if (statuses[i] == status)
            raise(&m->answers[slot][i], 1);
    histogram_add(&m->latency[slot], latency_ns, 1);
}

void metrics_pin(struct worker_metrics *m, int64_t ns)
{
    histogram_add(&m->pin, ns, 1);
}

void metrics_visible(struct metrics *m, uint32_t events, int64_t latency_ns)
{
    histogram_add(&m->visible, latency_ns, events);
}

double metrics_visible_quantile(struct metrics *m, double q)
{
    struct histogram_view v = {0};
    histogram_read(&m->visible, &v);
    return histogram_quantile(&v, q);
}

/* ---- the page ---------------------------------------------------------- */

static void family(struct buf *out, const char *name, const char *type,
                   const char *help)
{
    buf_printf(out, "# HELP freshet_%s %s\n# TYPE freshet_%s %s\n", name, help,
               name, type);
}

static void gauge(struct buf *out, const char *name, const char *help,
                  double value)
{
    family(out, name, "gauge", help);
    buf_printf(out, "freshet_%s %.17g\n", name, value);
}

static void counter(struct buf *out, const char *name, const char *help,
                    uint64_t value)
{
    family(out, name, "counter", help);
    buf_printf(out, "freshet_%s %llu\n", name, (unsigned long long)value);
}

static const double bounds[] = {.00001, .000025, .00005, .0001, .00025, .0005,
                                .001,   .0025,   .005,   .01,   .025,   .05,
                                .1,     .25,     .5,     1,     2.5,    5, 10};

static void histogram(struct buf *out, const char *name, const char *label,
                      const struct histogram_view *v)
{
    const char *comma = label[0] ? "," : "";
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        buf_printf(out, "freshet_%s_bucket{%s%sle=\"%g\"} %llu\n", name, label,
                   comma, bounds[i],
                   (unsigned long long)histogram_at_most(v, bounds[i]));
    buf_printf(out, "freshet_%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, label,
               comma, (unsigned long long)v->n);
    buf_printf(out, label[0] ? "freshet_%s_sum{%s} %.9g\n"
                             : "freshet_%s_sum%s %.9g\n",
               name, label, (double)v->sum_ns * 1e-9);
    buf_printf(out, label[0] ? "freshet_%s_count{%s} %llu\n"
                             : "freshet_%s_count%s %llu\n",
               name, label, (unsigned long long)v->n);
}

static void write_counters(struct metrics *m, struct buf *out)
{
    static const struct {
        const char *name, *help;
    } table[] = {
#define COUNTER_ROW(name, help) {#name "_total", help},
        WORKER_COUNTERS(COUNTER_ROW)
    };
    for (int c = 0; c < WORKER_COUNTER_N; c++) {
        uint64_t sum = 0;
        for (int w = 0; w < m->nworkers; w++)
            sum += atomic_load_explicit(&m->workers[w].counter[c],
                                        memory_order_relaxed);
        counter(out, table[c].name, table[c].help, sum);
    }
}

static void write_answers(struct metrics *m, struct buf *out)
{
    size_t nroutes;
    const struct route *routes = route_table(&nroutes);
    family(out, "http_requests_total", "counter", "Answers by route, status");
    for (size_t r = 0; r <= nroutes; r++) {
        for (size_t s = 0; s < STATUS_N; s++) {
            uint64_t sum = 0;
            for (int w = 0; w < m->nworkers; w++)
                sum += atomic_load_explicit(&m->workers[w].answers[r][s],
                                            memory_order_relaxed);
            if (sum)
                buf_printf(out, "freshet_http_requests_total{route=\"%s\","
                           "status=\"%d\"} %llu\n",
                           r < nroutes ? routes[r].name : "none", statuses[s],
                           (unsigned long long)sum);
        }
    }
    family(out, "http_request_seconds", "histogram",
           "Time from the end of a request's head to its answer");
    for (size_t r = 0; r < nroutes; r++) {
        struct histogram_view v = {0};
        char label[64];
        for (int w = 0; w < m->nworkers; w++)
            histogram_read(&m->workers[w].latency[r], &v);
        if (v.n == 0)
            continue;
        snprintf(label, sizeof label, "route=\"%s\"", routes[r].name);
        histogram(out, "http_request_seconds", label, &v);
    }
}

static void write_model(struct app *app, struct live *live,
                        struct buf *out)
{
    struct trainer_stats t;
    struct live_stats l;
    trainer_stats(app->trainer, &t);
    live_stats(live, &l);
    uint64_t seq = journal_last(app->journal), model = live_seq(live);
    gauge(out, "seq", "Newest acknowledged event", (double)seq);
    gauge(out, "model_seq", "Newest event in the serving copy",
          (double)model);
    gauge(out, "lag_events", "Acknowledged and not yet in the serving copy",
          seq > model ? (double)(seq - model) : 0);
    gauge(out, "queue_events", "Events waiting for the journal or the trainer",
          (double)journal_depth(app->journal) + (double)t.queued);
    gauge(out, "guard_held", "1: the guard holds publishing", t.held != 0);
    counter(out, "guard_trips_total", "Times the guard has begun to hold",
            t.trips);
    gauge(out, "paused", "1: learning is paused", t.paused);
    counter(out, "publishes_total", "Times the serving copy was renewed",
            t.publishes);
    family(out, "trainer_busy_seconds_total", "counter",
           "Time spent folding and publishing");
    buf_printf(out, "freshet_trainer_busy_seconds_total %.9g\n",
               (double)t.busy_ns * 1e-9);
    counter(out, "reader_waits_total",
            "Times the trainer waited for a reader's pin", l.waits);
    gauge(out, "reader_longest_wait_seconds", "The longest of them",
          (double)l.longest_wait_ns * 1e-9);
    gauge(out, "model_memory_bytes", "Rows and id maps, both copies",
          (double)l.bytes);
}

/* As asked for last (by /v1/stats) or written last (with a snapshot): computing it
 * for every scrape would be work for nothing. */
static void write_hash(struct app *app, struct buf *out)
{
    pthread_mutex_lock(&app->hash.lock);
    bool known = app->hash.known;
    uint64_t hash = app->hash.hash, seq = app->hash.seq;
    pthread_mutex_unlock(&app->hash.lock);
    if (!known)
        return;
    family(out, "model_hash_seq", "gauge",
           "Event that the model_hash of the label belongs to");
    buf_printf(out, "freshet_model_hash_seq{model_hash=\"%016llx\"} %llu\n",
               (unsigned long long)hash, (unsigned long long)seq);
}

/* What there is to say of the disk; nothing in a daemon without data.dir. */
static void write_store(struct app *app, struct buf *out)
{
    struct log_stats l;
    struct disk_stats d;
    if (!app->recovery.log)
        return;
    log_stats(app->recovery.log, &l);
    disk_stats(&d);
    gauge(out, "storage_state", "0 well, 1 full, 2 failed", (double)l.state);
    gauge(out, "durable_seq", "Newest event that is synced",
          (double)l.durable_seq);
    gauge(out, "log_segments", "Segment files", (double)l.segments);
    gauge(out, "log_bytes", "Their size, what is allocated ahead included",
          (double)l.bytes);
    counter(out, "log_syncs_total", "fdatasync and fsync calls", d.syncs);
    counter(out, "log_bytes_total", "Bytes written to data.dir", d.written);
    gauge(out, "snapshot_seq", "Event up to which the newest snapshot goes",
          (double)atomic_load(&app->snapshot_seq));
    counter(out, "snapshots_total", "Snapshots taken",
            atomic_load(&app->snapshots));
    counter(out, "snapshot_failures_total", "Snapshots that failed",
            atomic_load(&app->snapshot_failures));
    counter(out, "snapshot_load_errors_total",
            "Snapshots that could not be used at the start",
            atomic_load(&app->snapshot_load_errors));
}

static void write_latencies(struct metrics *m, struct buf *out)
{
    struct histogram_view v = {0}, pin = {0};
    histogram_read(&m->visible, &v);
    family(out, "visible_seconds", "histogram",
           "Time from a rating's arrival to its place in the serving copy");
    histogram(out, "visible_seconds", "", &v);
    for (int w = 0; w < m->nworkers; w++)
        histogram_read(&m->workers[w].pin, &pin);
    family(out, "pin_seconds", "histogram",
           "How long batch predictions and lists held a copy of the model");
    histogram(out, "pin_seconds", "", &pin);
}

void metrics_write(struct app *app, struct model *m, struct buf *out)
{
    family(out, "build_info", "gauge", "The version that runs");
    buf_printf(out, "freshet_build_info{version=\"%s\"} 1\n", FRESHET_VERSION);
    gauge(out, "uptime_seconds", "Since the start",
          (double)(app_now_ns() - app->started_ns) * 1e-9);
    gauge(out, "start_time_seconds", "Start, since 1970",
          (double)(app_now_ms() -
                   (app_now_ns() - app->started_ns) / 1000000) * 1e-3);
    gauge(out, "connections", "Open connections",
          (double)atomic_load_explicit(&app->connections,
                                       memory_order_relaxed));
    gauge(out, "request_body_bytes", "Request bodies held in memory",
          (double)atomic_load_explicit(&app->body_bytes,
                                       memory_order_relaxed));
    write_counters(app->metrics, out);
    write_answers(app->metrics, out);
    write_model(app, model_live(m), out);
    metrics_quality_write(model_quality(m), out);
    write_hash(app, out);
    write_store(app, out);
    write_latencies(app->metrics, out);
}
