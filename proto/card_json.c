/* card_json.c -- cards from JSON; see card_json.h.  The other way is in
 * card_json_write.c. */
#include "proto/card_json.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/utf8.h"
#include "proto/values.h"

enum { ID, CATEGORIES, TAGS, NUMBERS, YEAR, PRICE, TITLE, TEXT, TEXTS,
       EMBEDDING, USER_FIELDS, FROM = USER_FIELDS, UNTIL, HIDDEN, ITEM_FIELDS };
#define SHARED                                                                 \
    FIELD("categories"), FIELD("tags"), FIELD("numbers"), FIELD("year"),       \
    FIELD("price"), FIELD("title"), FIELD("text"), FIELD("texts"),             \
    FIELD("embedding")
static const struct field item_names[ITEM_FIELDS] = {
    FIELD("item_id"), SHARED, FIELD("available_from"),
    FIELD("available_until"), FIELD("hidden")};
static const struct field user_names[USER_FIELDS] = {FIELD("user_id"), SHARED};

/* One document on its way. */
struct reading {
    struct card_builder *b;
    struct fail *f;
};

/* What the builder says of a piece, and `name` of it. */
static bool took(struct reading *r, enum err err, const char *what,
                 const char *rule)
{
    if (err == ERR_OK)
        return true;
    if (err == ERR_FULL)
        return fail_set(r->f, FAIL_invalid_metadata, "the metadata is too "
                        "large: at most %u categories, tags, numbers and texts "
                        "and %u bytes", CARD_PIECES_MAX, CARD_PIECES_BYTES_MAX);
    return fail_set(r->f, FAIL_invalid_metadata, "%s %s", what, rule);
}

static bool wrong_type(struct reading *r, const char *what, const char *is,
                       const json_t *v)
{
    return fail_set(r->f, FAIL_invalid_type, "%s must be %s, not %s", what, is,
                    document_type(v));
}

/* ---- members ------------------------------------------------------------- */

typedef enum err (*label_add)(struct card_builder *b, const char *s, size_t n);

static bool take_labels(struct reading *r, const json_t *v, const char *name,
                        const char *one, label_add add)
{
    if (!v)
        return true;
    if (!json_is_array(v))
        return wrong_type(r, name, "an array of strings", v);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *s = json_array_get(v, i);
        if (!json_is_string(s))
            return wrong_type(r, one, "a string", s);
        enum err err = add(r->b, json_string_value(s), json_string_length(s));
        if (!took(r, err, one, "is 1..200 bytes of UTF-8 without control "
                               "characters"))
            return false;
    }
    return true;
}

static bool take_number(struct reading *r, const char *key, size_t len,
                        const json_t *v)
{
    char what[80];
    utf8_printable(what, sizeof what, key, len);
    if (!json_is_number(v))
        return wrong_type(r, what, "a number", v);
    enum err err = card_builder_number(r->b, key, len, json_number_value(v));
    return took(r, err, what, "is not the name of a number (1..64 of A-Z a-z "
                              "0-9 _ - . and not category, tag, text or "
                              "embedding), or is there twice");
}

static bool take_text(struct reading *r, const char *key, size_t len,
                      const json_t *v)
{
    char what[80];
    utf8_printable(what, sizeof what, key, len);
    if (!json_is_string(v))
        return wrong_type(r, what, "a string", v);
    enum err err = card_builder_text(r->b, key, len, json_string_value(v),
                                     json_string_length(v));
    return took(r, err, what, "is not the name of a text (1..64 of A-Z a-z 0-9 "
                              "_ - . and not category, tag or embedding), or "
                              "is there twice");
}

typedef bool (*member_take)(struct reading *r, const char *key, size_t len,
                            const json_t *v);

static bool take_members(struct reading *r, const json_t *v, const char *name,
                         member_take take)
{
    if (!v)
        return true;
    if (!json_is_object(v))
        return wrong_type(r, name, "an object", v);
    json_t *o = (json_t *)(uintptr_t)v; // iterating takes no const
    void *it = json_object_iter(o);
    for (; it; it = json_object_iter_next(o, it))
        if (!take(r, json_object_iter_key(it), json_object_iter_key_len(it),
                  json_object_iter_value(it)))
            return false;
    return true;
}

static bool take_embedding(struct reading *r, const json_t *v)
{
    float x[CARD_EMBEDDING_MAX];
    if (!v)
        return true;
    if (!json_is_array(v))
        return wrong_type(r, "embedding", "an array of numbers", v);
    size_t n = json_array_size(v);
    if (n == 0 || n > CARD_EMBEDDING_MAX)
        return fail_set(r->f, FAIL_invalid_metadata, "embedding has %zu "
                        "numbers, not 1..%u", n, CARD_EMBEDDING_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        if (!json_is_number(e))
            return wrong_type(r, "a number of the embedding", "a number", e);
        double d = json_number_value(e);
        if (!(fabs(d) <= (double)FLT_MAX))
            return fail_set(r->f, FAIL_invalid_metadata, "embedding: %.9g does "
                            "not fit a 32-bit float", d);
        x[i] = (float)d + 0.0f; // -0 becomes 0
    }
    return took(r, card_builder_embedding(r->b, x, n), "embedding",
                "is not valid");
}

