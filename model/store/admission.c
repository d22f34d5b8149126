/* admission.c -- see admission.h. */
#include "model/store/admission.h"

#include <stdlib.h>
#include <string.h>

#include "model/store/disk.h"

/* An event with a name that this group adds. */
struct named {
    uint64_t seq;
    uint64_t fingerprint;
    const unsigned char *frame;  /* in its batch */
};

struct admission {
    struct log *log;
    struct dedupe *dedupe;
    uint64_t next;
    int64_t now_ms;
    struct named *named;         /* of this group, ascending by seq */
    size_t nnamed, cap;
    unsigned char frame[EVENT_BYTES_MAX]; /* read back from the log */
};

struct admission *admission_new(struct log *log, struct dedupe *dedupe)
{
    struct admission *in = calloc(1, sizeof *in);
    if (!in)
        return NULL;
    in->log = log;
    in->dedupe = dedupe;
    return in;
}

void admission_free(struct admission *in)
{
    if (!in)
        return;
    free(in->named);
    free(in);
}

void admission_begin(struct admission *in, uint64_t next_seq, int64_t now_ms)
{
    in->next = next_seq;
    in->now_ms = now_ms;
    in->nnamed = 0;
}

/* ---- is it known? -------------------------------------------------------- */

enum known { KNOWN_NOT, KNOWN_SAME, KNOWN_OTHER };

struct question {
    struct admission *in;
    const struct event *e;
    uint64_t digest;
    enum known answer;
    enum err err;                /* it could not be answered */
};

