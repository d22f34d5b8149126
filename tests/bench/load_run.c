/* load_run.c -- closed and open loops.  See load.h.
 *
 * The window is [from, to): a closed loop counts the answers that arrive in
 * it, an open loop the requests that were due in it.  After the window both
 * wait a while for what is on its way, so that whoever measures next finds the
 * server idle; what an open loop misses then is an error, not a request that
 * never was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define EVENTS   64
#define GRACE_NS 5000000000 /* for the late answers */

struct run {
    const struct load_options *opt;
    struct load_result *res;
    struct source source;
    struct conn *conns;   /* opt->connections of them */
    struct conn **idle;   /* ring of those without a request, oldest first */
    int idle_first, nidle;
    int epfd;
    int timer;            /* open loop: when the next request is due */
    int64_t start_ns, from_ns, to_ns;
    bool in_window;       /* the clock has passed from_ns */
    bool over;            /* the window is */
    int64_t cpu_from;
    uint64_t sent;        /* open loop: also the number of the next request */
};

static void idle_push(struct run *run, struct conn *c)
{
    int n = run->opt->connections;
    run->idle[(run->idle_first + run->nidle++) % n] = c;
}

static struct conn *idle_pop(struct run *run)
{
    struct conn *c = run->idle[run->idle_first];
    run->idle_first = (run->idle_first + 1) % run->opt->connections;
    run->nidle--;
    return c;
}

/* When request n of an open loop is due. */
static int64_t due_time(const struct run *run, uint64_t n)
{
    return run->start_ns + (int64_t)((double)n * 1e9 / run->opt->rate);
}

/* A closed loop has counted what --count asked for. */
static bool enough(const struct run *run)
{
    const struct load_result *res = run->res;
    return run->opt->mode == LOAD_CLOSED && run->opt->count > 0 &&
           res->requests + res->errors >= run->opt->count;
}

/* Opens and shuts the window when the clock has come so far. */
static void window_move(struct run *run, int64_t now)
{
    pid_t pid = run->opt->pid;
    if (!run->in_window && now >= run->from_ns) {
        run->in_window = true;
        run->cpu_from = pid ? load_cpu(pid) : 0;
    }
    if (!run->in_window || run->over)
        return;
    if (now >= run->to_ns || enough(run) || load_stop) {
        run->over = true;
        if (run->to_ns > now)
            run->to_ns = now;
        run->res->start_ns = run->from_ns;
        run->res->elapsed_ns = run->to_ns - run->from_ns;
        run->res->cpu_ns = pid ? load_cpu(pid) - run->cpu_from : 0;
    }
}

/* Whether the answer to a request that was due at due_ns is measured. */
static bool counts(const struct run *run, int64_t due_ns)
{
    if (run->opt->mode == LOAD_CLOSED)
        return run->in_window && !run->over && !enough(run);
    return due_ns >= run->from_ns && due_ns < run->to_ns;
}

static void reopen(struct run *run, struct conn *c)
{
    conn_close(c);
    conn_open(c, run->opt, run->epfd, EPOLLIN);
}

static void send_next(struct run *run, struct conn *c, int64_t due_ns)
{
    char request[SOURCE_REQUEST_MAX];
    size_t n = source_request(&run->source, request, &c->status);
    c->due_ns = due_ns;
    c->busy = true;
    run->sent++;
    if (!conn_send(c, request, n)) {
        run->res->errors += counts(run, due_ns);
        reopen(run, c);
        idle_push(run, c);
    }
}

static void record(struct run *run, const struct conn *c,
                   const struct reply *reply, int64_t now)
{
    if (!counts(run, c->due_ns))
        return;
    if (c->status ? reply->status != c->status : reply->status / 100 != 2) {
        run->res->errors++;
        return;
    }
    run->res->requests++;
    run->res->reply_bytes += reply->bytes;
    hist_add(&run->res->latency, now - c->due_ns);
}

static void on_conn(struct run *run, struct conn *c)
{
    struct reply reply = {0}; // status 0 if there is none
    bool was_busy = c->busy;
    enum conn_state state = conn_read(c, &reply);
    if (state == CONN_WAIT)
        return;
    if (state == CONN_BROKEN) {
        reply.status = 0;
        reopen(run, c);
    }
    if (!was_busy)
        return; // the server closed an idle connection
    int64_t now = load_now();
    window_move(run, now);
    record(run, c, &reply, now);
    if (run->opt->mode == LOAD_CLOSED && !run->over)
        send_next(run, c, now);
    else
        idle_push(run, c);
}

