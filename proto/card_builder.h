/* card_builder.h -- makes a card (model/core/card.h) from typed pieces.
 *
 *   card_builder_begin(b);
 *   card_builder_category(b, "Comedy", 6);
 *   card_builder_number(b, "year", 4, 1995);
 *   card = card_builder_end(b, CARD_OF_ITEM, &n);
 *
 * Pieces may come in any order; in the card they stand by kind, and within a
 * kind as they came, so that the same pieces make the same bytes.  A category or
 * tag that is there already is passed over.  The end derives the features
 * (card_features.h).  The card passes card_ok() and has at most CARD_BYTES_MAX
 * bytes.
 *
 * Whoever has the builder; one thread at a time.
 */
#ifndef FRESHET_PROTO_CARD_BUILDER_H
#define FRESHET_PROTO_CARD_BUILDER_H

#include "model/core/card.h"
#include "proto/card_features.h"

#define CARD_PIECES_MAX       1000u  /* of a card, features apart */
#define CARD_PIECES_BYTES_MAX (CARD_BYTES_MAX - CARD_FEATURES_BYTES)
#define CARD_EMBEDDING_MAX    4096u  /* floats */

struct card_builder;

/* rules: borrowed until card_builder_free().  NULL: no memory. */
struct card_builder *card_builder_new(const struct card_rules *rules);
void card_builder_free(struct card_builder *b);

/* Forgets all pieces. */
void card_builder_begin(struct card_builder *b);

/* Each adds a piece.  ERR_FULL: more than CARD_PIECES_MAX pieces or
 * CARD_PIECES_BYTES_MAX bytes.  ERR_RANGE: not what such a piece may be, or one
 * that there can be only one of came twice; the card is as before. */

/* 1..CARD_LABEL_MAX bytes under the rules of ids. */
enum err card_builder_category(struct card_builder *b, const char *s, size_t n)
    MUSTCHECK;
enum err card_builder_tag(struct card_builder *b, const char *s, size_t n)
    MUSTCHECK;
/* name: card_name_ok(); v finite. */
enum err card_builder_number(struct card_builder *b, const char *name,
                             size_t name_len, double v) MUSTCHECK;
/* name: card_name_ok() or "text"; valid UTF-8, may be empty. */
enum err card_builder_text(struct card_builder *b, const char *name,
                           size_t name_len, const char *s, size_t n) MUSTCHECK;
/* 1..CARD_EMBEDDING_MAX finite floats. */
enum err card_builder_embedding(struct card_builder *b, const float *x,
                                size_t n) MUSTCHECK;
enum err card_builder_from(struct card_builder *b, int64_t ms) MUSTCHECK;
enum err card_builder_until(struct card_builder *b, int64_t ms) MUSTCHECK;
enum err card_builder_hidden(struct card_builder *b) MUSTCHECK;

/* The card, *n bytes, borrowed until the next card_builder_begin(). */
const unsigned char *card_builder_end(struct card_builder *b,
                                      enum card_owner owner, size_t *n);

#endif
