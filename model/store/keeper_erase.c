/* keeper_erase.c -- erasing a person, or one rating.  See keeper.h for the
 * order of things. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/store/disk.h"
#include "model/store/keeper_internal.h"
#include "model/store/person.h"
#include "model/store/snapshot_dir.h"

/* One erasure on its way; lives on the keeper's stack. */
struct erasure {
    struct keeper *k;
    struct job *job;
    struct person who;
    struct redo redo;
    uint64_t looked;           /* frames up to this seq are in redo */
    /* by prepare(), on the journal's thread; handed over with the ack */
    bool redo_written;
    int error;                 /* errno of what it met */
    struct ack ack;
};

static bool note_frame(void *arg, const struct event *e,
                       const struct redo_place *at, const unsigned char *frame)
{
    struct erasure *x = arg;
    (void)e;
    (void)frame;
    return redo_add(&x->redo, at);
}

static enum err look(struct erasure *x, uint64_t to)
{
    struct log *log = x->k->opt.log;
    uint64_t from = x->looked + 1, first = log_first(log);
    enum err err = person_find(log, &x->who, from > first ? from : first, to,
                               note_frame, x);
    x->looked = to;
    return err;
}

/* A batch's prepare: what came between the search and now is found, and the
 * redo file written.  Everything before is in the log. */
static enum err prepare(void *arg, struct batch *b)
{
    struct erasure *x = arg;
    struct keeper *k = x->k;
    if (!k->opt.log)
        return ERR_OK;
    struct log_stats stats;
    log_stats(k->opt.log, &stats);
    if (stats.state == LOG_FAILED) // a redo file of before must stay as it is
        return ERR_IO;
    errno = 0;
    enum err err = look(x, b->first_seq - 1);
    if (err == ERR_OK)
        err = log_sync_all(k->opt.log);
    x->error = errno;
    if (err != ERR_OK)
        return ERR_IO;
    x->redo.frame_bytes = (uint32_t)b->bytes;
    memcpy(x->redo.frame, b->data, b->bytes);
    err = redo_write(k->opt.dir.fd, &x->redo);
    if (err == ERR_NOSPACE) {
        log_release_reserve(k->opt.log);
        err = redo_write(k->opt.dir.fd, &x->redo);
    }
    x->error = errno;
    x->redo_written = err == ERR_OK;
    if (err == ERR_OK && !DISK_POINT("erase.redo_written"))
        err = ERR_IO;
    return err == ERR_NOSPACE ? err : err == ERR_OK ? ERR_OK : ERR_IO;
}

/* The row that the person has now: its birth, 0: none. */
static uint64_t birth_of(struct keeper *k, struct id user)
{
    struct live *live = model_live(k->opt.model);
    const struct table *t = live_pin(live, k->opt.slot);
    uint32_t row = ids_find(live_user_ids(live), user, t->users.n);
    uint64_t birth = row == ROW_NONE ? 0 : ids_birth(live_user_ids(live), row);
    live_unpin(live, k->opt.slot);
    return birth;
}

/* Sends the event and waits for what became of it. */
static enum err commit(struct erasure *x)
{
    unsigned char birth[8];
    struct event e = {.type = x->job->kind == JOB_ERASE ? EVENT_ERASE
                                                        : EVENT_RETRACT,
                      .item = x->who.item, .time_ms = TIME_UNSET,
                      .payload = birth, .payload_bytes = sizeof birth};
    put_u64(birth, x->redo.birth);
    return keeper_send(x->k, &e, prepare, x, &x->ack);
}

/* Snapshots that may know the person go. */
static enum err clear_snapshots(struct keeper *k, const struct redo *r,
                                bool *exact)
{
    uint64_t first = log_first(k->opt.log), except = 0;
    uint64_t from = redo_known_from(r, first);
    bool base;
    enum err err = snapshot_base_before(k->opt.dir.snapshot, first, from,
                                        &base);
    if (err != ERR_OK)
        return err;
    *exact = first == 1 && !k->opt.drop_segments;
    if (!base) {
        struct job snapshot = {.kind = JOB_SNAPSHOT, .owner = -1};
        keeper_snapshot(k, &snapshot);
        if (snapshot.err != ERR_OK)
            return snapshot.err;
        except = snapshot.snapshot.seq;
    }
    err = snapshot_remove_from(k->opt.dir.snapshot, from, except);
    if (err == ERR_OK && !DISK_POINT("erase.snapshots"))
        err = ERR_IO;
    if (err == ERR_OK && k->snapshot_seq >= from)
        k->snapshot_seq = except;
    return err;
}

enum err keeper_finish_erasure(struct keeper *k, const struct redo *r,
                               uint64_t seq, bool *exact)
{
    enum err err = redo_apply(k->opt.dir.log, r);
    log_changed(k->opt.log);
    if (err == ERR_OK && !DISK_POINT("erase.voided"))
        err = ERR_IO;
    if (err == ERR_OK && !keeper_wait_applied(k, seq))
        err = ERR_FULL;
    if (err == ERR_OK)
        err = clear_snapshots(k, r, exact);
    return err == ERR_OK ? redo_remove(k->opt.dir.fd) : err;
}

/* The event is in the log: now it is done everywhere. */
static enum err carry_out(struct erasure *x)
{
    struct keeper *k = x->k;
    uint64_t seq = x->ack.first_seq;
    if (!k->opt.log)
        return keeper_wait_applied(k, seq) ? ERR_OK : ERR_FULL;
    if (!DISK_POINT("erase.logged"))
        return ERR_IO;
    return keeper_finish_erasure(k, &x->redo, seq, &x->job->exact);
}

static enum err erase(struct erasure *x)
{
    struct keeper *k = x->k;
    enum err err = ERR_OK;
    uint64_t last = journal_last(k->opt.journal);
    if (k->redo_left) // the one before has to be finished first
        err = keeper_finish_erasure(k, &k->unfinished, last, &x->job->exact);
    if (err != ERR_OK)
        return err;
    k->redo_left = false;
    if (!keeper_wait_applied(k, last))
        return ERR_FULL;
    x->redo.birth = birth_of(k, x->who.user);
    if (x->job->kind == JOB_ERASE)
        x->who.birth = x->redo.birth;
    if (k->opt.log)
        err = look(x, last);
    if (err != ERR_OK)
        return err;
    if (!x->redo.birth && x->redo.n)
        x->redo.birth = x->redo.place[0].seq; // the tables were full
    bool known = x->job->kind == JOB_RETRACT && k->opt.log
                     ? x->redo.n > 0 : x->redo.birth > 0;
    if (!known)
        return ERR_RANGE;
    err = commit(x);
    x->job->seq = x->ack.first_seq;
    if (err == ERR_OK)
        return carry_out(x);
    if (err == ERR_NOSPACE && x->redo_written &&
        redo_remove(k->opt.dir.fd) != ERR_OK)
        err = ERR_IO; // it will be done at the next start after all
    return err;
}

void keeper_erase(struct keeper *k, struct job *job)
{
    struct erasure x = {.k = k, .job = job,
                        .who = {.user = {job->user, job->user_len},
                                .item = {job->item, job->item_len}}};
    errno = 0;
    job->err = erase(&x);
    job->error = errno ? errno : x.error;
    job->events = x.redo.n;
    if (job->err != ERR_OK && job->err != ERR_RANGE && x.ack.n) {
        redo_release(&k->unfinished); // what is left is done before the next
        k->unfinished = x.redo;
        k->redo_left = true;
    } else
        redo_release(&x.redo);
}
