/* load_source.c -- the bodies that the load generator sends.  See load.h.
 *
 * No printf here: flat out, the generator shares two cores with the server, so
 * what it spends is taken from what it measures.
 */
#include <string.h>

#include "tests/bench/load.h"

void source_init(struct source *s, const struct load_options *opt)
{
    s->opt = opt;
    s->rng = opt->seed;
    s->n = 0;
}

/* splitmix64 */
static uint64_t random_next(struct source *s)
{
    uint64_t z = (s->rng += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static char *put_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

static char *put_uint(char *p, uint64_t v)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n > 0)
        *p++ = digits[--n];
    return p;
}

size_t source_body(struct source *s, char *out)
{
    const struct load_options *opt = s->opt;
    uint64_t random = random_next(s);
    uint64_t user = s->n, item = s->n;
    if (!opt->cover) {
        user = random & UINT32_MAX;
        item = random >> 32;
    }
    s->n++;
    char *p = put_text(out, "{\"user_id\":\"u");
    p = put_uint(p, user % opt->users);
    p = put_text(p, "\",\"item_id\":\"i");
    p = put_uint(p, item % opt->items);
    p = put_text(p, "\"");
    if (opt->what == LOAD_RATING) {
        p = put_text(p, ",\"rating\":");
        p = put_uint(p, 1 + random_next(s) % 5);
    }
    p = put_text(p, "}");
    return (size_t)(p - out);
}

/* `text` with numbers for its %u, %i and %r. */
static char *put_filled(char *p, const char *text, struct source *s)
{
    for (; *text; text++) {
        if (*text != '%') {
            *p++ = *text;
            continue;
        }
        switch (*++text) {
        case 'u': p = put_uint(p, random_next(s) % s->opt->users); break;
        case 'i': p = put_uint(p, random_next(s) % s->opt->items); break;
        case 'r': p = put_uint(p, 1 + random_next(s) % 5); break;
        default: *p++ = '%';
        }
    }
    return p;
}

static char *put_body(char *p, const char *body, size_t n)
{
    p = put_text(p, "\r\nContent-Type: application/json\r\n"
                    "Content-Length: ");
    p = put_uint(p, n);
    p = put_text(p, "\r\n\r\n");
    memcpy(p, body, n);
    return p + n;
}

static size_t filled_request(struct source *s, const struct load_request *r,
                             char *out)
{
    char body[SOURCE_REQUEST_MAX];
    char *p = put_text(out, r->method);
    *p++ = ' ';
    p = put_filled(p, r->path, s);
    p = put_text(p, " HTTP/1.1\r\nHost: ");
    p = put_text(p, s->opt->target);
    if (r->body)
        p = put_body(p, body, (size_t)(put_filled(body, r->body, s) - body));
    else
        p = put_text(p, "\r\n\r\n");
    return (size_t)(p - out);
}

size_t source_request(struct source *s, char *out, int *status)
{
    const struct load_options *opt = s->opt;
    char body[SOURCE_BODY_MAX];
    if (opt->nrequests > 0) {
        uint64_t turn = s->n++ % (uint64_t)opt->nrequests;
        *status = opt->request[turn].status;
        return filled_request(s, &opt->request[turn], out);
    }
    *status = 0;
    char *p = put_text(out, "POST ");
    p = put_text(p, opt->path);
    p = put_text(p, " HTTP/1.1\r\nHost: ");
    p = put_text(p, opt->target);
    p = put_body(p, body, source_body(s, body));
    return (size_t)(p - out);
}
