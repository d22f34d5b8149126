/* load.h -- what the files of the load generator share.
 *
 * One thread, one epoll, C keep-alive connections with at most one request in
 * flight each.  Three modes:
 *
 *   closed   every connection sends its next request when the answer came:
 *            how much the server can do, and what a request costs it
 *   open     requests leave at fixed times, whatever the answers do; latency
 *            counts from the time a request should have left, so a stalled
 *            server cannot hide its stall (no coordinated omission)
 *   stream   each connection is one endless chunked NDJSON body of ratings
 *
 * load.c reads the command line and prints; load_source.c makes bodies;
 * load_conn.c knows HTTP; load_run.c is closed and open; load_stream.c is
 * stream.  Everything here is for one thread.
 */
#ifndef FRESHET_TESTS_BENCH_LOAD_H
#define FRESHET_TESTS_BENCH_LOAD_H

#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/hist.h"

enum load_mode { LOAD_CLOSED, LOAD_OPEN, LOAD_STREAM };
enum load_what { LOAD_PREDICT, LOAD_RATING };

/* A request as it is to be: in path and body %u stands for the number of a
 * user, %i for that of an item, %r for 1..5, %% for a percent sign. */
struct load_request {
    int status;           /* of its answer; 0: any 2xx */
    const char *method, *path;
    const char *body;     /* NULL: none */
};

#define LOAD_REQUESTS 32

struct load_options {
    enum load_mode mode;
    enum load_what what;
    struct load_request request[LOAD_REQUESTS]; /* instead of what, in turn */
    int nrequests;
    struct sockaddr_in addr;
    const char *target;   /* "host:port", for the Host header */
    const char *path;     /* with its query */
    int connections;
    double rate;          /* per second, all connections; 0: stream flat out */
    double seconds;       /* of the measured window; 0: count decides */
    uint64_t count;       /* requests or ratings; 0: seconds decide */
    double warmup;        /* seconds before the window */
    uint32_t users;       /* ids u0 .. u<users-1> */
    uint32_t items;
    bool cover;           /* rating n is of user n % users, item n % items */
    uint64_t seed;
    pid_t pid;            /* whose CPU time to report; 0: nobody's */
};

struct load_result {
    uint64_t requests;    /* answered as they should; of a stream: ratings sent */
    uint64_t errors;      /* another status, a broken or unfinished request */
    uint64_t reply_bytes;
    int64_t start_ns;     /* CLOCK_MONOTONIC, of the window */
    int64_t elapsed_ns;
    int64_t cpu_ns;       /* of --pid within the window */
    struct hist latency;
    struct hist late;     /* open: how late requests left */
    char receipts[8192];  /* stream: the answers, comma-separated */
};

/* SIGTERM and SIGINT set it: end early, report what there is. */
extern volatile sig_atomic_t load_stop;

int64_t load_now(void);
/* CPU time that process `pid` has used, all its threads, ended ones too. */
int64_t load_cpu(pid_t pid);
/* Prints what failed, with errno, and exits. */
_Noreturn void load_die(const char *what);

/* ---- load_source.c ---------------------------------------------------- */

struct source {
    const struct load_options *opt;
    uint64_t rng;
    uint64_t n;           /* bodies made */
};

#define SOURCE_BODY_MAX    128
#define SOURCE_REQUEST_MAX 4096

void source_init(struct source *s, const struct load_options *opt);
/* The next JSON object into out (SOURCE_BODY_MAX); its size. */
size_t source_body(struct source *s, char *out);
/* The next whole request into out (SOURCE_REQUEST_MAX); its size.  *status: what
 * it is to be answered with; 0: any 2xx. */
size_t source_request(struct source *s, char *out, int *status);

/* ---- load_conn.c ------------------------------------------------------ */

#define CONN_IN 16384

struct conn {
    int fd;
    bool busy;            /* a request is in flight */
    int status;           /* which it is to be answered with; 0: any 2xx */
    int64_t due_ns;       /* when that request should have left */
    size_t have;
    char in[CONN_IN + 1];
};

struct reply {
    int status;
    const char *body;     /* borrowed until the next read */
    size_t body_len;
    size_t bytes;         /* header and body */
};

enum conn_state { CONN_WAIT, CONN_REPLY, CONN_BROKEN };

/* Connects (waits for it), non-blocking afterwards, known to epfd under
 * `events` with data.ptr = c.  Exits if the server is not there. */
void conn_open(struct conn *c, const struct load_options *opt, int epfd,
               uint32_t events);
void conn_close(struct conn *c);
/* The whole of it, or false: small requests always fit a socket that has none
 * in flight. */
bool conn_send(struct conn *c, const char *bytes, size_t n);
/* What there is to read.  CONN_REPLY: one answer, complete, in *r. */
enum conn_state conn_read(struct conn *c, struct reply *r);

/* ---- load_run.c, load_stream.c ---------------------------------------- */

void load_run(const struct load_options *opt, struct load_result *res);
void load_stream(const struct load_options *opt, struct load_result *res);

#endif
