/* pretrained.h -- a model of another program, read whole from a safetensors
 * file by a map (proto/model_map.h).  One thread. */
#ifndef FRESHET_SERVER_CLI_PRETRAINED_H
#define FRESHET_SERVER_CLI_PRETRAINED_H

#include <stdint.h>

#include "proto/buf.h"
#include "proto/model_map.h"
#include "server/cli/projection.h"
#include "server/cli/tensor_file.h"

#define PRETRAINED_ERROR TENSOR_FILE_ERROR

/* External ids of rows. */
struct names {
    struct buf bytes;
    size_t *end;             /* (n) where each ends in bytes */
    size_t n;
};

struct pretrained_head {
    struct matrix users, items;
    float *user_bias, *item_bias;   /* NULL: none, so 0 */
    bool has_mean;
    double mean;
};

struct pretrained_layer {
    struct matrix weight;    /* (units, inputs) */
    float *bias;             /* NULL: none, so 0 */
};

/* {0} is an empty one. */
struct pretrained {
    struct pretrained_head rating, ranking;
    uint32_t nlayers;        /* dense layers on [user, item, user * item] */
    struct pretrained_layer layer[MAP_LAYERS_MAX];
    struct names user_ids, item_ids;
    uint32_t count;          /* of ratings behind each row */
    bool has_range;
    double range[2];         /* of the ratings in its units */
};

/* Reads `path` by the map in the file `map`; map NULL: it is a snapshot of ours.
 * A map's own file names are relative to the map.  False: `error` says what;
 * release it all the same. */
bool pretrained_load(struct pretrained *p, const char *path, const char *map,
                     char error[PRETRAINED_ERROR]);
void pretrained_release(struct pretrained *p);

/* From the model's units of ratings to lowest..highest, if it says what its
 * own are: factors of both sides alike, biases and the mean; layers so that
 * they still give what they gave. */
void pretrained_rescale(struct pretrained *p, double lowest, double highest);

/* The id of a row; len 0: it has none, and is to be passed over. */
struct id names_get(const struct names *s, size_t row);

/* For pretrained.c.  The ids of n rows (pretrained_ids.c).  dir: with a slash at
 * its end, or "". */
bool names_load(struct names *s, const struct map_ids *how, const char *dir,
                struct tensor_file *f, size_t n, const char *what,
                char error[PRETRAINED_ERROR]);
void names_release(struct names *s);

#endif
