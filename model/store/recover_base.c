/* recover_base.c -- the snapshot to begin with, and a first look at all that
 * follows it: rot, settings to come, what was rolled back.  See recover.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/store/recover.h"
#include "model/store/snapshot_dir.h"

/* Can the snapshot of seq be built on?  *lost: it can be, but for the end of the
 * log, which it knows and which is not there. */
static bool usable(struct recovery *r, uint64_t seq, const char *name,
                   bool *lost)
{
    char why[SNAPSHOT_ERROR_MAX] = "";
    bool complete = log_first(r->log) == 1;
    *lost = false;
    if (seq > r->newest)
        return false;
    enum err err = snapshot_peek(r->dir.snapshot, name, r->opt.codec, &r->info,
                                 why);
    if (err == ERR_OK && r->info.log_id != log_id(r->log))
        snprintf(why, sizeof why, "it belongs to another log");
    else if (err == ERR_OK && seq > r->last)
        *lost = true;
    else if (err == ERR_OK && seq + 1 < log_first(r->log))
        snprintf(why, sizeof why, "events after it were dropped");
    else if (err == ERR_OK && r->info.interim && complete)
        return false; // the log gives the exact model
    else if (err == ERR_OK && r->info.interim & INTERIM_UNDONE)
        snprintf(why, sizeof why, "it knows what was rolled back");
    if (err == ERR_OK && !why[0])
        return true;
    r->opt.hooks.snapshot_refused(r->opt.hooks.arg, name, why);
    return false;
}

