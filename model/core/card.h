/* card.h -- what is known of an item or a user besides events: its metadata, as
 * bytes with one meaning everywhere.
 *
 * The payload of item_put and user_put events and what the live model keeps per
 * row.  proto/ makes cards from JSON and JSON from cards; here they are walked.
 * A card is fields back to back, kinds ascending, no padding:
 *
 *   offset size
 *        0    1  kind (enum card_kind)
 *        1    1  bytes of the name, 0 where the kind has none
 *        2    2  bytes of the value, little endian
 *        4       name, value
 *
 *   kind        name             value
 *   CATEGORY    -                UTF-8            one field per category
 *   TAG         -                UTF-8
 *   NUMBER      yes              binary64         price, year, ...
 *   TEXT        yes              UTF-8            title, description, ...
 *   EMBEDDING   -                binary32 (n)     of any other model
 *   FROM, UNTIL -                int64, ms        when it is available
 *   HIDDEN      -                none             never recommended
 *   FEATURE     what is learned  binary32         its weight; derived from the
 *               of (1..255)                       rest when the card is made
 *   DELETED     -                none             alone: the item was deleted
 *
 * FEATURE fields are what the fold learns from: each name is a row of the
 * features table.  They are part of the card so that the fold depends on the
 * log alone, whatever rule derived them.  Any thread: pure functions.
 */
#ifndef FRESHET_MODEL_CORE_CARD_H
#define FRESHET_MODEL_CORE_CARD_H

#include <stdbool.h>

#include "model/types.h"

enum card_kind {
    CARD_CATEGORY = 1,
    CARD_TAG,
    CARD_NUMBER,
    CARD_TEXT,
    CARD_EMBEDDING,
    CARD_FROM,
    CARD_UNTIL,
    CARD_HIDDEN,
    CARD_FEATURE,
    CARD_DELETED
};

#define CARD_BYTES_MAX    60000u
#define CARD_FEATURES_MAX 64u
#define CARD_FIELD_HEAD   4u

struct card_field {
    enum card_kind kind;
    const char *name;
    uint32_t name_len;
    const unsigned char *value;
    uint32_t value_len;
};

/* The field at *p, which moves behind it.  False at the end of a card that
 * card_ok() has passed. */
bool card_next(const unsigned char **p, const unsigned char *end,
               struct card_field *f);

/* Are the n bytes a card?  Well formed, kinds in order, names and values of the
 * right length, every number finite, at most CARD_FEATURES_MAX features and
 * CARD_BYTES_MAX bytes.  No bytes are an empty card. */
bool card_ok(const unsigned char *p, size_t n);

/* Appends a field to the n bytes at dst.  False: more than room. */
bool card_put(unsigned char *dst, size_t room, size_t *n,
              const struct card_field *f);

/* The first field of the kind; false: there is none. */
bool card_find(const unsigned char *p, size_t n, enum card_kind kind,
               struct card_field *f);

/* The value of a NUMBER, of FROM or UNTIL, of a FEATURE. */
double card_number(const struct card_field *f);
int64_t card_time(const struct card_field *f);
float card_weight(const struct card_field *f);

#endif
