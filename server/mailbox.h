/* mailbox.h -- what other threads have to tell a worker.
 *
 * DESIGN  One mutex, a vector of acks and a word of flags; an eventfd wakes the
 * loop, written only when the box was empty.  Acks are bounded by the batches
 * a worker has in flight, one per open request, so the vector is too.
 */
#ifndef FRESHET_SERVER_MAILBOX_H
#define FRESHET_SERVER_MAILBOX_H

#include "model/store/batch.h"

enum mail_flag {
    MAIL_REACHED = 1,    /* a watched seq is in the serving copy */
    MAIL_ROOM = 2,       /* the journal's queue has room again */
    MAIL_HASHED = 4,     /* app->hash is new */
    MAIL_RELOAD = 8,     /* app->config is new */
    MAIL_DRAIN = 16,     /* no new connections; end when the last is done */
    MAIL_STOP = 32,      /* end now */
    MAIL_JOB = 64,       /* the keeper has finished a job */
    MAIL_HELD = 128,     /* nothing newer is shown until further notice */
    MAIL_SCAN = 512,     /* a scan thread has made a list */
    MAIL_MODEL = 256     /* app->serving is new */
};

struct mailbox;
struct job;
struct scan;

/* Boot only. */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *m);

/* Any thread.  Neither blocks nor fails: the room for an ack was reserved when
 * its batch was submitted. */
void mailbox_ack(struct mailbox *m, const struct ack *a);
void mailbox_flag(struct mailbox *m, enum mail_flag flag);

/* Keeper.  Hands over a finished job. */
void mailbox_job(struct mailbox *m, struct job *job);

/* Scan threads.  Hands over an answer. */
void mailbox_scan(struct mailbox *m, struct scan *scan);

/* Worker only.  Those, linked by next; now the caller's. */
struct scan *mailbox_take_scans(struct mailbox *m);

/* Worker only.  The finished jobs, linked by next; now the caller's. */
struct job *mailbox_take_jobs(struct mailbox *m);

/* Worker only.  Room for one more ack in flight; before journal_submit(). */
enum err mailbox_reserve(struct mailbox *m, size_t in_flight) MUSTCHECK;

/* Worker only.  The descriptor to watch for reading, and what came: flags, and
 * acks in *acks (borrowed until the next take). */
int mailbox_fd(const struct mailbox *m);
unsigned mailbox_take(struct mailbox *m, const struct ack **acks, size_t *n);

#endif
