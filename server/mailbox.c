/* mailbox.c -- see mailbox.h. */
#include "server/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "model/store/keeper.h"
#include "server/scans.h"

struct mailbox {
    int fd;                 /* set at boot: eventfd, not blocking */
    pthread_mutex_t lock;
    struct ack *in;         /* guarded by lock */
    size_t nin;             /* guarded by lock */
    size_t cap;             /* guarded by lock; of both vectors */
    unsigned flags;         /* guarded by lock */
    struct job *jobs;       /* guarded by lock */
    struct scan *scans;     /* guarded by lock */
    struct ack *out;        /* worker only, swapped with `in` under the lock */
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    pthread_mutex_init(&m->lock, NULL);
    m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (m->fd < 0 || mailbox_reserve(m, 64) != ERR_OK) {
        mailbox_free(m);
        return NULL;
    }
    return m;
}

void mailbox_free(struct mailbox *m)
{
    if (!m)
        return;
    if (m->fd >= 0)
        close(m->fd);
    for (struct job *job = m->jobs, *next; job; job = next) {
        next = job->next;
        job_free(job);
    }
    for (struct scan *scan = m->scans, *next; scan; scan = next) {
        next = scan->next;
        scan_free(scan);
    }
    pthread_mutex_destroy(&m->lock);
    free(m->in);
    free(m->out);
    free(m);
}

enum err mailbox_reserve(struct mailbox *m, size_t in_flight)
{
    pthread_mutex_lock(&m->lock);
    enum err err = ERR_OK;
    if (in_flight > m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        while (cap < in_flight)
            cap *= 2;
        struct ack *in = realloc(m->in, cap * sizeof *in);
        if (in)
            m->in = in;
        struct ack *out = in ? realloc(m->out, cap * sizeof *out) : NULL;
        if (out)
            m->out = out;
        if (in && out)
            m->cap = cap;
        else
            err = ERR_NOMEM;
    }
    pthread_mutex_unlock(&m->lock);
    return err;
}

static void wake(struct mailbox *m)
{
    uint64_t one = 1;
    // Only EAGAIN is possible: the counter is full, so the worker will wake.
    ssize_t ignored = write(m->fd, &one, sizeof one);
    (void)ignored;
}

void mailbox_ack(struct mailbox *m, const struct ack *a)
{
    pthread_mutex_lock(&m->lock);
    bool was_empty = m->nin == 0 && m->flags == 0;
    if (m->nin < m->cap)
        m->in[m->nin++] = *a;
    pthread_mutex_unlock(&m->lock);
    if (was_empty)
        wake(m);
}

void mailbox_flag(struct mailbox *m, enum mail_flag flag)
{
    pthread_mutex_lock(&m->lock);
    bool was_empty = m->nin == 0 && m->flags == 0;
    m->flags |= flag;
    pthread_mutex_unlock(&m->lock);
    if (was_empty)
        wake(m);
}

void mailbox_job(struct mailbox *m, struct job *job)
{
    pthread_mutex_lock(&m->lock);
    job->next = m->jobs;
    m->jobs = job;
    pthread_mutex_unlock(&m->lock);
    mailbox_flag(m, MAIL_JOB);
}

struct job *mailbox_take_jobs(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct job *jobs = m->jobs;
    m->jobs = NULL;
    pthread_mutex_unlock(&m->lock);
    return jobs;
}

void mailbox_scan(struct mailbox *m, struct scan *scan)
{
    pthread_mutex_lock(&m->lock);
    scan->next = m->scans;
    m->scans = scan;
    pthread_mutex_unlock(&m->lock);
    mailbox_flag(m, MAIL_SCAN);
}

struct scan *mailbox_take_scans(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    struct scan *scans = m->scans;
    m->scans = NULL;
    pthread_mutex_unlock(&m->lock);
    return scans;
}

int mailbox_fd(const struct mailbox *m)
{
    return m->fd;
}

unsigned mailbox_take(struct mailbox *m, const struct ack **acks, size_t *n)
{
    uint64_t count;
    ssize_t ignored = read(m->fd, &count, sizeof count);
    (void)ignored;
    pthread_mutex_lock(&m->lock);
    struct ack *mine = m->in;
    m->in = m->out;
    m->out = mine;
    *acks = mine;
    *n = m->nin;
    m->nin = 0;
    unsigned flags = m->flags;
    m->flags = 0;
    pthread_mutex_unlock(&m->lock);
    return flags;
}
