/* check_log.c -- `freshet check-log`: is the log of a data directory sound?  With
 * --events what is in it, with --salvage made readable again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "model/store/datadir.h"
#include "model/store/log.h"
#include "model/store/redo.h"
#include "model/store/salvage.h"
#include "proto/log_line.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/progress.h"

#define SALVAGE_MAX 100000 /* places mended in one run */

struct check {
    struct datadir dir;
    struct log *log;
    bool events;              /* print them */
    struct buf line;
    struct progress bar;
    struct redo redo;         /* an erasure that was cut short */
    struct log_summary sum;
};

static void count(struct log_summary *s, const struct log_event *at)
{
    s->last_seq = at->seq;
    s->ratings += at->event.type == EVENT_RATING;
    s->voids += at->event.type == EVENT_VOID;
    s->others += at->event.type != EVENT_RATING &&
                 at->event.type != EVENT_VOID;
}

static bool take_event(void *arg, const struct log_event *at)
{
    struct check *c = arg;
    const struct event *e = &at->event;
    uint64_t last = log_last(c->log);
    count(&c->sum, at);
    progress_show(&c->bar, at->seq, (double)at->seq / (double)(last + 1));
    if (!c->events)
        return true;
    struct log_line l = {.seq = at->seq, .type = (int)e->type,
                         .user = e->user, .item = e->item, .value = e->value,
                         .has_second = e->has_second, .second = e->second,
                         .time_ms = e->time_ms, .event_id = e->event_id,
                         .payload = e->payload,
                         .payload_bytes = e->payload_bytes};
    buf_clear(&c->line);
    log_line_write(&c->line, &l);
    return fwrite(c->line.p, 1, c->line.len, stdout) == c->line.len;
}

static void note(struct log_damage *to, const struct log_place *at)
{
    snprintf(to->segment, sizeof to->segment, "%s", at->segment);
    snprintf(to->what, sizeof to->what, "%s", at->what);
    to->offset = (uint64_t)at->offset;
    to->seq = at->seq;
    to->bytes = at->bytes;
}

/* Goes through all of it.  ERR_CORRUPT: sum.damage says where. */
static enum err read_all(struct check *c, struct log_place *bad)
{
    struct log_options opt = {.offline = true};
    struct log_found found;
    struct event none = {.type = EVENT_GENESIS};
    enum err err = log_open(c->dir.log, c->dir.fd, &opt, &none, &c->log,
                            &found);
    *bad = found.at;
    if (err != ERR_OK)
        return err;
    c->sum.torn = found.torn;
    if (found.torn)
        note(&c->sum.tail, &found.at);
    struct log_stats stats;
    log_stats(c->log, &stats);
    c->sum.segments = stats.segments;
    c->sum.bytes = stats.bytes;
    c->sum.first_seq = log_first(c->log);
    uint64_t last = log_last(c->log);
    err = log_each(c->log, 0, 0, take_event, c, bad);
    if (err == ERR_OK && last >= c->sum.first_seq)
        err = log_each(c->log, c->sum.first_seq, last, take_event, c, bad);
    log_close(c->log);
    return err;
}

/* Mends place after place until the log can be read. */
static enum err salvage(struct check *c, struct log_place *bad, int *mended)
{
    uint64_t id;
    enum err err = salvage_log_id(c->dir.log, &id);
    for (*mended = 0; err == ERR_OK && *mended < SALVAGE_MAX; ++*mended) {
        struct salvaged lost;
        c->sum = (struct log_summary){0};
        err = read_all(c, bad);
        if (err != ERR_CORRUPT)
            return err;
        err = salvage_place(c->dir.log, id, bad, &lost);
        if (err == ERR_OK && lost.first_seq <= lost.last_seq)
            fprintf(stderr, "%s, offset %lld: lost seq %" PRIu64 "..%" PRIu64
                    ", now voids\n", bad->segment, (long long)bad->offset,
                    lost.first_seq, lost.last_seq);
        else if (err == ERR_OK)
            fprintf(stderr, "%s, offset %lld: a head was mended\n",
                    bad->segment, (long long)bad->offset);
    }
    return err == ERR_OK ? ERR_CORRUPT : err;
}

/* A frame that an erasure was overwriting when the power went is no damage: the
 * next start finishes it, and so does --salvage. */
static bool is_being_erased(const struct check *c, const struct log_place *at)
{
    for (uint64_t i = 0; i < c->redo.n; i++)
        if (c->redo.place[i].seq == at->seq)
            return true;
    return false;
}

static int conclude(struct check *c, enum err err, const struct log_place *bad,
                    bool json)
{
    struct buf out = {0};
    c->sum.erasing = c->redo.n;
    if (err == ERR_CORRUPT && is_being_erased(c, bad))
        err = ERR_OK;
    c->sum.ok = err == ERR_OK;
    if (err == ERR_CORRUPT) {
        c->sum.damaged = true;
        note(&c->sum.damage, bad);
    }
    if (err != ERR_OK && err != ERR_CORRUPT) {
        fprintf(stderr, "freshet check-log: the log cannot be %s\n",
                err == ERR_RANGE ? "mended: what is left cannot be told apart"
                                 : "read");
        return err == ERR_RANGE ? EX_DATAERR : EX_NOINPUT;
    }
    if (json)
        log_summary_write_json(&out, &c->sum);
    else
        log_summary_write(&out, &c->sum);
    fwrite(out.p, 1, out.len, c->events ? stderr : stdout);
    buf_release(&out);
    return c->sum.ok ? 0 : EX_DATAERR;
}

int cmd_check_log(int argc, char **argv)
{
    static struct config cfg;
    struct check c = {.sum = {0}};
    struct log_place bad = {.segment = ""};
    char error[DATADIR_ERROR_MAX];
    const char *path = NULL;
    bool json = false, mend = false;
    int mended;
    const struct argument list[] = {
        {"json", ARGUMENT_FLAG, &json, 0, 0, NULL},
        {"events", ARGUMENT_FLAG, &c.events, 0, 0, NULL},
        {"salvage", ARGUMENT_FLAG, &mend, 0, 0, NULL}};
    int status = arguments_load("check-log", list, ARGUMENTS_N(list), argc,
                                argv, &cfg, &path);
    if (status)
        return status;
    path = path ? path : cfg.data_dir;
    if (!path[0]) {
        fprintf(stderr, "freshet check-log: which directory? Give it, or "
                "--data.dir=DIR\n");
        return EX_USAGE;
    }
    enum err err = datadir_open(path, true, &c.dir, error);
    if (err != ERR_OK) {
        fprintf(stderr, "freshet check-log: %s\n", error);
        return err == ERR_CLOSED ? EX_TEMPFAIL : EX_NOINPUT;
    }
    progress_start(&c.bar, "reading", false);
    err = redo_look(c.dir.fd, &c.redo);
    if (err == ERR_OK && mend && c.redo.n)
        err = redo_apply(c.dir.log, &c.redo);
    if (err == ERR_OK)
        err = mend ? salvage(&c, &bad, &mended) : read_all(&c, &bad);
    progress_clear(&c.bar);
    status = conclude(&c, err, &bad, json);
    buf_release(&c.line);
    redo_release(&c.redo);
    datadir_close(&c.dir);
    return status;
}