/* Seconds as milliseconds; null is as good as nothing. */
static bool take_time(struct reading *r, const json_t *v, const char *name,
                      int64_t *ms)
{
    if (!v || json_is_null(v))
        return true;
    if (!json_is_number(v))
        return fail_set(r->f, FAIL_invalid_timestamp, "%s must be a number of "
                        "seconds since 1970 or null, not %s", name,
                        document_type(v));
    double seconds = json_number_value(v);
    if (!(seconds >= 0 && seconds < VALUE_MILLISECONDS))
        return fail_set(r->f, FAIL_invalid_timestamp, "%s %.15g is not in "
                        "seconds since 1970", name, seconds);
    *ms = (int64_t)floor(seconds * 1000 + 0.5);
    return true;
}

static bool take_availability(struct reading *r, const json_t *const *at)
{
    int64_t from = TIME_UNSET, until = TIME_UNSET;
    if (!take_time(r, at[FROM], "available_from", &from) ||
        !take_time(r, at[UNTIL], "available_until", &until))
        return false;
    if (from != TIME_UNSET && until != TIME_UNSET && until <= from)
        return fail_set(r->f, FAIL_invalid_timestamp, "available_until is not "
                        "after available_from");
    if (at[HIDDEN] && !json_is_boolean(at[HIDDEN]))
        return wrong_type(r, "hidden", "true or false", at[HIDDEN]);
    enum err err = ERR_OK;
    if (from != TIME_UNSET)
        err = card_builder_from(r->b, from);
    if (err == ERR_OK && until != TIME_UNSET)
        err = card_builder_until(r->b, until);
    if (err == ERR_OK && json_is_true(at[HIDDEN]))
        err = card_builder_hidden(r->b);
    return took(r, err, "available_from", "is not valid");
}

static bool take_document(struct reading *r, const json_t *const *at)
{
    return take_labels(r, at[CATEGORIES], "categories", "a category",
                       card_builder_category) &&
           take_labels(r, at[TAGS], "tags", "a tag", card_builder_tag) &&
           take_members(r, at[NUMBERS], "numbers", take_number) &&
           (!at[YEAR] || take_number(r, "year", 4, at[YEAR])) &&
           (!at[PRICE] || take_number(r, "price", 5, at[PRICE])) &&
           (!at[TITLE] || take_text(r, "title", 5, at[TITLE])) &&
           (!at[TEXT] || take_text(r, "text", 4, at[TEXT])) &&
           take_members(r, at[TEXTS], "texts", take_text) &&
           take_embedding(r, at[EMBEDDING]);
}

/* ---- documents ----------------------------------------------------------- */

/* path: the id that is meant, or len 0: the document says. */
static bool take_id(const json_t *v, const char *name, struct id path,
                    char scratch[24], struct id *out, struct fail *f)
{
    if (!v && path.len) {
        *out = path;
        return true;
    }
    if (!document_id(v, name, scratch, out, f))
        return false;
    if (path.len &&
        (path.len != out->len || memcmp(path.s, out->s, path.len) != 0))
        return fail_set(f, FAIL_invalid_id, "%s is not that of the path", name);
    return true;
}

/* One document for whoever asked. */
struct taking {
    const struct card_reader *r;
    struct id path;
    card_sink sink;
    void *arg;
};

static bool take_object(void *arg, const json_t *o, struct fail *f)
{
    const struct taking *t = arg;
    bool item = t->r->owner == CARD_OF_ITEM;
    const struct field *names = item ? item_names : user_names;
    const json_t *at[ITEM_FIELDS] = {NULL};
    struct reading reading = {t->r->builder, f};
    char scratch[24];
    struct id id;
    size_t n;
    card_builder_begin(t->r->builder);
    if (!fields_take(o, item ? "an item" : "a user", names,
                     item ? ITEM_FIELDS : USER_FIELDS, at, f) ||
        !take_id(at[ID], names[ID].name, t->path, scratch, &id, f) ||
        !take_document(&reading, at) || !take_availability(&reading, at))
        return false;
    const unsigned char *card = card_builder_end(t->r->builder, t->r->owner,
                                                 &n);
    return t->sink(t->arg, id, card, n, f);
}

bool card_json_parse(const struct card_reader *r, const char *bytes, size_t n,
                     card_sink sink, void *arg, struct fail *f)
{
    struct taking t = {.r = r, .sink = sink, .arg = arg};
    return document_each(bytes, n, r->limits, take_object, &t, f);
}

bool card_json_parse_line(const struct card_reader *r, const char *bytes,
                          size_t n, card_sink sink, void *arg, struct fail *f)
{
    struct taking t = {.r = r, .sink = sink, .arg = arg};
    return document_one(bytes, n, r->limits, take_object, &t, f);
}

bool card_json_parse_put(const struct card_reader *r, struct id id,
                         const char *bytes, size_t n, card_sink sink, void *arg,
                         struct fail *f)
{
    struct taking t = {.r = r, .path = id, .sink = sink, .arg = arg};
    return document_one(bytes, n, r->limits, take_object, &t, f);
}
