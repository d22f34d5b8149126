/* document.h -- the one door through which JSON comes in.
 *
 * DESIGN  A scan over the bytes bounds depth, elements and values before any
 * memory is spent; jansson then builds the tree in an arena of the calling
 * thread that is emptied for the next document, so that a predict costs no
 * malloc and a document cannot hold memory after its answer.  Duplicate keys,
 * bad UTF-8, NaN, trailing bytes and bare scalars are refused.
 *
 * Only proto/ includes jansson; this header is for proto/ only.
 */
#ifndef FRESHET_PROTO_DOCUMENT_H
#define FRESHET_PROTO_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"
#include "proto/limits.h"

/* Boot only, before any thread parses: installs the arena allocator and seeds
 * jansson's hash from the kernel. */
void document_setup(void);

/* Any thread.  The document's root (object or array), borrowed until the next
 * document_parse() or document_reset() on this thread, where documents are not
 * held.  NULL: *f says why. */
const json_t *document_parse(const char *bytes, size_t n,
                             const struct proto_limits *limits,
                             struct fail *f);

/* Any thread.  Forgets the document and returns memory beyond a keep size. */
void document_reset(void);

/* Any thread.  From here until it is let go this thread's documents stay, one
 * beside the other; then all are forgotten. */
void document_hold(void);
void document_let_go(void);

/* Any thread.  What a value is, in words: "a string", "null", ... */
const char *document_type(const json_t *v);

/* Any thread.  An id from a string or an integer (which means its decimal
 * string, written to scratch, 24 bytes); NULL is missing_field.  `name` for the
 * message.  Borrowed from the document or from scratch. */
bool document_id(const json_t *v, const char *name, char scratch[24],
                 struct id *out, struct fail *f);

/* Any thread.  The same, for ids that outlive the caller's stack: they live as
 * long as the document. */
bool document_id_keep(const json_t *v, const char *name, struct id *out,
                      struct fail *f);

/* Any thread.  A time from seconds since 1970; NULL is TIME_UNSET.  Else
 * invalid_timestamp. */
bool document_time(const json_t *v, const struct proto_limits *limits,
                   int64_t *out, struct fail *f);

/* Any thread.  The same of a question: NULL is now. */
bool document_when(const json_t *v, const struct proto_limits *limits,
                   int64_t *out, struct fail *f);

/* Any thread.  true or false; NULL leaves *out as it is. */
bool document_flag(const json_t *v, const char *name, bool *out,
                   struct fail *f);

/* Any thread.  An event_id, as document_id(); NULL is one of len 0. */
bool document_event_id(const json_t *v, char scratch[24], struct id *out,
                       struct fail *f);

/* Receives one thing of a document.  False stops, having set *f. */
typedef bool (*document_take)(void *arg, const json_t *v, struct fail *f);

/* Any thread.  Parses what is one thing or an array of them, at least one; takes
 * each in order.  f->index is the place in an array, -1 for a single thing. */
bool document_each(const char *bytes, size_t n,
                   const struct proto_limits *limits, document_take take,
                   void *arg, struct fail *f);

/* Any thread.  Parses what is one thing: a line of NDJSON, the body of a PUT. */
bool document_one(const char *bytes, size_t n,
                  const struct proto_limits *limits, document_take take,
                  void *arg, struct fail *f);

#endif
