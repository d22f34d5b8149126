/* intake_kind.h -- the kinds of messages that become events, once: how their
 * bytes are read, and where they are counted.  A route names its kind; the way
 * of all of them into the log is the same (ingest.c, stream.c). */
#ifndef FRESHET_SERVER_API_INTAKE_KIND_H
#define FRESHET_SERVER_API_INTAKE_KIND_H

#include "server/api/intake.h"
#include "server/metrics.h"

struct intake_kind {
    /* Adds the events of a document, all or none; of one line of a stream. */
    bool (*document)(struct intake *in, const char *bytes, size_t n,
                     struct fail *f);
    bool (*line)(struct intake *in, const char *bytes, size_t n,
                 struct fail *f);
    enum worker_counter accepted, duplicate, rejected;
};

extern const struct intake_kind intake_ratings;     /* /v1/ratings */
extern const struct intake_kind intake_behaviours;  /* /v1/events */
extern const struct intake_kind intake_items;       /* /v1/items, and one */
extern const struct intake_kind intake_users;       /* /v1/users, and one */
extern const struct intake_kind intake_vectors;     /* /v1/admin/vectors */
extern const struct intake_kind intake_train;       /* /v1/admin/train */
extern const struct intake_kind intake_item_delete; /* DELETE /v1/items/{id} */

#endif
