/* recommend_parts.h -- the members of a request for recommendations that are
 * more than a number.  For proto/ only.
 *
 * Each takes the member `v`, which may be NULL: not there; *out keeps its value
 * then.  What is kept of it lives as long as the document.  False: *f says why.
 */
#ifndef FRESHET_PROTO_RECOMMEND_PARTS_H
#define FRESHET_PROTO_RECOMMEND_PARTS_H

#include <jansson.h>

#include "proto/recommend.h"

/* An array of at most `max` ids (0: what arrays may have). */
bool recommend_take_ids(const json_t *v, const char *name, uint32_t max,
                        struct id_list *out, struct fail *f);
/* {"categories","tags","numbers"[,"available_at"]}: the last one only with
 * `times`. */
bool recommend_take_filter(const json_t *v, bool times, struct filter *out,
                           struct fail *f);
bool recommend_take_history(const json_t *v, struct recommend_request *out,
                            struct fail *f);
bool recommend_take_boosts(const json_t *v, struct recommend_request *out,
                           struct fail *f);
/* exclude_kinds and exclude_days. */
bool recommend_take_seen(const json_t *kinds, const json_t *days,
                         const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f);

/* Of these two, for documents and parameters. */
#define RECOMMEND_KINDS "exclude_kinds"
#define RECOMMEND_DAYS  "exclude_days"
bool recommend_check_kind(struct id kind, const struct proto_limits *limits,
                          struct fail *f);
bool recommend_set_days(struct recommend_request *out, int64_t days,
                        struct fail *f);
/* When all is taken: do they go together? */
bool recommend_check_seen(const struct recommend_request *r, struct fail *f);

/* Any thread.  May the list be kept? */
bool recommend_check_kept(const struct recommend_request *r, struct fail *f);

/* Any thread.  With keep or at_seq, out->question: the document without what says
 * which page. */
bool recommend_take_question(const json_t *root, struct recommend_request *out,
                             struct fail *f);

/* Any thread.  The same of a parameter of the short forms, one more. */
bool recommend_add_question(struct recommend_request *req, const char *name,
                            const char *value, struct fail *f);

#endif
