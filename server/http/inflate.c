/* inflate.c -- see inflate.h. */
#include "server/http/inflate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct inflater {
    z_stream z;
    unsigned char *held;   /* compressed bytes kept over a pause */
    size_t nheld;
    bool ended;            /* a gzip member ended and nothing followed yet */
    bool started;
};

struct inflater *inflater_new(void)
{
    struct inflater *z = calloc(1, sizeof *z);
    if (!z)
        return NULL;
    if (inflateInit2(&z->z, 15 + 16) != Z_OK) { // 16: gzip framing only
        free(z);
        return NULL;
    }
    return z;
}

void inflater_free(struct inflater *z)
{
    if (!z)
        return;
    inflateEnd(&z->z);
    free(z->held);
    free(z);
}

bool inflater_complete(const struct inflater *z)
{
    return z->ended && z->nheld == 0;
}

/* Keeps what is left of the input for the next feed. */
static bool hold(struct inflater *z)
{
    size_t left = z->z.avail_in;
    if (left) {
        unsigned char *p = malloc(left);
        if (!p)
            return false;
        memcpy(p, z->z.next_in, left);
        free(z->held);
        z->held = p;
    }
    z->nheld = left;
    return true;
}

static enum flow run(struct inflater *z, const struct inflate_sink *sink,
                     bool *bad)
{
    enum flow flow = FLOW_MORE;
    bool more = true;  // zlib may hold output although all input is used
    while ((z->z.avail_in || more) && flow == FLOW_MORE) {
        if (z->ended) {
            if (!z->z.avail_in)
                break;
            inflateReset(&z->z); // a further member of the same body
            z->ended = false;
        }
        z->z.next_out = (unsigned char *)sink->step;
        z->z.avail_out = (unsigned)sink->size;
        int rc = inflate(&z->z, Z_NO_FLUSH);
        size_t out = sink->size - z->z.avail_out;
        more = z->z.avail_out == 0;
        if (rc == Z_STREAM_END)
            z->ended = true;
        else if (rc != Z_OK && rc != Z_BUF_ERROR)
            *bad = true;
        if (out)
            flow = sink->take(sink->arg, sink->step, out);
        if (*bad)
            return FLOW_STOP;
    }
    return flow;
}

enum flow inflater_feed(struct inflater *z, const char *in, size_t n,
                        const struct inflate_sink *sink, bool *bad)
{
    unsigned char *joined = NULL;
    z->z.next_in = (unsigned char *)(uintptr_t)in;
    z->z.avail_in = (unsigned)n;
    if (z->nheld || z->held) {
        joined = malloc(z->nheld + n + 1);
        if (!joined) {
            *bad = true;
            return FLOW_STOP;
        }
        memcpy(joined, z->held, z->nheld);
        if (n)
            memcpy(joined + z->nheld, in, n);
        z->z.next_in = joined;
        z->z.avail_in = (unsigned)(z->nheld + n);
        free(z->held);
        z->held = NULL;
        z->nheld = 0;
    }
    enum flow flow = run(z, sink, bad);
    if (flow == FLOW_PAUSE && !hold(z)) {
        *bad = true;
        flow = FLOW_STOP;
    }
    free(joined);
    return flow;
}
