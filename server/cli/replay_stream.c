/* replay_stream.c -- everything as fast as the daemon takes it, or at a rate,
 * or as it comes from standard input. */
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "server/app.h"
#include "server/cli/progress.h"
#include "server/cli/replay.h"
#include "server/cli/sender.h"

#define EARLY_NS 2000000     /* what is due within 2 ms goes out now */
#define NAP_NS   500000000   /* look up at least this often */

/* Waits until the next rating is due at r->rate.  What is collected is sent
 * first: it was due before. */
static bool pace(const struct replay *r, struct sender *s, int64_t start)
{
    int64_t due = start + (int64_t)((double)r->taken / r->rate * 1e9);
    int64_t left = due - app_now_ns();
    bool ok = left <= EARLY_NS || sender_flush(s);
    while (ok && left > EARLY_NS && !replay_stopped) {
        int64_t nap = left < NAP_NS ? left : NAP_NS;
        struct timespec t = {0, (long)nap};
        nanosleep(&t, NULL);
        ok = sender_tick(s);
        left = due - app_now_ns();
    }
    return ok;
}

/* While there is nothing to read, nothing waits here; requests end in time. */
static bool wait_for_input(const struct replay *r, struct sender *s)
{
    if (ratings_source_wait(r->source, -1, 0))
        return true;
    bool ok = sender_flush(s);
    while (ok && !replay_stopped &&
           !ratings_source_wait(r->source, sender_fd(s), sender_due_ms(s)))
        ok = sender_tick(s);
    return ok;
}

static void send_all(struct replay *r, struct sender *s)
{
    struct progress bar;
    struct rating rating;
    int64_t start = app_now_ns();
    bool ok = true;
    progress_start(&bar, "sending", true);
    while (ok && !(r->limit && r->taken >= r->limit)) {
        if (r->rate > 0)
            ok = pace(r, s, start);
        if (ok && r->source)
            ok = wait_for_input(r, s);
        if (!ok || !replay_next(r, &rating))
            break;
        ok = sender_put(s, &rating);
        progress_show(&bar, r->taken, r->part);
    }
    progress_clear(&bar);
}

static void report(const struct sender_sums *sums, int status, double seconds)
{
    printf("sent       %llu ratings in %.1f s, %.0f/s; %llu accepted, %llu "
           "rejected\n", (unsigned long long)sums->sent, seconds,
           (double)sums->sent / seconds, (unsigned long long)sums->accepted,
           (unsigned long long)sums->rejected);
    if (sums->duplicates)
        printf("           %llu had been accepted before, under the same "
               "event_id\n", (unsigned long long)sums->duplicates);
    if (status)
        printf("           not confirmed: %llu; the last accepted is seq "
               "%llu\n", (unsigned long long)(sums->sent - sums->accepted -
                                              sums->duplicates -
                                              sums->rejected),
               (unsigned long long)sums->seq);
    fflush(stdout);
}

int replay_stream(struct replay *r, uint64_t *seq)
{
    char error[256];
    struct sender *s = sender_new(r->command, r->to, r->token, r->connections,
                                  error);
    if (!s) {
        fprintf(stderr, "freshet %s: %s\n", r->command, error);
        return EX_OSERR;
    }
    int64_t start = app_now_ns();
    send_all(r, s);
    int status = sender_finish(s);
    const struct sender_sums *sums = sender_sums(s);
    report(sums, status, (double)(app_now_ns() - start) * 1e-9);
    *seq = sums->seq;
    if (status == 0 && sums->rejected)
        status = EX_DATAERR;
    sender_free(s);
    return status;
}
