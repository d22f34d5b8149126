/* training.h -- how epochs over the history are to be run: plain data, and the
 * payload of the train event that says it (learn/train.h does it).
 *
 * Little endian: 4 bytes epochs, then binary32 factor_rate, bias_rate,
 * feature_rate, factor_l2, bias_l2, decay, init, then 4 bytes of flags (1:
 * fresh).  Any thread: pure functions.
 */
#ifndef FRESHET_MODEL_CORE_TRAINING_H
#define FRESHET_MODEL_CORE_TRAINING_H

#include <stdbool.h>

#include "model/types.h"

#define TRAINING_EPOCHS_MAX 1000u
#define TRAINING_EPOCHS     20u    /* where nobody says how many */
#define TRAINING_BYTES      36u

/* On the inner scale, as learn/settings.h. */
struct training {
    uint32_t epochs;       /* 1 .. TRAINING_EPOCHS_MAX */
    float factor_rate;     /* 0 .. 10, as are the others but decay */
    float bias_rate;
    float feature_rate;    /* of features, as a part of factor_rate */
    float factor_l2;
    float bias_l2;
    float decay;           /* of the rates per epoch; 0 < decay <= 1 */
    float init;            /* sd of fresh factors * sqrt(K) */
    bool fresh;            /* rows begin anew, else they go on from where they
                              are */
};

/* One that measured well on the data we have; README has the numbers. */
struct training training_default(uint32_t epochs);

/* Is every number in its range? */
bool training_ok(const struct training *t);

/* As a payload, and back; false: it is none. */
void training_encode(const struct training *t,
                     unsigned char payload[TRAINING_BYTES]);
bool training_decode(const unsigned char *payload, size_t n,
                     struct training *t) MUSTCHECK;

#endif
