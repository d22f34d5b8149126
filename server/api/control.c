/* control.c -- the control plane of learning: undo, pause, other settings.
 *
 * What changes the model is the keeper's work; the request is parked until its
 * job comes back.  A pause is a switch of this process and no event. */
#include <stdlib.h>
#include <string.h>

#include "proto/admin.h"
#include "server/api/api.h"
#include "server/fold_settings.h"
#include "server/log.h"
#include "server/storage.h"

/* What went wrong with a job that cannot be (ERR_RANGE: `code`). */
static void answer_failure(struct request *r, const struct job *job,
                           enum fail_code code)
{
    switch (job->err) {
    case ERR_RANGE:
        request_fail(r, code, "%s", job->why);
        break;
    case ERR_NOSPACE:
        request_fail(r, FAIL_storage_full, NULL);
        break;
    case ERR_CLOSED:
        request_fail(r, FAIL_shutting_down, NULL);
        break;
    case ERR_FULL:
    case ERR_NOMEM:
        request_fail(r, FAIL_busy, NULL);
        break;
    default:
        request_fail(r, FAIL_storage_failed, NULL);
    }
}

/* ---- rollback ------------------------------------------------------------ */

void api_rollback(struct request *r)
{
    struct fail f = {.code = FAIL_NONE, .index = -1};
    uint64_t to_seq;
    if (!admin_rollback_parse(r->body.p, r->body.len, worker_proto(r->w),
                              &to_seq, &f)) {
        request_reply_fail(r, &f);
        return;
    }
    struct job *job = job_new(JOB_ROLLBACK);
    if (job)
        job->to_seq = to_seq;
    api_job_submit(r, job);
}

void api_rollback_done(struct request *r, const struct job *job)
{
    struct rollback_receipt receipt = {
        .to_seq = job->to_seq, .seq = job->seq, .events = job->events,
        .live = job->live, .model_seq = live_seq(r->w->live)};
    if (job->err != ERR_OK) {
        answer_failure(r, job, FAIL_cannot_roll_back);
        return;
    }
    buf_clear(&r->w->body);
    admin_rolled_back(&r->w->body, &receipt);
    request_reply_json(r, job->live ? 200 : 202, &r->w->body);
}

/* ---- pause --------------------------------------------------------------- */

static void switch_learning(struct request *r, bool paused)
{
    struct app *app = r->w->app;
    if (trainer_is_paused(app->trainer) != paused) {
        storage_pause(app, paused);
        log_info(paused ? "paused" : "resumed",
                 LOG_INT("model_seq", live_seq(r->w->live)));
    }
    buf_clear(&r->w->body);
    admin_paused(&r->w->body, paused, live_seq(r->w->live));
    request_reply_json(r, 200, &r->w->body);
}

void api_pause(struct request *r)
{
    switch_learning(r, true);
}

void api_resume(struct request *r)
{
    switch_learning(r, false);
}

/* ---- settings ------------------------------------------------------------ */

/* A request's options: checked like those of the configuration, then those of
 * the fold among them. */
struct choosing {
    struct config config;
    uint64_t fields;
};

static bool choose(void *arg, const char *name, const char *value,
                   struct fail *f)
{
    struct choosing *c = arg;
    char error[CONFIG_ERROR_MAX];
    bool fixed;
    uint64_t field = settings_field(name, &fixed);
    if (!config_set(&c->config, name, value, "body", error))
        return fail_set(f, FAIL_invalid_setting, "%s", error);
    if (!field)
        return fail_set(f, FAIL_invalid_setting, "%s is not learned by: change "
                        "the configuration, then SIGHUP or restart", name);
    if (fixed)
        return fail_set(f, FAIL_invalid_setting, "%s cannot change while the "
                        "daemon runs", name);
    c->fields |= field;
    return true;
}

void api_settings_set(struct request *r)
{
    struct fail f = {.code = FAIL_NONE, .index = -1};
    struct choosing *c = malloc(sizeof *c);
    if (!c) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    c->config = *app_config(r->w->app);
    c->fields = 0;
    bool ok = admin_settings_parse(r->body.p, r->body.len, worker_proto(r->w),
                                   choose, c, &f);
    struct job *job = ok ? job_new(JOB_SETTINGS) : NULL;
    if (job) {
        job->settings = fold_settings(&c->config);
        job->fields = c->fields;
    }
    free(c);
    if (ok)
        api_job_submit(r, job);
    else
        request_reply_fail(r, &f);
}

static void write_option(struct buf *out, const struct config_option *o,
                         const struct settings *s, uint64_t field)
{
    bool single;
    double value = settings_value(s, field, &single);
    const char *word = o->range;
    if (o->type != CONFIG_TYPE_ENUM) {
        admin_setting_number(out, o->name, value, single);
        return;
    }
    for (int i = (int)value; i > 0; i--)
        word += strcspn(word, "|") + 1;
    admin_setting_word(out, o->name, word, strcspn(word, "|"));
}

/* The options of s that may change while the daemon runs; `but`: only those that
 * are others there. */
static void write_options(struct buf *out, const struct settings *s,
                          const struct settings *but)
{
    size_t n;
    const struct config_option *o = config_options(&n);
    for (size_t i = 0; i < n; i++) {
        bool fixed, single;
        uint64_t field = settings_field(o[i].name, &fixed);
        if (field && !fixed &&
            (!but || settings_value(s, field, &single) !=
                         settings_value(but, field, &single)))
            write_option(out, &o[i], s, field);
    }
}

static void answer_settings(struct request *r, int status,
                            const struct settings *s, const uint64_t *seq)
{
    struct worker *w = r->w;
    buf_clear(&w->body);
    admin_settings_begin(&w->body);
    write_options(&w->body, s, NULL);
    admin_settings_configured(&w->body);
    write_options(&w->body, &w->app->settings, s);
    admin_settings_end(&w->body, seq, live_seq(w->live));
    request_reply_json(r, status, &w->body);
}

void api_settings(struct request *r)
{
    struct serving *s = &r->w->app->serving;
    pthread_mutex_lock(&s->lock);
    struct settings now = s->settings;
    pthread_mutex_unlock(&s->lock);
    answer_settings(r, 200, &now, NULL);
}

void api_settings_done(struct request *r, const struct job *job)
{
    if (job->err == ERR_OK)
        answer_settings(r, 202, &job->settings, &job->seq);
    else
        answer_failure(r, job, FAIL_invalid_setting);
}
