/* tensor_file.h -- a safetensors file on disk, of any program.  One thread.
 *
 * Read, not mapped: a file that shrinks meanwhile is an error, not a signal.
 * Nothing is allocated by a number of the file before it has been held against
 * the file's size.
 */
#ifndef FRESHET_SERVER_CLI_TENSOR_FILE_H
#define FRESHET_SERVER_CLI_TENSOR_FILE_H

#include <stdbool.h>

#include "model/types.h"

#define TENSOR_FILE_TENSORS 256
#define TENSOR_FILE_NOTES   32
#define TENSOR_FILE_ERROR   512

struct tensor_file;

/* NULL: `error` says what is wrong with it. */
struct tensor_file *tensor_file_open(const char *path,
                                     char error[TENSOR_FILE_ERROR]);
void tensor_file_close(struct tensor_file *f);

/* NULL: there is none of that name. */
const struct tensor *tensor_file_find(const struct tensor_file *f,
                                      const char *name);
/* The text of a note of __metadata__ (one that is too long is not kept), or
 * NULL. */
const char *tensor_file_note(const struct tensor_file *f, const char *name);

/* How many numbers it has. */
uint64_t tensor_file_size(const struct tensor *t);

/* All of t's numbers, row-major, in memory of their own, which the caller
 * frees.  Floats: from F64, F32, F16 or BF16; those that are not finite are an
 * error.  Whole numbers: from I64, I32 or U8.  Bytes: U8 alone.  NULL: `error`. */
float *tensor_file_floats(struct tensor_file *f, const struct tensor *t,
                          char error[TENSOR_FILE_ERROR]);
int64_t *tensor_file_wholes(struct tensor_file *f, const struct tensor *t,
                            char error[TENSOR_FILE_ERROR]);
char *tensor_file_bytes(struct tensor_file *f, const struct tensor *t,
                        char error[TENSOR_FILE_ERROR]);

#endif
