/* inflate.h -- gunzip of a request body, in steps, able to stop in the middle.
 *
 * Worker only.  Input that could not be used because the sink asked for a pause
 * is kept (it is at most one read, WORKER_READ_BYTES) and goes first when the
 * body is resumed.
 */
#ifndef FRESHET_SERVER_HTTP_INFLATE_H
#define FRESHET_SERVER_HTTP_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

struct inflater;

enum flow {
    FLOW_MORE,     /* all taken, go on */
    FLOW_PAUSE,    /* taken, but give no more until resumed */
    FLOW_STOP      /* the request has been answered: ignore the rest */
};

/* Where the bytes go, in steps of at most `size`, through `step`. */
struct inflate_sink {
    enum flow (*take)(void *arg, const char *bytes, size_t n);
    void *arg;
    char *step;        /* scratch */
    size_t size;
};

struct inflater *inflater_new(void);
void inflater_free(struct inflater *z);

/* Feeds n compressed bytes.  *bad is set on input that is not gzip. */
enum flow inflater_feed(struct inflater *z, const char *in, size_t n,
                        const struct inflate_sink *sink, bool *bad);

/* The compressed stream ended here: false if it was cut short. */
bool inflater_complete(const struct inflater *z);

#endif
