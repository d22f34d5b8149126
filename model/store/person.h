/* person.h -- what the log holds about one person.  Any thread. */
#ifndef FRESHET_MODEL_STORE_PERSON_H
#define FRESHET_MODEL_STORE_PERSON_H

#include "model/store/log.h"
#include "model/store/redo.h"

struct person {
    struct id user;
    struct id item;        /* only events with this item; len 0: any */
    uint64_t birth;        /* also retractions by who has this birth; 0: none */
};

/* Receives each of the person's events in order, and where its frame lies.
 * False stops. */
typedef bool (*person_found)(void *arg, const struct event *e,
                             const struct redo_place *at,
                             const unsigned char *frame);

/* Reads the events from .. to of the log.  Errors as log_read(). */
enum err person_find(struct log *l, const struct person *who, uint64_t from,
                     uint64_t to, person_found found, void *arg) MUSTCHECK;

#endif
