/* intake_layer.h -- a unit of another model's dense layers on its way to the
 * neural head.  Worker only.
 */
#ifndef FRESHET_SERVER_API_INTAKE_LAYER_H
#define FRESHET_SERVER_API_INTAKE_LAYER_H

#include "proto/vectors.h"
#include "server/api/intake.h"

/* Adds the event that sets the unit.  False: it does not fit the head. */
bool intake_layer(struct intake *in, const struct vector *v, struct fail *f);

#endif
