/* ratings_file.c -- see ratings_file.h. */
#include "proto/ratings_file.h"

#include <string.h>

#include "proto/csv.h"
#include "proto/ratings.h"
#include "proto/utf8.h"
#include "proto/values.h"

void ratings_file_init(struct ratings_file *f, const struct proto_limits *l)
{
    *f = (struct ratings_file){.limits = *l};
}

/* ---- the first line ----------------------------------------------------- */

static void usual_columns(struct ratings_file *f)
{
    f->user = 0;
    f->item = 1;
    f->rating = 2;
    f->time = 3;
}

/* Finds the columns by their names.  False: no name is known. */
static bool read_header(struct ratings_file *f, const struct csv_field *fields,
                        int n)
{
    f->user = f->item = f->rating = f->time = -1;
    for (int i = n - 1; i >= 0; i--) { // the first of two counts
        if (csv_is_word(&fields[i], "|user|userid|"))
            f->user = i;
        if (csv_is_word(&fields[i],
                        "|item|itemid|movie|movieid|product|productid|"))
            f->item = i;
        if (csv_is_word(&fields[i], "|rating|score|stars|"))
            f->rating = i;
        if (csv_is_word(&fields[i], "|timestamp|time|ts|"))
            f->time = i;
    }
    return f->user >= 0 || f->item >= 0 || f->rating >= 0;
}

static bool tell_csv(struct ratings_file *f, const char *s, size_t n,
                     bool *header, struct fail *fail)
{
    struct csv_field fields[CSV_FIELDS];
    double number;
    f->separator = csv_separator(s, n);
    int count = csv_split(s, n, f->separator, fields);
    *header = count > 0 && read_header(f, fields, count);
    if (*header && (f->user < 0 || f->item < 0 || f->rating < 0))
        return fail_set(fail, FAIL_missing_field, "the header names no column "
                        "for the %s", f->user < 0   ? "user"
                                      : f->item < 0 ? "item" : "rating");
    if (!*header) {
        if (f->separator != '\t' || count < 3 ||
            !csv_number(&fields[2], &number))
            return fail_set(fail, FAIL_missing_field, "the first line is none "
                            "of: user, item, rating with tabs or ::, JSON, or "
                            "a header with the names user_id, item_id, rating");
        usual_columns(f);
    }
    f->form = FORM_CSV;
    return true;
}

/* *header: this line has no rating. */
static bool tell_form(struct ratings_file *f, const char *s, size_t n,
                      bool *header, struct fail *fail)
{
    *header = false;
    usual_columns(f);
    if (s[0] == '{')
        f->form = FORM_NDJSON;
    else if (memmem(s, n, "::", 2))
        f->form = FORM_DOUBLE_COLON;
    else
        return tell_csv(f, s, n, header, fail);
    return true;
}

/* ---- every line --------------------------------------------------------- */

static bool take_id(const struct csv_field *field, const char *name,
                    char scratch[ID_BYTES_MAX], struct id *out,
                    struct fail *fail)
{
    return value_id(scratch, csv_copy(field, scratch, ID_BYTES_MAX), name, out,
                    fail);
}

static bool take_number(const struct csv_field *field, const char *name,
                        enum fail_code code, double *out, struct fail *fail)
{
    char shown[48];
    return csv_number(field, out) ||
           fail_set(fail, code, "%s \"%s\" is not a number", name,
                    utf8_printable(shown, sizeof shown, field->s, field->n));
}

static bool take_time(const struct csv_field *field,
                      const struct proto_limits *limits, int64_t *out,
                      struct fail *fail)
{
    double t;
    *out = TIME_UNSET;
    if (field->n == 0)
        return true;
    if (!take_number(field, "timestamp", FAIL_invalid_timestamp, &t, fail))
        return false;
    return value_time(t < VALUE_MILLISECONDS ? t : t / 1000, limits, out, fail);
}

static bool take_fields(struct ratings_file *f, const char *s, size_t n,
                        struct rating *r, struct fail *fail)
{
    static const struct csv_field none = {.s = ""};
    struct csv_field fields[CSV_FIELDS];
    double value;
    int count = f->form == FORM_CSV ? csv_split(s, n, f->separator, fields)
                                    : csv_split_plain(s, n, "::", fields);
    if (count < 0)
        return fail_set(fail, FAIL_invalid_type, "a quote is not closed, or "
                        "text follows the closing one");
    if (count <= f->user || count <= f->item || count <= f->rating)
        return fail_set(fail, FAIL_missing_field, "only %d of the columns are "
                        "there", count);
    bool has_time = f->time >= 0 && f->time < count;
    *r = (struct rating){.value = 0};
    return take_id(&fields[f->user], "user_id", f->scratch, &r->user, fail) &&
           take_id(&fields[f->item], "item_id", f->scratch + ID_BYTES_MAX,
                   &r->item, fail) &&
           take_number(&fields[f->rating], "rating", FAIL_invalid_rating,
                       &value, fail) &&
           value_rating(value, "rating", &f->limits, &r->value, fail) &&
           take_time(has_time ? &fields[f->time] : &none, &f->limits,
                     &r->time_ms, fail);
}

/* A ratings_sink that keeps the rating beyond its document. */
struct keep {
    struct ratings_file *f;
    struct rating *r;
};

static bool keep_rating(void *arg, const struct rating *r, struct fail *fail)
{
    struct keep *k = arg;
    char *user = k->f->scratch, *item = user + ID_BYTES_MAX;
    char *event = item + ID_BYTES_MAX;
    (void)fail;
    *k->r = *r;
    memcpy(user, r->user.s, r->user.len);
    memcpy(item, r->item.s, r->item.len);
    k->r->user.s = user;
    k->r->item.s = item;
    if (r->event_id.len)
        k->r->event_id.s = memcpy(event, r->event_id.s, r->event_id.len);
    return true;
}

bool ratings_file_line(struct ratings_file *f, const char *s, size_t n,
                       struct rating *r, bool *has, struct fail *fail)
{
    bool header = false, ok = true;
    *has = false;
    f->line++;
    if (!csv_line(&s, &n, f->line == 1))
        return true;
    if (f->form == FORM_UNKNOWN)
        ok = tell_form(f, s, n, &header, fail);
    if (ok && f->form == FORM_NDJSON) {
        struct keep k = {f, r};
        ok = ratings_parse_line(s, n, &f->limits, keep_rating, &k, fail);
    } else if (ok && !header)
        ok = take_fields(f, s, n, r, fail);
    *has = ok && !header;
    if (!ok)
        fail->index = (int64_t)f->line;
    return ok;
}
