/* sender.c -- see sender.h. */
#include "server/cli/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "proto/ratings.h"
#include "server/app.h"
#include "server/cli/client.h"
#include "server/cli/server_says.h"

#define CHUNK_BYTES  32768
#define REQUEST_NS   (SENDER_SECONDS * INT64_C(1000000000))
#define ERRORS_SHOWN 5

struct lane {
    struct client *client;
    struct buf lines;           /* collected, not sent */
    uint64_t nlines;
    bool open;                  /* a request is under way */
    int64_t opened_ns;
    uint64_t nsent;             /* lines of it */
};

struct sender {
    const char *command;
    const char *path;
    int nlanes;
    struct lane *lanes;
    struct buf answer;
    struct sender_sums sums;
    int nshown;                 /* rejections told */
    int status;                 /* exit status; not 0: it is over */
};

struct sender *sender_new(const char *command, const char *url,
                          const char *token, int connections,
                          char error[256])
{
    struct sender *s = calloc(1, sizeof *s);
    snprintf(error, 256, "out of memory");
    if (!s)
        return NULL;
    s->command = command;
    s->path = "/v1/ratings";
    s->lanes = calloc((size_t)connections, sizeof *s->lanes);
    for (; s->lanes && s->nlanes < connections; s->nlanes++) {
        s->lanes[s->nlanes].client = client_new(url, token, error);
        if (!s->lanes[s->nlanes].client)
            break;
    }
    if (s->nlanes == connections)
        return s;
    sender_free(s);
    return NULL;
}

void sender_free(struct sender *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->nlanes; i++) {
        client_free(s->lanes[i].client);
        buf_release(&s->lanes[i].lines);
    }
    free(s->lanes);
    buf_release(&s->answer);
    free(s);
}

const struct sender_sums *sender_sums(const struct sender *s)
{
    return &s->sums;
}

int sender_fd(const struct sender *s)
{
    return s->nlanes == 1 && s->lanes[0].open ? client_fd(s->lanes[0].client)
                                              : -1;
}

/* ---- one request -------------------------------------------------------- */

static void show_rejection(struct sender *s, uint64_t n, const char *why)
{
    s->sums.rejected += n;
    if (n > 0 && s->nshown++ < ERRORS_SHOWN)
        fprintf(stderr, "freshet %s: %llu rejected by the daemon; the first: "
                "%s\n", s->command, (unsigned long long)n,
                why[0] ? why : "?");
}

/* Ends the lane's request; `whole`: all of it was sent, so the answer comes in
 * good order. */
static bool close_request(struct sender *s, struct lane *l, bool whole)
{
    struct answer a;
    if (!l->open)
        return true;
    l->open = false;
    int status = client_upload_end(l->client, &s->answer);
    if (status && answer_parse(s->answer.p, s->answer.len, &a)) {
        // a receipt, alone or beside the error that ended the stream
        s->sums.accepted += a.accepted;
        s->sums.duplicates += a.duplicates;
        if (a.seq > s->sums.seq)
            s->sums.seq = a.seq;
        show_rejection(s, a.rejected, a.first_error);
        if (whole && (status == 400 || status == 409)) { // no line was right
            show_rejection(s, l->nsent, a.error_message);
            return true;
        }
    }
    if (whole && (status == 200 || status == 202))
        return true;
    if (s->status == 0)
        s->status = server_failed(s->command, l->client, status, &s->answer);
    return false;
}

static bool send_lines(struct sender *s, struct lane *l)
{
    if (l->nlines == 0)
        return true;
    if (l->lines.failed) {
        fprintf(stderr, "freshet %s: out of memory\n", s->command);
        s->status = EX_OSERR;
        return false;
    }
    bool ok = true;
    if (!l->open) {
        l->open = true;
        l->opened_ns = app_now_ns();
        l->nsent = 0;
        ok = client_upload_begin(l->client, s->path, "application/x-ndjson");
    }
    ok = ok && client_upload_send(l->client, &l->lines);
    if (ok) {
        s->sums.sent += l->nlines;
        l->nsent += l->nlines;
    }
    l->nlines = 0;
    buf_clear(&l->lines);
    return ok || close_request(s, l, false); // which says why
}

/* ---- all of them -------------------------------------------------------- */

/* FNV-1a, whose upper half is the better mixed. */
static struct lane *lane_of(struct sender *s, struct id key)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.s[i]) * 0x100000001b3u;
    return &s->lanes[(h >> 32) % (unsigned)s->nlanes];
}

void sender_path(struct sender *s, const char *path)
{
    s->path = path;
}

static bool took_line(struct sender *s, struct lane *l)
{
    l->nlines++;
    if (s->status == 0 && l->lines.len >= CHUNK_BYTES)
        return send_lines(s, l) && sender_tick(s);
    return s->status == 0;
}

bool sender_put_line(struct sender *s, struct id key, const struct buf *line)
{
    struct lane *l = lane_of(s, key);
    buf_put(&l->lines, line->p, line->len);
    return took_line(s, l);
}

bool sender_put(struct sender *s, const struct rating *r)
{
    struct lane *l = lane_of(s, r->user);
    ratings_write_line(&l->lines, r);
    return took_line(s, l);
}

bool sender_flush(struct sender *s)
{
    for (int i = 0; i < s->nlanes && s->status == 0; i++)
        send_lines(s, &s->lanes[i]);
    return s->status == 0;
}

bool sender_tick(struct sender *s)
{
    int64_t now = app_now_ns();
    for (int i = 0; i < s->nlanes && s->status == 0; i++) {
        struct lane *l = &s->lanes[i];
        if (!l->open)
            continue;
        bool over = client_upload_over(l->client);
        if (!over && now - l->opened_ns < REQUEST_NS)
            continue;
        if (over || send_lines(s, l))
            close_request(s, l, !over);
    }
    return s->status == 0;
}

int sender_due_ms(const struct sender *s)
{
    int64_t now = app_now_ns(), due = -1;
    for (int i = 0; i < s->nlanes; i++) {
        const struct lane *l = &s->lanes[i];
        int64_t left = (l->opened_ns + REQUEST_NS - now) / 1000000 + 1;
        if (l->open && (due < 0 || left < due))
            due = left > 0 ? left : 0;
    }
    return (int)due;
}

int sender_finish(struct sender *s)
{
    sender_flush(s);
    for (int i = 0; i < s->nlanes; i++)
        close_request(s, &s->lanes[i], true);
    return s->status;
}
