/* head.h -- the raw bytes of a request's head, before llhttp sees them.
 *
 * llhttp is the parser; this gate refuses what it would let pass and what has
 * ended in request smuggling elsewhere: a line that ends in a bare LF, a lone
 * CR, a folded header, a header without a name, white space before the colon,
 * NUL; and it bounds the size.  Worker only; pure but for the buffer.
 */
#ifndef FRESHET_SERVER_HTTP_HEAD_H
#define FRESHET_SERVER_HTTP_HEAD_H

#include "proto/buf.h"
#include "proto/errors.h"

struct head {
    struct buf bytes;    /* of a head that came in more than one read */
    size_t scanned;      /* bytes of it that were looked at */
    size_t line;         /* where the line being scanned starts */
    unsigned lines;      /* complete lines so far */
};

enum head_state { HEAD_MORE, HEAD_COMPLETE, HEAD_BAD };

/* What head_scan() found: the head is p[0..n), of which the last `used` bytes
 * came from its input.  Borrowed until head_reset(). */
struct head_found {
    const char *p;
    size_t n;
    size_t used;
};

/* Looks at in[0..n), which follows what is in h->bytes.  HEAD_COMPLETE: *found.
 * HEAD_MORE: everything was kept.  HEAD_BAD: *f. */
enum head_state head_scan(struct head *h, const char *in, size_t n,
                          size_t max_bytes, struct head_found *found,
                          struct fail *f);
void head_reset(struct head *h);
void head_release(struct head *h);

#endif
