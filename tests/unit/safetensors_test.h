/* safetensors_test.h -- what the tests of safetensors headers share. */
#ifndef FRESHET_TESTS_SAFETENSORS_TEST_H
#define FRESHET_TESTS_SAFETENSORS_TEST_H

#include "proto_test.h"

#include "proto/arena.h"
#include "proto/safetensors.h"

/* One tensor in a header; begin and end are numbers. */
#define T(name, dtype, shape, begin, end)                                      \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape                   \
    ",\"data_offsets\":[" #begin "," #end "]}"

#define MAX_NOTES   3
#define MAX_TENSORS 4

static struct tensor_note notes[MAX_NOTES];
static struct tensor tensors[MAX_TENSORS];
static struct safetensors got = {.notes = notes, .max_notes = MAX_NOTES,
                                 .tensors = tensors,
                                 .max_tensors = MAX_TENSORS};

/* Parses a copy of its own, so that ASan sees its end, into `got`. */
static inline bool parse(const char *s, size_t n, uint64_t data_bytes,
                         struct fail *f)
{
    char *copy = malloc(n + (n == 0));
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, s, n);
    *f = (struct fail){.code = FAIL_NONE};
    got.nnotes = got.ntensors = 99;
    bool ok = safetensors_parse(copy, n, data_bytes, &got, f);
    free(copy);
    ck_assert_uint_le(arena_held(), ARENA_KEEP);
    if (ok)
        return true;
    ck_assert_int_eq(f->code, FAIL_invalid_json);
    ck_assert_int_eq(f->index, -1);
    ck_assert_uint_gt(strlen(f->message), 0);
    ck_assert(got.nnotes == 0 && got.ntensors == 0);
    return false;
}

#endif
