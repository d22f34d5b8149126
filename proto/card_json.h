/* card_json.h -- metadata of items and users: JSON documents <-> cards.
 *
 *   {"item_id"                        in bulk; in a PUT the path says it
 *    "categories":["Comedy",...], "tags":[...],
 *    "numbers":{"price":9.5,...}, "year":1995, "price":9.5,
 *    "title":"...", "text":"...", "texts":{"plot":"..."},
 *    "embedding":[0.1,...],
 *    "available_from":seconds|null, "available_until":seconds|null,
 *    "hidden":true|false}
 *
 * All may be left out.  A user's has user_id, and none of the last three.
 * "year" and "price" are short for members of "numbers".  A document replaces
 * what was known before as a whole.
 */
#ifndef FRESHET_PROTO_CARD_JSON_H
#define FRESHET_PROTO_CARD_JSON_H

#include "proto/buf.h"
#include "proto/card_builder.h"
#include "proto/errors.h"
#include "proto/limits.h"

struct card_reader {
    enum card_owner owner;
    struct card_builder *builder;
    const struct proto_limits *limits;
};

/* Receives each card in order; its bytes are borrowed until it returns.  True to
 * go on; false stops the parse, having set *f. */
typedef bool (*card_sink)(void *arg, struct id id, const unsigned char *card,
                          size_t n, struct fail *f);

/* Any thread, all of these; the builder is that thread's. */

/* A document of one object or an array of them, as ratings_parse(). */
bool card_json_parse(const struct card_reader *r, const char *bytes, size_t n,
                     card_sink sink, void *arg, struct fail *f);
/* One line of an NDJSON stream (no newline). */
bool card_json_parse_line(const struct card_reader *r, const char *bytes,
                          size_t n, card_sink sink, void *arg, struct fail *f);
/* The document of a PUT, about `id`: an object; an id in it must be the same. */
bool card_json_parse_put(const struct card_reader *r, struct id id,
                         const char *bytes, size_t n, card_sink sink, void *arg,
                         struct fail *f);

/* A GET's answer:
 *   {"item_id"|"user_id","metadata":{...},"features":{"category=Comedy":1,...},
 *    "ratings":n,"positives":n,"model_seq":n}
 * metadata is the document that would make the same card. */
struct card_answer {
    enum card_owner owner;
    struct id id;
    const unsigned char *card;
    size_t n;
    uint32_t ratings;          /* learned */
    uint32_t positives;        /* events that ranking learned from */
    uint64_t model_seq;
};
void card_json_write(struct buf *out, const struct card_answer *a);

/* The document alone, as an object. */
void card_json_write_document(struct buf *out, const unsigned char *card,
                              size_t n);

#endif
