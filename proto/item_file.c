/* item_file.c -- see item_file.h. */
#include "proto/item_file.h"

#include <string.h>

#include "proto/csv.h"
#include "proto/document.h"
#include "proto/fields.h"
#include "proto/utf8.h"
#include "proto/values.h"

#define U_ITEM_FLAG 5     /* u.item: the first flag's column */
#define U_ITEM_GENRES 19

/* The order of MovieLens 100k's u.genre. */
static const char *const genres[U_ITEM_GENRES] = {
    "unknown", "Action",    "Adventure", "Animation", "Children's",
    "Comedy",  "Crime",     "Documentary", "Drama",   "Fantasy",
    "Film-Noir", "Horror",  "Musical",   "Mystery",   "Romance",
    "Sci-Fi",  "Thriller",  "War",       "Western"};

void item_file_init(struct item_file *f, const struct proto_limits *limits)
{
    *f = (struct item_file){.limits = *limits};
}

/* ---- text --------------------------------------------------------------- */

static bool is_utf8(const char *s, size_t n)
{
    uint32_t cp;
    size_t len = 0;
    for (size_t i = 0; i < n; i += len) {
        len = utf8_decode(s + i, n - i, &cp);
        if (len == 0)
            return false;
    }
    return true;
}

/* Appends text to a terminated out[ITEM_TEXT_MAX], cut between characters. */
static void append(char *out, const char *s, size_t n)
{
    size_t len = strlen(out), bytes = 1;
    bool utf8 = is_utf8(s, n);
    for (size_t i = 0; i < n; i += bytes) {
        char latin1[2] = {(char)(0xc0 | (unsigned char)s[i] >> 6),
                          (char)(0x80 | ((unsigned char)s[i] & 0x3f))};
        bool convert = !utf8 && (s[i] & 0x80);
        uint32_t cp;
        bytes = utf8 ? utf8_decode(s + i, n - i, &cp) : 1;
        size_t add = convert ? 2 : bytes;
        if (len + add >= ITEM_TEXT_MAX)
            break;
        memcpy(out + len, convert ? latin1 : s + i, add);
        len += add;
    }
    out[len] = '\0';
}

static void append_category(char *out, const char *s, size_t n)
{
    if (*out)
        append(out, "|", 1);
    append(out, s, n);
}

static void append_field(char *out, const struct csv_field *field)
{
    char text[2 * ITEM_TEXT_MAX];
    size_t n = csv_copy(field, text, sizeof text);
    if (n > sizeof text) { // cut before the last character that began
        n = sizeof text;
        while (n && (text[n - 1] & 0xc0) == 0x80)
            n--;
        n -= n > 0;
    }
    append(out, text, n);
}

/* ---- the first line ----------------------------------------------------- */

static bool is_flags(const char *s, size_t n)
{
    struct csv_field fields[CSV_FIELDS];
    int count = csv_split_plain(s, n, "|", fields);
    for (int i = U_ITEM_FLAG; i < count; i++)
        if (fields[i].n != 1 || (*fields[i].s != '0' && *fields[i].s != '1'))
            return false;
    return count == U_ITEM_FLAG + U_ITEM_GENRES;
}

static bool read_header(struct item_file *f, const char *s, size_t n,
                        struct fail *fail)
{
    struct csv_field fields[CSV_FIELDS];
    f->separator = csv_separator(s, n);
    f->item = f->title = f->categories = -1;
    for (int i = csv_split(s, n, f->separator, fields) - 1; i >= 0; i--) {
        if (csv_is_word(&fields[i],
                        "|item|itemid|movie|movieid|product|productid|"))
            f->item = i;
        if (csv_is_word(&fields[i], "|title|name|"))
            f->title = i;
        if (csv_is_word(&fields[i], "|genre|genres|category|categories|"))
            f->categories = i;
    }
    if (f->item < 0)
        return fail_set(fail, FAIL_missing_field, "the first line is none of: "
                        "u.item, id::title::genres, JSON, or a header that "
                        "names a column item_id");
    f->form = ITEM_FORM_CSV;
    return true;
}

/* *header: this line has no item. */
static bool tell_form(struct item_file *f, const char *s, size_t n,
                      bool *header, struct fail *fail)
{
    *header = false;
    f->item = 0;
    f->title = 1;
    f->categories = 2;
    if (s[0] == '{')
        f->form = ITEM_FORM_NDJSON;
    else if (is_flags(s, n))
        f->form = ITEM_FORM_FLAGS;
    else if (memmem(s, n, "::", 2))
        f->form = ITEM_FORM_DOUBLE_COLON;
    else {
        *header = true;
        return read_header(f, s, n, fail);
    }
    return true;
}

