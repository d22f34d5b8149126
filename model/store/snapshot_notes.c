/* snapshot_notes.c -- see snapshot_notes.h. */
#include "model/store/snapshot_notes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/learn/fold.h"
#include "model/rank/predict.h"

/* ---- writing ----------------------------------------------------------- */

__attribute__((format(printf, 3, 4)))
static void add(struct notes *out, const char *name, const char *format, ...)
{
    struct tensor_note *note = &out->note[out->n++];
    va_list args;
    snprintf(note->name, sizeof note->name, "%s", name);
    va_start(args, format);
    vsnprintf(note->text, sizeof note->text, format, args);
    va_end(args);
}

void notes_of_cut(struct notes *out, const struct model_cut *cut,
                  uint64_t model_hash, const struct snapshot_job *job)
{
    char settings[SETTINGS_TEXT_MAX];
    settings_write_both(&cut->settings, &cut->configured, settings);
    out->n = 0;
    add(out, "format", "%s", SNAPSHOT_FORMAT);
    add(out, "format_version", "%d", SNAPSHOT_FORMAT_VERSION);
    add(out, "fold_version", "%d", FOLD_VERSION);
    add(out, "seq", "%" PRIu64, cut->totals.seq);
    add(out, "events", "%" PRIu64, cut->totals.events);
    add(out, "users", "%" PRIu32, cut->users);
    add(out, "items", "%" PRIu32, cut->items);
    add(out, "features", "%" PRIu32, cut->features);
    add(out, "mean", "%.17g", predict_mean_of(&cut->totals));
    add(out, "epoch", "%" PRIu64, cut->totals.epoch);
    add(out, "interim", "%" PRIu64, cut->totals.interim);
    add(out, "model_hash", "%016" PRIx64, model_hash);
    add(out, "history.offered", "%" PRIu64, cut->history.offered);
    add(out, "positives.offered", "%" PRIu64, cut->positives.offered);
    add(out, "settings", "%s", settings);
    add(out, "log", "%016" PRIx64, job->log_id);
    add(out, "created", "%.63s", job->created);
    add(out, "crc32c", "%s", NOTES_NO_CRC);
}

void notes_set_crc(struct notes *notes, uint32_t crc)
{
    struct tensor_note *note = &notes->note[notes->n - 1];
    snprintf(note->text, sizeof note->text, "%08" PRIx32, crc);
}

/* ---- reading ----------------------------------------------------------- */

/* The text under the name; NULL, with a message: it is missing. */
static const char *find(const struct notes *notes, const char *name,
                        char *error)
{
    for (size_t i = 0; i < notes->n; i++)
        if (strcmp(notes->note[i].name, name) == 0)
            return notes->note[i].text;
    snprintf(error, SNAPSHOT_ERROR_MAX, "note \"%s\" is missing", name);
    return NULL;
}

/* A number that is written as notes_of_cut() would: digits of the base, no
 * sign, no blank; `chars` of them, or with 1 any number. */
static bool read_number(const struct notes *notes, const char *name,
                        unsigned base, size_t chars, uint64_t *out, char *error)
{
    static const char digits[] = "0123456789abcdef";
    const char *s = find(notes, name, error);
    size_t n = s ? strlen(s) : 0;
    if (!s)
        return false;
    *out = 0;
    bool ok = chars == 1 ? n >= 1 : n == chars;
    for (size_t i = 0; ok && i < n; i++) {
        const char *d = memchr(digits, s[i], base);
        ok = d && !__builtin_mul_overflow(*out, base, out) &&
             !__builtin_add_overflow(*out, (uint64_t)(d - digits), out);
    }
    if (!ok)
        snprintf(error, SNAPSHOT_ERROR_MAX, "note \"%s\" is no number: %.40s",
                 name, s);
    return ok;
}

static bool read_u32(const struct notes *notes, const char *name, uint32_t *out,
                     char *error)
{
    uint64_t v = 0;
    if (!read_number(notes, name, 10, 1, &v, error))
        return false;
    if (v > UINT32_MAX - 1) { // ROW_NONE is no row
        snprintf(error, SNAPSHOT_ERROR_MAX, "note \"%s\" is too large", name);
        return false;
    }
    *out = (uint32_t)v;
    return true;
}

/* Is it ours, and of this version? */
static bool read_versions(const struct notes *notes, struct snapshot_info *info,
                          char *error)
{
    const char *format = find(notes, "format", error);
    uint32_t version = 0;
    if (!format)
        return false;
    if (strcmp(format, SNAPSHOT_FORMAT) != 0) {
        snprintf(error, SNAPSHOT_ERROR_MAX, "not a snapshot, but \"%.40s\"",
                 format);
        return false;
    }
    if (!read_u32(notes, "format_version", &version, error) ||
        !read_u32(notes, "fold_version", &info->fold_version, error))
        return false;
    if (version == SNAPSHOT_FORMAT_VERSION &&
        info->fold_version == FOLD_VERSION)
        return true;
    snprintf(error, SNAPSHOT_ERROR_MAX, "format %u of fold %u, this program "
             "has format %d of fold %d", version, info->fold_version,
             SNAPSHOT_FORMAT_VERSION, FOLD_VERSION);
    return false;
}

static bool read_settings(const struct notes *notes, struct snapshot_info *out,
                          char *error)
{
    char wrong[SETTINGS_ERROR_MAX];
    const char *text = find(notes, "settings", error);
    if (!text)
        return false;
    if (settings_parse_both(text, strlen(text), &out->settings,
                            &out->configured, wrong))
        return true;
    snprintf(error, SNAPSHOT_ERROR_MAX, "note \"settings\": %s", wrong);
    return false;
}

bool notes_read(const struct notes *notes, struct snapshot_info *info,
                struct notes_offered *offered, const char **crc,
                char error[SNAPSHOT_ERROR_MAX])
{
    uint64_t digits = 0;
    if (!read_versions(notes, info, error) ||
        !read_number(notes, "seq", 10, 1, &info->seq, error) ||
        !read_number(notes, "events", 10, 1, &info->events, error) ||
        !read_u32(notes, "users", &info->users, error) ||
        !read_u32(notes, "items", &info->items, error) ||
        !read_u32(notes, "features", &info->features, error) ||
        !read_number(notes, "epoch", 10, 1, &info->epoch, error) ||
        !read_number(notes, "interim", 10, 1, &info->interim, error) ||
        !read_number(notes, "model_hash", 16, 16, &info->model_hash, error) ||
        !read_number(notes, "log", 16, 16, &info->log_id, error) ||
        !read_number(notes, "history.offered", 10, 1, &offered->history,
                     error) ||
        !read_number(notes, "positives.offered", 10, 1, &offered->positives,
                     error) ||
        !read_settings(notes, info, error) ||
        !read_number(notes, "crc32c", 16, NOTES_CRC_CHARS, &digits, error))
        return false;
    const char *created = find(notes, "created", error);
    *crc = find(notes, "crc32c", error);
    if (!created || !*crc)
        return false;
    snprintf(info->created, sizeof info->created, "%s", created);
    return true;
}
