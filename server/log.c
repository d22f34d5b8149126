/* log.c -- see log.h.
 *
 * DESIGN  Level, format and "clears a line" are independent flags, read and
 * written relaxed: nothing else is published through them, and a line that
 * still comes out in the old form while a reload is on harms nobody.  The
 * limiter's entries are under a mutex; it is only for events that repeat.
 */
#include "server/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/utf8.h"

static atomic_int least = LOG_INFO;
static atomic_int form = LOG_TEXT;
static atomic_bool clears_line = false;

/* What is kept free behind the fields. */
#define TAIL_BYTES 16   /* ,"cut":true}\n */

struct line {
    char p[PIPE_BUF];
    size_t len;
    bool json;
    bool full;              /* something did not fit */
};

void log_init(int level, int format)
{
    log_set(level, format);
}

void log_set(int level, int format)
{
    atomic_store_explicit(&least, level, memory_order_relaxed);
    atomic_store_explicit(&form, format, memory_order_relaxed);
}

void log_clears_line(bool on)
{
    atomic_store_explicit(&clears_line, on, memory_order_relaxed);
}

/* ---- pieces of a line --------------------------------------------------- */

/* All of it or nothing. */
static void put(struct line *l, const char *s, size_t n)
{
    if (n > sizeof l->p - TAIL_BYTES - l->len) {
        l->full = true;
        return;
    }
    memcpy(l->p + l->len, s, n);
    l->len += n;
}

static void put_text(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

static void put_quoted(struct line *l, const char *s, size_t n)
{
    char escape[8];
    put(l, "\"", 1);
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t c;
        len = utf8_decode(s + i, n - i, &c);
        if (len == 0) { // not UTF-8: the byte
            len = 1;
            c = (unsigned char)s[i] & 0xffu;
            snprintf(escape, sizeof escape, "\\u%04x", c);
            put_text(l, escape);
        } else if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) {
            snprintf(escape, sizeof escape, "\\u%04x", c & 0xffu);
            put_text(l, escape);
        } else {
            if (c == '"' || c == '\\')
                put(l, "\\", 1);
            put(l, s + i, len);
        }
    }
    put(l, "\"", 1);
}

static bool is_plain(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '=' ||
            s[i] == '\\')
            return false;
    return n > 0;
}

static void put_value(struct line *l, const struct log_field *f)
{
    char shown[LOG_VALUE_MAX + 4];
    size_t n = f->text ? strlen(f->text) : 0;
    if (n > LOG_VALUE_MAX) {
        size_t cut = LOG_VALUE_MAX;
        while (cut > 0 && (f->text[cut] & 0xc0) == 0x80)
            cut--; // not in the middle of a character
        n = (size_t)snprintf(shown, sizeof shown, "%.*s...", (int)cut,
                             f->text);
    } else if (f->text) {
        memcpy(shown, f->text, n);
    } else {
        n = (size_t)snprintf(shown, sizeof shown, "%lld",
                             (long long)f->number);
    }
    if (!f->text || (!l->json && is_plain(shown, n)))
        put(l, shown, n);
    else
        put_quoted(l, shown, n);
}

static void put_fields(struct line *l, const struct log_field *f)
{
    for (; f->name; f++) {
        size_t before = l->len;
        put_text(l, l->json ? ",\"" : " ");
        put_text(l, f->name);
        put_text(l, l->json ? "\":" : "=");
        put_value(l, f);
        if (!l->full)
            continue;
        const char *cut = l->json ? ",\"cut\":true" : " cut=true";
        l->len = before;
        memcpy(l->p + l->len, cut, strlen(cut)); // TAIL_BYTES are left
        l->len += strlen(cut);
        return;
    }
}

static void put_head(struct line *l, enum log_level level, const char *event)
{
    static const char *const text[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};
    static const char *const json[] = {"error", "warn", "info", "debug"};
    struct timespec t;
    struct tm tm;
    char day[32], head[128];
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(head, sizeof head,
             l->json ? "{\"time\":\"%s.%03dZ\",\"level\":\"%s\","
                       "\"event\":\"%.40s\""
                     : "%s.%03dZ %s %.40s",
             day, (int)(t.tv_nsec / 1000000),
             l->json ? json[level] : text[level], event);
    put_text(l, head);
}

void log_write(enum log_level level, const char *event,
               const struct log_field *fields)
{
    struct line l;
    if ((int)level > atomic_load_explicit(&least, memory_order_relaxed))
        return;
    l.len = 0;
    l.full = false;
    l.json = atomic_load_explicit(&form, memory_order_relaxed) == LOG_JSON;
    if (atomic_load_explicit(&clears_line, memory_order_relaxed))
        put_text(&l, "\r\033[K");
    put_head(&l, level, event);
    put_fields(&l, fields);
    if (l.json)
        l.p[l.len++] = '}';
    l.p[l.len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, l.p, l.len);
    (void)ignored; // nobody left to tell
}

/* ---- repeated events --------------------------------------------------- */

struct limited {
    const char *event;      /* NULL in the last: the one all others share */
    int64_t last_ns;
    int64_t left_out;
    bool used;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* How many were left out since the last line; -1: leave this one out too. */
static int64_t admit(const char *event)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct limited all[LOG_LIMITED_MAX + 1];
    int64_t now = now_ns(), left_out = -1;
    int i = 0;
    pthread_mutex_lock(&lock);
    while (i < LOG_LIMITED_MAX && all[i].used &&
           strcmp(all[i].event, event) != 0)
        i++;
    struct limited *e = &all[i];
    if (!e->used || now - e->last_ns >= 1000000000) {
        left_out = e->left_out;
        *e = (struct limited){event, now, 0, true};
    } else {
        e->left_out++;
    }
    pthread_mutex_unlock(&lock);
    return left_out;
}

#define FIELDS_MAX 16

void log_write_limited(enum log_level level, const char *event,
                       const struct log_field *fields)
{
    struct log_field more[FIELDS_MAX + 2];
    int n = 0;
    if ((int)level > atomic_load_explicit(&least, memory_order_relaxed))
        return;
    int64_t left_out = admit(event);
    if (left_out < 0)
        return;
    for (; n < FIELDS_MAX && fields[n].name; n++)
        more[n] = fields[n];
    if (left_out > 0)
        more[n++] = (struct log_field)LOG_INT("suppressed", left_out);
    more[n] = (struct log_field)LOG_NONE;
    log_write(level, event, more);
}
