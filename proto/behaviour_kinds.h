/* behaviour_kinds.h -- the kinds of behaviour that POST /v1/events takes, from
 * the option events.types:
 *
 *   name:weight[:full],...      view:0.2,purchase:1,dislike:-1,watch:1:30
 *
 * The weight says what an event of this kind says of the item: above 0 it was
 * wanted, below 0 it was not, 0 is kept in the log and teaches nothing.  With
 * `full`, the event's value (dwell seconds, say) is what counts: the weight
 * times min(1, value / full); an event without a value has the whole weight.
 * Without `full` a value is kept in the log and changes nothing.
 *
 * What goes into the log is the weight that came out, so that other weights are
 * for events to come.
 */
#ifndef FRESHET_PROTO_BEHAVIOUR_KINDS_H
#define FRESHET_PROTO_BEHAVIOUR_KINDS_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"

#define BEHAVIOUR_KINDS_MAX  64
#define BEHAVIOUR_NAME_MAX   32   /* bytes: A-Z a-z 0-9 _ - . */
#define BEHAVIOUR_WEIGHT_MAX 100  /* either sign */
#define BEHAVIOUR_ERROR_MAX  256

/* Plain data, const once it is set. */
struct behaviour_kinds {
    uint32_t n;
    struct behaviour_kind {
        char name[BEHAVIOUR_NAME_MAX + 1];
        uint32_t len;
        double weight;
        double full;              /* 0: the value has no say */
    } kind[BEHAVIOUR_KINDS_MAX];
};

/* Boot only.  False: `error` says in one line what is wrong with `text`. */
bool behaviour_kinds_set(struct behaviour_kinds *kinds, const char *text,
                         char error[BEHAVIOUR_ERROR_MAX]) MUSTCHECK;

/* Any thread.  NULL: there is no such kind. */
const struct behaviour_kind *
behaviour_kinds_find(const struct behaviour_kinds *kinds, const char *name,
                     size_t n);

/* Any thread.  Always false: *f says that `what` is none of `also` and the
 * kinds. */
bool behaviour_kinds_unknown(const struct behaviour_kinds *kinds,
                             const char *what, const char *also,
                             struct id name, struct fail *f);

#endif
