/* log.h -- one line per event, to standard error.
 *
 *   2026-01-02T03:04:05.678Z INFO  listening addr=127.0.0.1:8470 workers=2
 *   {"time":"...","level":"info","event":"listening","addr":"...","workers":2}
 *
 *   log_info("listening", LOG_STR("addr", addr), LOG_INT("workers", n));
 *
 * A line is one write(2) of at most PIPE_BUF bytes, so lines of different
 * threads and processes do not mix.  It stays one line whatever a client sent:
 * a value with blanks, quotes or anything but printable ASCII is quoted;
 * controls and bytes that are not UTF-8 become \u00XX.  A value is cut at
 * LOG_VALUE_MAX bytes ("..."); fields that do not fit are left out (cut=true).
 *
 * Any thread, all of it.
 */
#ifndef FRESHET_SERVER_LOG_H
#define FRESHET_SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_VALUE_MAX 512

/* In the order of the words of log.level and log.format. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *name;       /* NULL ends a list */
    const char *text;       /* NULL: the number */
    int64_t number;
};

static inline const char *log_text(const char *s)
{
    return s ? s : "";
}

#define LOG_STR(k, v) {(k), log_text(v), 0}
#define LOG_INT(k, v) {(k), (const char *)0, (int64_t)(v)}
/* C11 has no way to leave the list of a macro empty; an event without fields
 * says so with LOG_NONE. */
#define LOG_NONE {(const char *)0, (const char *)0, 0}

/* Boot and reload; the values of enum log_level and log_format. */
void log_init(int level, int format);
void log_set(int level, int format);

/* A status line that is redrawn in place is on the same terminal (or no
 * longer): take it away before each line of the log. */
void log_clears_line(bool on);

void log_write(enum log_level level, const char *event,
               const struct log_field *fields);

/* At most once a second for each event name; the next line says how many were
 * left out: suppressed=n.  Beyond LOG_LIMITED_MAX names, all others share one
 * allowance. */
#define LOG_LIMITED_MAX 31
void log_write_limited(enum log_level level, const char *event,
                       const struct log_field *fields);

#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, LOG_NONE})
#define log_error(event, ...)                                                  \
    log_write(LOG_ERROR, event, LOG_FIELDS(__VA_ARGS__))
#define log_warn(event, ...)                                                   \
    log_write(LOG_WARN, event, LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...)                                                   \
    log_write(LOG_INFO, event, LOG_FIELDS(__VA_ARGS__))
#define log_debug(event, ...)                                                  \
    log_write(LOG_DEBUG, event, LOG_FIELDS(__VA_ARGS__))
#define log_limited(level, event, ...)                                         \
    log_write_limited(level, event, LOG_FIELDS(__VA_ARGS__))

#endif