static enum err log_was_longer(struct recovery *r, const char *name)
{
    snprintf(r->error, sizeof r->error, "%s: the log ends with seq %" PRIu64
             ", but snapshot/%s knows more of it: segments are missing; bring "
             "them back, or remove the snapshot to go on without those events",
             r->opt.path, r->last, name);
    return ERR_CORRUPT;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* An empty model that begins with the settings s and has rows for those of the
 * options, and of `most`. */
static enum err new_model(struct recovery *r, const struct settings *s,
                          const struct settings *most, struct model **out)
{
    struct settings room = *s;
    room.max_users = larger(larger(s->max_users, r->opt.want->max_users),
                            most->max_users);
    room.max_items = larger(larger(s->max_items, r->opt.want->max_items),
                            most->max_items);
    room.max_features = larger(larger(s->max_features,
                                      r->opt.want->max_features),
                               most->max_features);
    enum err err = model_new(&room, r->opt.nreaders, out);
    if (err == ERR_OK && !model_set(*out, s)) {
        model_free(*out);
        *out = NULL;
        err = ERR_NOMEM;
    }
    if (err == ERR_OK)
        model_set_configured(*out, s);
    if (err != ERR_OK)
        (void)recover_fail(r, ERR_NOMEM, "no address space for model.max_users x "
             "model.rating_dim and model.max_items: lower them, or raise "
             "ulimit -v");
    return err;
}

static enum err load_base(struct recovery *r, const struct settings *most,
                          struct model **out)
{
    uint64_t seq[SNAPSHOT_LIST_MAX];
    char why[SNAPSHOT_ERROR_MAX];
    size_t n = 0;
    enum err err = snapshot_list(r->dir.snapshot, seq, &n);
    if (err != ERR_OK)
        return recover_fail(r, err, "snapshot/ cannot be read");
    for (size_t i = 0; i < n; i++) {
        char name[SNAPSHOT_NAME_MAX];
        snapshot_name(seq[i], name);
        bool lost;
        if (!usable(r, seq[i], name, &lost))
            continue;
        if (lost)
            return log_was_longer(r, name);
        err = new_model(r, &r->info.settings, most, out);
        if (err != ERR_OK)
            return err;
        err = snapshot_read(r->dir.snapshot, name, r->opt.codec, *out, &r->info,
                            why);
        if (err == ERR_OK) {
            r->base = seq[i];
            snprintf(r->base_name, sizeof r->base_name, "%s", name);
            return ERR_OK;
        }
        model_free(*out);
        *out = NULL;
        r->opt.hooks.snapshot_refused(r->opt.hooks.arg, name, why);
    }
    r->base = 0;
    if (log_first(r->log) > 1) {
        errno = 0;
        return recover_fail(r, ERR_CORRUPT, "the log begins after the first event and "
                    "no snapshot can be used: the model cannot be rebuilt");
    }
    return new_model(r, &r->genesis, most, out);
}

/* ---- looking ahead ------------------------------------------------------- */

struct look {
    struct recovery *r;
    uint64_t named_from;      /* event ids count from here on */
    struct settings most;     /* the most rows that any settings ask for */
    bool no_memory;
};

static bool look_at(void *arg, const struct log_event *at)
{
    struct look *l = arg;
    const struct event *e = &at->event;
    struct recovery *r = l->r;
    if (r->dedupe && e->event_id.len && at->seq >= l->named_from &&
        !dedupe_add(r->dedupe, dedupe_fingerprint(r->dedupe, e->event_id),
                    at->seq, 0)) {
        l->no_memory = true;
        return false;
    }
    if (e->type == EVENT_ROLLBACK && at->seq > r->base) {
        struct void_range range;
        event_undone(e, &range.after, &range.to);
        l->no_memory = !voids_add(&r->voids, range);
        return !l->no_memory;
    }
    struct settings s, configured;
    char why[SETTINGS_ERROR_MAX];
    if (e->type == EVENT_SETTINGS && at->seq > r->base &&
        settings_parse_both((const char *)e->payload, e->payload_bytes, &s,
                            &configured, why)) {
        r->in_force = s;
        r->configured = configured;
        l->most.max_users = larger(l->most.max_users, s.max_users);
        l->most.max_items = larger(l->most.max_items, s.max_items);
        l->most.max_features = larger(l->most.max_features, s.max_features);
    }
    return true;
}

/* Everything that will be replayed, and the window of event ids, is read once
 * before: rot is met while nothing has begun. */
static enum err look_ahead(struct recovery *r, struct settings *most)
{
    uint64_t first = log_first(r->log), from = r->base + 1;
    uint64_t window = r->named ? r->opt.dedupe_window : 0;
    struct look l = {.r = r, .named_from = r->last > window
                                               ? r->last - window + 1 : 1};
    r->in_force = r->base ? r->info.settings : r->genesis;
    r->configured = r->base ? r->info.configured : r->genesis;
    if (from > l.named_from)
        from = l.named_from > first ? l.named_from : first;
    dedupe_free(r->dedupe); // of a look from another base
    r->dedupe = r->named ? dedupe_new(window, false) : NULL;
    enum err err = r->named && !r->dedupe ? ERR_NOMEM : ERR_OK;
    if (err == ERR_OK && r->last >= from)
        err = log_each(r->log, from, r->last, look_at, &l, &r->bad);
    if (err == ERR_OK && l.no_memory)
        err = ERR_NOMEM;
    *most = l.most;
    return err == ERR_OK ? err : recover_fail(r, err, "the log cannot be read");
}

/* Does the base know something that was rolled back after it?  Then an older
 * one will do, which does not: r->newest.  (Such snapshots are removed before a
 * rollback counts; this one was brought back.) */
static bool knows_undone(struct recovery *r)
{
    uint64_t newest = r->base;
    for (size_t i = 0; i < r->voids.n; i++)
        if (r->voids.at[i].after < newest)
            newest = r->voids.at[i].after;
    if (newest == r->base)
        return false;
    r->newest = newest;
    r->opt.hooks.snapshot_refused(r->opt.hooks.arg, r->base_name,
                                  "it knows what was rolled back since");
    return true;
}

static bool has_rows_for(const struct model *m, const struct settings *most)
{
    const struct settings *s = model_settings(m);
    return most->max_users <= s->max_users && most->max_items <= s->max_items &&
           most->max_features <= s->max_features;
}

/* Until the base, and the rows that are reserved, suit what follows. */
static enum err settle_on(struct recovery *r, struct model **out)
{
    struct settings most = {0};
    for (;;) {
        enum err err = load_base(r, &most, out);
        if (err == ERR_OK)
            err = look_ahead(r, &most);
        if (err != ERR_OK)
            return err;
        if (!knows_undone(r) && has_rows_for(*out, &most))
            return ERR_OK;
        model_free(*out);
        *out = NULL;
    }
}

enum err recover_base(struct recovery *r, struct model **out)
{
    *out = NULL;
    errno = 0;
    enum err err = settle_on(r, out);
    for (size_t i = 0; i < r->voids.n && err == ERR_OK; i++)
        if (!model_void(*out, r->voids.at[i]))
            err = recover_fail(r, ERR_NOMEM, "rollbacks");
    if (err != ERR_OK) {
        model_free(*out);
        *out = NULL;
    }
    return err;
}
