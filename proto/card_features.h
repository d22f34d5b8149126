/* card_features.h -- what is learned of a card: its FEATURE fields, derived from
 * the rest.
 *
 * Each feature is a name and a weight; the name is a row of the model's features
 * table, the weight is what the row counts for in this item.  Features are
 * derived once, when the metadata comes in, and are part of the event: rules
 * that change later are for metadata that comes later.
 *
 *   of a          name                 weight
 *   category      category=Comedy      1
 *   number        year=1995            1        the bucket that it falls into
 *   tag           tag=space            1
 *   embedding     embedding#0, ...     x / |x|  squares sum to 1
 *   text          text=0, ...          1 / sqrt(number of words)
 *
 * A user's names begin with "user:", so that the two sides share no row.
 *
 * Numbers: `items.buckets` is a list of name:rule.
 *   name:N      the multiple of N below, N > 0: year:5 makes 1997 year=1995
 *   name:log    half octaves: the power of sqrt(2) below, of either sign; 0 is
 *               its own bucket
 *   name:exact  each value is a feature
 *   name:off    none
 * A number that is not in the list has log.
 *
 * Text: words are runs of ASCII letters and digits and of characters beyond
 * ASCII that are no punctuation, of 3 bytes or more, lower-cased where they are
 * ASCII; common English words are left out.  The first 16 that differ are hashed
 * into items.text_buckets names (0: none).  The text called "title" is kept to
 * be shown, and gives none: names of single works teach nothing about others.
 *
 * Embedding: as it is when it has no more than items.embedding_features numbers
 * (0: none); else it is projected to so many by a matrix of random signs, the
 * same for all (Achlioptas 2003), which keeps angles about as they were.
 *
 * At most CARD_FEATURES_MAX: categories first, then numbers, tags, embedding,
 * text.  What is beyond that is kept in the card and not learned from.
 *
 * Any thread: pure functions.
 */
#ifndef FRESHET_PROTO_CARD_FEATURES_H
#define FRESHET_PROTO_CARD_FEATURES_H

#include <stdbool.h>

#include "model/core/card.h"

#define CARD_NAME_MAX     64   /* bytes of the name of a number or a text */
#define CARD_LABEL_MAX    200  /* bytes of a category or a tag */
#define CARD_RULES_MAX    64   /* numbers that have a rule */
#define CARD_WORDS_MAX    16
#define CARD_PROJECTED_MAX CARD_FEATURES_MAX

/* Most bytes that the features of one card may need. */
#define CARD_FEATURES_BYTES (CARD_FEATURES_MAX * (CARD_FIELD_HEAD + 255u + 4u))

enum card_owner { CARD_OF_ITEM, CARD_OF_USER };

enum bucket { BUCKET_LOG = 0, BUCKET_WIDTH, BUCKET_EXACT, BUCKET_OFF };

/* Plain data, const once it is set. */
struct card_rules {
    uint32_t text_buckets;
    uint32_t embedding_features;
    uint32_t n;
    struct {
        char name[CARD_NAME_MAX + 1];
        enum bucket bucket;
        double width;           /* of BUCKET_WIDTH */
    } number[CARD_RULES_MAX];
};

#define CARD_RULES_ERROR_MAX 256

/* Boot only.  From the options items.buckets, items.text_buckets and
 * items.embedding_features (at most CARD_PROJECTED_MAX).  False: `error` says in
 * one line what is wrong with `buckets`. */
bool card_rules_set(struct card_rules *rules, const char *buckets,
                    uint32_t text_buckets, uint32_t embedding_features,
                    char error[CARD_RULES_ERROR_MAX]) MUSTCHECK;

/* Is this a name for a number or a text?  1..CARD_NAME_MAX of A-Z a-z 0-9 _ - .
 * and none of category, tag, text, embedding, whose features are others. */
bool card_name_ok(const char *s, size_t n);

/* Appends to the *n bytes at dst the features of the card that they are (of the
 * kinds before FEATURE).  There is room for CARD_FEATURES_BYTES more. */
void card_features(const struct card_rules *rules, enum card_owner owner,
                   unsigned char *dst, size_t *n);

#endif