/* ---- every line --------------------------------------------------------- */

static bool take_fields(struct item_file *f, const char *s, size_t n,
                        struct item_line *out, struct fail *fail)
{
    struct csv_field fields[CSV_FIELDS];
    int count;
    if (f->form == ITEM_FORM_CSV)
        count = csv_split(s, n, f->separator, fields);
    else
        count = csv_split_plain(s, n, f->form == ITEM_FORM_FLAGS ? "|" : "::",
                                fields);
    if (count <= f->item)
        return fail_set(fail, FAIL_missing_field, "the line has no item id, "
                        "or a quote that is not closed");
    if (!value_id(f->id, csv_copy(&fields[f->item], f->id, ID_BYTES_MAX),
                  "item_id", &out->item, fail))
        return false;
    if (f->title >= 0 && f->title < count)
        append_field(f->title_text, &fields[f->title]);
    if (f->form == ITEM_FORM_FLAGS) {
        for (int i = 0; i < U_ITEM_GENRES && U_ITEM_FLAG + i < count; i++)
            if (fields[U_ITEM_FLAG + i].n == 1 &&
                *fields[U_ITEM_FLAG + i].s == '1')
                append_category(f->categories_text, genres[i],
                                strlen(genres[i]));
    } else if (f->categories >= 0 && f->categories < count)
        append_field(f->categories_text, &fields[f->categories]);
    if (strcmp(f->categories_text, "(no genres listed)") == 0)
        f->categories_text[0] = '\0'; // how movies.csv says "none"
    return true;
}

static bool take_categories(const json_t *list, char *out, struct fail *fail)
{
    if (!list)
        return true;
    if (!json_is_array(list))
        return fail_set(fail, FAIL_invalid_type, "categories must be an array, "
                        "not %s", document_type(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_string(v))
            return fail_set(fail, FAIL_invalid_type, "a category must be a "
                            "string, not %s", document_type(v));
        append_category(out, json_string_value(v), json_string_length(v));
    }
    return true;
}

static bool take_object(struct item_file *f, const json_t *o,
                        struct item_line *out, struct fail *fail)
{
    enum { ITEM, TITLE, CATEGORIES, NFIELDS };
    static const struct field names[NFIELDS] = {
        FIELD("item_id"), FIELD("title"), FIELD("categories")};
    const json_t *at[NFIELDS];
    char scratch[24];
    if (!fields_pick(o, "an item", names, NFIELDS, at, fail) ||
        !document_id(at[ITEM], names[ITEM].name, scratch, &out->item, fail))
        return false;
    memcpy(f->id, out->item.s, out->item.len);
    out->item.s = f->id;
    if (at[TITLE] && !json_is_string(at[TITLE]))
        return fail_set(fail, FAIL_invalid_type, "title must be a string, not "
                        "%s", document_type(at[TITLE]));
    if (at[TITLE])
        append(f->title_text, json_string_value(at[TITLE]),
               json_string_length(at[TITLE]));
    return take_categories(at[CATEGORIES], f->categories_text, fail);
}

static bool take_json(struct item_file *f, const char *s, size_t n,
                      struct item_line *out, struct fail *fail)
{
    const json_t *o = document_parse(s, n, &f->limits, fail);
    bool ok = o && take_object(f, o, out, fail);
    document_reset();
    return ok;
}

bool item_file_line(struct item_file *f, const char *s, size_t n,
                    struct item_line *out, bool *has, struct fail *fail)
{
    bool header = false, ok = true;
    *has = false;
    *out = (struct item_line){.title = f->title_text,
                              .categories = f->categories_text};
    f->title_text[0] = f->categories_text[0] = '\0';
    f->line++;
    if (!csv_line(&s, &n, f->line == 1))
        return true;
    if (f->form == ITEM_FORM_UNKNOWN)
        ok = tell_form(f, s, n, &header, fail);
    if (ok && f->form == ITEM_FORM_NDJSON)
        ok = take_json(f, s, n, out, fail);
    else if (ok && !header)
        ok = take_fields(f, s, n, out, fail);
    *has = ok && !header;
    if (!ok)
        fail->index = (int64_t)f->line;
    return ok;
}
