/* recover.c -- see recover.h. */
#include "model/store/recover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNFINISHED                                                             \
    "an erasure that was cut short (file redo) cannot be finished"

enum err recover_fail(struct recovery *r, enum err err, const char *what)
{
    const char *why = errno ? strerror(errno) : "";
    const struct log_place *at = &r->bad;
    if (err == ERR_CORRUPT && at->segment[0])
        snprintf(r->error, sizeof r->error, "%s/log/%s, offset %lld, seq %"
                 PRIu64 ": %s; nothing was changed; look at it with: freshet "
                 "check-log %s", r->opt.path, at->segment,
                 (long long)at->offset, at->seq, at->what, r->opt.path);
    else if (err == ERR_NOMEM)
        snprintf(r->error, sizeof r->error, "%s: no memory", what);
    else if (err != ERR_CORRUPT)
        snprintf(r->error, sizeof r->error, "%s: %s: %s", r->opt.path, what,
                 why);
    else
        snprintf(r->error, sizeof r->error, "%s: %s", r->opt.path, what);
    return err;
}

/* ---- open ---------------------------------------------------------------- */

/* Was the log begun with options that the model cannot change on the way? */
static enum err check_genesis(struct recovery *r)
{
    unsigned char *frame = malloc(EVENT_BYTES_MAX);
    char why[SETTINGS_ERROR_MAX] = "the first event is no genesis";
    struct event e;
    enum err err = frame ? log_fetch(r->log, 0, frame) : ERR_NOMEM;
    if (err != ERR_OK) {
        free(frame);
        return recover_fail(r, err == ERR_RANGE ? ERR_CORRUPT : err,
                    "the genesis (event 0) cannot be read");
    }
    bool ok = event_decode(frame, frame + EVENT_BYTES_MAX, &e) &&
              e.type == EVENT_GENESIS &&
              settings_parse((const char *)e.payload, e.payload_bytes,
                             &r->genesis, why);
    free(frame);
    if (!ok) {
        snprintf(r->error, sizeof r->error, "%s: %s; fold the log again with "
                 "this version: freshet refold --data.dir=%s", r->opt.path, why,
                 r->opt.path);
        return ERR_RANGE;
    }
    const char *option = settings_differ(&r->genesis, r->opt.want, true);
    if (!option)
        return ERR_OK;
    snprintf(r->error, sizeof r->error, "%s: %s is not what the log was begun "
             "with; set it back, or fold the log again with the new value: "
             "freshet refold --data.dir=%s --%s=...", r->opt.path, option,
             r->opt.path, option);
    return ERR_RANGE;
}

enum err recover_open(struct recovery *r, const struct recover_options *opt)
{
    char text[SETTINGS_TEXT_MAX];
    memset(r, 0, sizeof *r);
    r->opt = *opt;
    r->dir = (struct datadir){-1, -1, -1, -1};
    errno = 0;
    enum err err = datadir_open(opt->path, opt->log.offline, &r->dir,
                                r->error);
    if (err != ERR_OK)
        return err;
    struct event genesis = {.type = EVENT_GENESIS,
                            .payload = (unsigned char *)text};
    genesis.payload_bytes = (uint32_t)settings_write(opt->want, text);
    bool unfinished = false;
    err = redo_read(r->dir.fd, &r->redo, &unfinished);
    if (err == ERR_OK && unfinished)
        err = redo_apply(r->dir.log, &r->redo);
    if (err != ERR_OK)
        return recover_fail(r, err, UNFINISHED);
    err = log_open(r->dir.log, r->dir.fd, &opt->log, &genesis, &r->log,
                   &r->found);
    if (err == ERR_CORRUPT)
        r->bad = r->found.at;
    if (err != ERR_OK)
        return recover_fail(r, err, "the log cannot be opened");
    r->last = log_last(r->log);
    err = check_genesis(r);
    if (err == ERR_OK && unfinished) {
        errno = 0;
        err = recover_redo(r);
        if (err != ERR_OK)
            return recover_fail(r, err, UNFINISHED);
    }
    return err;
}

/* ---- append -------------------------------------------------------------- */

enum err recover_append(struct recovery *r, const struct event *e,
                        uint64_t *seq)
{
    struct batch *b = batch_new(event_size(e));
    enum err err = b ? batch_add(b, e, 0) : ERR_NOMEM;
    if (err == ERR_OK) {
        *seq = r->last + 1;
        event_seal(b->data, *seq);
        err = log_append(r->log, b, true);
    }
    batch_free(b);
    if (err == ERR_OK)
        r->last = *seq;
    return err;
}