static void timer_set(struct run *run, int64_t at_ns)
{
    struct itimerspec at = {.it_value = {.tv_sec = at_ns / 1000000000,
                                         .tv_nsec = at_ns % 1000000000}};
    if (timerfd_settime(run->timer, TFD_TIMER_ABSTIME, &at, NULL) < 0)
        load_die("timerfd_settime");
}

/* Open loop: sends what is due and sets the timer to what is due next, or to
 * the end of the window. */
static void send_due(struct run *run, int64_t now)
{
    int64_t due = due_time(run, run->sent);
    while (run->nidle > 0 && due <= now && due < run->to_ns) {
        if (counts(run, due))
            hist_add(&run->res->late, now - due);
        send_next(run, idle_pop(run), due);
        due = due_time(run, run->sent);
        now = load_now();
    }
    if (run->nidle > 0 && !run->over)
        timer_set(run, due < run->to_ns ? due : run->to_ns);
}

static void poll_once(struct run *run, int timeout_ms)
{
    struct epoll_event ev[EVENTS];
    int n = epoll_wait(run->epfd, ev, EVENTS, timeout_ms);
    if (n < 0 && errno != EINTR)
        load_die("epoll_wait");
    for (int i = 0; i < n; i++) {
        uint64_t expirations;
        if (ev[i].data.ptr)
            on_conn(run, ev[i].data.ptr);
        else if (read(run->timer, &expirations, sizeof expirations) < 0 &&
                 errno != EAGAIN)
            load_die("timerfd");
    }
}

static void run_closed(struct run *run)
{
    while (!run->over) {
        // at the start, and where sending failed
        for (int n = run->nidle; n > 0; n--)
            send_next(run, idle_pop(run), load_now());
        poll_once(run, 100);
        window_move(run, load_now());
    }
    int64_t deadline = load_now() + GRACE_NS;
    while (run->nidle < run->opt->connections && load_now() < deadline)
        poll_once(run, 10);
}

static void run_open(struct run *run)
{
    int64_t now = load_now();
    while (!run->over) {
        send_due(run, now);
        poll_once(run, 100);
        now = load_now();
        window_move(run, now);
    }
    // what was due in the window and has no answer yet
    int64_t deadline = now + GRACE_NS;
    while (now < deadline && (run->nidle < run->opt->connections ||
                              due_time(run, run->sent) < run->to_ns)) {
        send_due(run, now);
        poll_once(run, 10);
        now = load_now();
    }
    for (int i = 0; i < run->opt->connections; i++)
        run->res->errors += run->conns[i].busy;
    while (due_time(run, run->sent++) < run->to_ns)
        run->res->errors++;
}

static void run_init(struct run *run)
{
    const struct load_options *opt = run->opt;
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    size_t n = (size_t)opt->connections;
    source_init(&run->source, opt);
    run->epfd = epoll_create1(EPOLL_CLOEXEC);
    run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    run->conns = calloc(n, sizeof *run->conns);
    run->idle = calloc(n, sizeof *run->idle);
    if (run->epfd < 0 || run->timer < 0 || !run->conns || !run->idle ||
        epoll_ctl(run->epfd, EPOLL_CTL_ADD, run->timer, &ev) < 0)
        load_die("set-up");
    for (size_t i = 0; i < n; i++) {
        conn_open(&run->conns[i], opt, run->epfd, EPOLLIN);
        idle_push(run, &run->conns[i]);
    }
    double seconds = opt->seconds;
    if (opt->mode == LOAD_OPEN && opt->count > 0)
        seconds = (double)opt->count / opt->rate;
    run->start_ns = load_now();
    run->from_ns = run->start_ns + (int64_t)(opt->warmup * 1e9);
    run->to_ns = seconds > 0 ? run->from_ns + (int64_t)(seconds * 1e9)
                             : INT64_MAX;
}

void load_run(const struct load_options *opt, struct load_result *res)
{
    struct run run = {.opt = opt, .res = res};
    run_init(&run);
    if (opt->mode == LOAD_CLOSED)
        run_closed(&run);
    else
        run_open(&run);
    for (int i = 0; i < opt->connections; i++)
        conn_close(&run.conns[i]);
    close(run.timer);
    close(run.epfd);
    free(run.idle);
    free(run.conns);
}