/* The frame of seq: of this group still in memory, or from the log. */
static enum err frame_of(struct admission *in, uint64_t seq,
                         const unsigned char **frame)
{
    size_t lo = 0, hi = in->nnamed;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (in->named[mid].seq < seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool here = lo < in->nnamed && in->named[lo].seq == seq;
    *frame = here ? in->named[lo].frame : in->frame;
    if (here)
        return ERR_OK;
    return in->log ? log_fetch(in->log, seq, in->frame) : ERR_RANGE;
}

static bool same_name(struct id a, struct id b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* A dedupe_match: settles the question if it was the event of seq.  A frame
 * that cannot be read leaves it open, and the event may not be taken a second
 * time. */
static bool settle(void *arg, uint64_t seq, uint64_t digest)
{
    struct question *q = arg;
    const unsigned char *p;
    struct event old;
    enum err err = frame_of(q->in, seq, &p);
    if (err == ERR_RANGE && !q->in->log) { // only its digest is left
        q->answer = digest == q->digest ? KNOWN_SAME : KNOWN_OTHER;
        return true;
    }
    if (err != ERR_OK && err != ERR_RANGE) {
        q->err = err == ERR_NOMEM ? ERR_NOSPACE : ERR_IO;
        return true;
    }
    if (err != ERR_OK || !event_decode(p, p + EVENT_BYTES_MAX, &old) ||
        !same_name(old.event_id, q->e->event_id))
        return false; // another name with this fingerprint, or erased
    q->answer = event_same(&old, q->e) ? KNOWN_SAME : KNOWN_OTHER;
    return true;
}

/* What event_same() compares, in one number. */
static uint64_t digest_of(const struct admission *in, const struct event *e)
{
    unsigned char bytes[EVENT_HEAD_BYTES + 10 + 3 * ID_BYTES_MAX +
                        EVENT_KIND_BYTES_MAX + 8];
    struct event plain = *e;
    if (in->log || event_size(e) > sizeof bytes)
        return 0;
    if (e->stamped)
        plain.time_ms = 0;
    return dedupe_digest(in->dedupe, bytes, event_encode(&plain, bytes));
}

/* Notes that the frame at p, about to be event seq, has this name.  Without
 * memory for it a later copy would not be noticed: then it is not taken. */
static bool note(struct admission *in, uint64_t fingerprint, uint64_t digest,
                 uint64_t seq, const unsigned char *p)
{
    if (in->nnamed == in->cap) {
        size_t cap = in->cap ? 2 * in->cap : 64;
        struct named *more = realloc(in->named, cap * sizeof *more);
        if (!more)
            return false;
        in->named = more;
        in->cap = cap;
    }
    if (!dedupe_add(in->dedupe, fingerprint, seq, digest))
        return false;
    in->named[in->nnamed++] = (struct named){seq, fingerprint, p};
    return true;
}

static void forget_from(struct admission *in, size_t first)
{
    for (size_t i = first; i < in->nnamed; i++)
        dedupe_remove(in->dedupe, in->named[i].fingerprint,
                      in->named[i].seq);
    in->nnamed = first;
}

void admission_give_up(struct admission *in)
{
    forget_from(in, 0);
}

/* Whether the event e, whose frame will stand at `to` as seq, is to be
 * taken. */
static bool wanted(struct admission *in, struct batch *b, uint32_t i,
                   const struct event *e, uint64_t seq,
                   const unsigned char *to)
{
    if (!e->event_id.len || DISK_MUTANT("no_dedupe"))
        return true;
    uint64_t fp = dedupe_fingerprint(in->dedupe, e->event_id);
    struct question q = {in, e, digest_of(in, e), KNOWN_NOT, ERR_OK};
    uint64_t old = dedupe_find(in->dedupe, fp, seq, settle, &q);
    struct ack *a = &b->ack;
    if (old > b->leans_on)
        b->leans_on = old;
    if (q.err != ERR_OK) {
        a->err = q.err;
    } else if (q.answer == KNOWN_SAME) {
        a->duplicates++;
        if (old > a->duplicate_seq)
            a->duplicate_seq = old;
    } else if (q.answer == KNOWN_OTHER) {
        if (a->conflicts < ACK_CONFLICTS)
            a->conflict[a->conflicts] = b->place[i];
        a->conflicts++;
    } else if (note(in, fp, q.digest, seq, to)) {
        return true;
    } else
        a->err = ERR_NOSPACE; // of memory
    return false;
}

/* ---- numbering ----------------------------------------------------------- */

/* Gives the time of arrival to an event that came without one: the last moment
 * at which a clock may be read; from here on it is what the log says. */
static void stamp(struct admission *in, unsigned char *p, struct event *e)
{
    if (e->time_ms != TIME_UNSET)
        return;
    event_stamp(p, in->now_ms);
    e->stamped = true;
    e->time_ms = in->now_ms;
}

/* Nothing of the batch is taken after all. */
static uint64_t refuse(struct admission *in, struct batch *b, size_t nnamed)
{
    forget_from(in, nnamed);
    if (b->ack.err == ERR_OK)
        b->ack.err = ERR_RANGE;
    b->ack.duplicates = 0;
    b->n = 0;
    b->bytes = 0;
    return in->next;
}

uint64_t admission_number(struct admission *in, struct batch *b)
{
    unsigned char *from = b->data, *to = b->data;
    const unsigned char *end = b->data + b->bytes;
    size_t nnamed = in->nnamed;
    uint64_t seq = in->next;
    uint32_t n = b->n;
    b->ack = (struct ack){.owner = b->owner, .tag = b->tag, .first_seq = seq};
    b->leans_on = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct event e;
        const unsigned char *next = event_decode(from, end, &e);
        if (!next) // a worker encodes what it decodes: cannot happen
            break;
        size_t size = (size_t)(next - from);
        stamp(in, from, &e);
        if (!b->named || wanted(in, b, i, &e, seq, to)) {
            if (to != from)
                memmove(to, from, size);
            event_seal(to, seq++);
            to += size;
        }
        from += size;
    }
    if ((b->whole && b->ack.conflicts) || b->ack.err != ERR_OK)
        return refuse(in, b, nnamed);
    b->first_seq = in->next;
    b->n = b->ack.n = (uint32_t)(seq - in->next);
    b->bytes = (size_t)(to - b->data);
    return in->next = seq;
}
