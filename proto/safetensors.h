/* safetensors.h -- the JSON header of a safetensors file, both ways.
 *
 * A file is: 8 bytes little endian N, N bytes of JSON, the data.  The JSON is
 * {"__metadata__":{"name":"text",...},"tensor":{"dtype":"F32","shape":[2,3],
 * "data_offsets":[begin,end]},...}, offsets counted from the start of the data.
 * Format: https://github.com/huggingface/safetensors#format
 *
 * The reader trusts nothing: see safetensors_parse().
 */
#ifndef FRESHET_PROTO_SAFETENSORS_H
#define FRESHET_PROTO_SAFETENSORS_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"
#include "proto/errors.h"

/* Bytes of JSON that are read at most, and names in one object of it. */
#define SAFETENSORS_HEADER_MAX (1024 * 1024)
#define SAFETENSORS_NAMES_MAX  256

/* Any thread.  Writes the JSON (without the 8 bytes before it): the notes, then
 * the tensors in the order given.  Blanks at its end make its length a multiple
 * of 8, so that the data of the file begins at one too. */
void safetensors_write(struct buf *out, const struct tensor_note *notes,
                       size_t nnotes, const struct tensor *tensors,
                       size_t ntensors);

/* What is read from a header, into the caller's arrays. */
struct safetensors {
    struct tensor_note *notes;
    size_t max_notes;        /* room, set by the caller */
    bool lax_notes;          /* a note that does not fit is passed over, where
                                else it is an error: for files of others */
    size_t nnotes;           /* read */
    struct tensor *tensors;  /* sorted by begin */
    size_t max_tensors;
    size_t ntensors;
};

/* Any thread.  Reads the n bytes of JSON of a file whose data part has
 * data_bytes bytes.  False with *f (code invalid_json, a message to print) when
 * it is not such a header, has more notes or tensors than there is room for, a
 * name or text that does not fit, an unknown dtype, a shape whose size
 * overflows or does not match its offsets, or when the tensors do not cover
 * 0..data_bytes exactly, each byte once; code busy when there is no memory.
 * Then both counts are 0.  Never allocates by a number that the file names.
 * Forgets the thread's JSON document. */
bool safetensors_parse(const char *bytes, size_t n, uint64_t data_bytes,
                       struct safetensors *out, struct fail *f);

#endif
