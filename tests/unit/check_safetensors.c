/* check_safetensors.c -- headers of tensor files, clause by clause. */
#include "safetensors_test.h"

/* ---- right -------------------------------------------------------------- */

static const struct {
    const char *json;
    uint64_t data_bytes;
    const char *read;        /* see say() */
} good[] = {
    {"{}", 0, ""},
    {"{\"__metadata__\":{}}", 0, ""},
    {"{\"__metadata__\":{\"format\":\"pt\",\"\":\"\xc3\xa9\\n\"}}", 0,
     "format=pt;=\xc3\xa9\n;"},
    {"{" T("x", "F32", "[2,3]", 0, 24) "}", 24, "x F32 2 3 @0-24;"},
    // a scalar; every type, in any order; notes behind
    {"{" T("a", "F64", "[]", 0, 8) "}", 8, "a F64 @0-8;"},
    {"{" T("d", "U8", "[3]", 20, 23) "," T("a", "I64", "[1]", 0, 8) ","
     T("c", "F32", "[1,1]", 16, 20) "," T("b", "I32", "[1,2,1,1]", 8, 16)
     ",\"__metadata__\":{\"k\":\"v\"}}", 23,
     "k=v;a I64 1 @0-8;b I32 1 2 1 1 @8-16;c F32 1 1 @16-20;d U8 3 @20-23;"},
    {"{" T("h", "F16", "[3]", 0, 6) "," T("b", "BF16", "[2,1]", 6, 10) "}", 10,
     "h F16 3 @0-6;b BF16 2 1 @6-10;"},
    // nothing in it: before what begins there, by name
    {"{" T("z", "U8", "[5]", 0, 5) "," T("y", "U8", "[0]", 5, 5) ","
     T("x", "F64", "[7,0,7]", 5, 5) "," T("w", "U8", "[0]", 0, 0) "}", 5,
     "w U8 0 @0-0;z U8 5 @0-5;x F64 7 0 7 @5-5;y U8 0 @5-5;"},
    // members in any order, blanks on both sides
    {"  \n{\"x\":{\"data_offsets\":[0,2],\"shape\":[2],\"dtype\":\"U8\"}}   ",
     2, "x U8 2 @0-2;"},
    {"{" T("\\u0041\\\"", "U8", "[1]", 0, 1) "}", 1, "A\" U8 1 @0-1;"},
    {"{" T("x", "U8", "[9223372036854775807]", 0, 9223372036854775807) "}",
     INT64_MAX, "x U8 9223372036854775807 @0-9223372036854775807;"},
};

/* What was read, in words. */
static const char *say(void)
{
    static const char *const types[] = {"U8", "I32", "I64", "F32", "F64",
                                        "F16", "BF16"};
    static char out[2048];
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < got.nnotes; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s=%s;", notes[i].name,
                              notes[i].text);
    for (size_t i = 0; i < got.ntensors; i++) {
        const struct tensor *t = &tensors[i];
        n += (size_t)snprintf(out + n, sizeof out - n, "%s %s ", t->name,
                              types[t->type]);
        for (uint32_t k = 0; k < t->ndim; k++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%llu ",
                                  (unsigned long long)t->shape[k]);
        n += (size_t)snprintf(out + n, sizeof out - n, "@%llu-%llu;",
                              (unsigned long long)t->begin,
                              (unsigned long long)t->end);
    }
    return out;
}

START_TEST(good_headers)
{
    struct fail f;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *s = good[i].json;
        uint64_t bytes = good[i].data_bytes;
        ck_assert_msg(parse(s, strlen(s), bytes, &f), "%s: %s", s, f.message);
        ck_assert_str_eq(say(), good[i].read);
        // one byte of data more or less, and it is another file
        ck_assert(!parse(s, strlen(s), bytes + 1, &f));
        ck_assert(!parse(s, strlen(s), bytes - 1, &f));
        ck_assert(!parse(s, strlen(s), bytes ^ UINT64_C(1) << 63, &f));
    }
}
END_TEST

/* ---- wrong -------------------------------------------------------------- */

#define X(dtype, shape, offsets)                                               \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":"        \
    offsets "}}"

static const struct {
    const char *json;
    uint64_t data_bytes;
    const char *message;     /* a part of it */
} bad[] = {
    // no header at all
    {"", 0, "0 bytes"},
    {" ", 0, "line 1"},
    {"{", 0, "line 1"},
    {"{}{}", 0, "end of file expected"},
    {"{}\x01", 0, "end of file expected"},
    {"[]", 0, "the header must be a JSON object, not an array"},
    {"null", 0, "line 1"},
    {"{\"x\xff\":{}}", 0, "0xff"},
    {"{\"x\":[[[[[[[[[[[[]]]]]]]]]]]]}", 0, "nested deeper"},
    // twice, and NUL
    {"{" T("x", "U8", "[1]", 0, 1) "," T("x", "U8", "[1]", 0, 1) "}", 1,
     "duplicate object key"},
    {"{" T("x", "U8", "[1]", 0, 1) "," T("\\u0078", "U8", "[1]", 1, 2) "}", 2,
     "duplicate object key"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate object key"},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "duplicate object key"},
    {"{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],"
     "\"data_offsets\":[0,0]}}", 0, "duplicate object key"},
    {"{" T("x\\u0000", "U8", "[1]", 0, 1) "}", 1, "NUL"},
    {"{\"__metadata__\":{\"a\\u0000\":\"1\"}}", 0, "NUL"},
    {"{\"__metadata__\":{\"a\":\"\\u0000\"}}", 0, "\\u0000 is not allowed"},
    // notes
    {"{\"__metadata__\":[]}", 0, "must be a JSON object, not an array"},
    {"{\"__metadata__\":null}", 0, "not null"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "a in __metadata__ must be a string"},
    {"{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, "not an object"},
    {"{\"__metadata__\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\"}}", 0,
     "more than 3 members"},
    // tensors
    {"{\"x\":[]}", 0, "tensor \"x\": it must be a JSON object, not an array"},
    {"{\"x\":{}}", 0, "tensor \"x\": dtype is missing"},
    {"{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}", 0,
     "shape is missing"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0, "data_offsets is missing"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],"
     "\"stride\":[1]}}", 0, "\"stride\" is not known"},
    {"{" T("a", "U8", "[0]", 0, 0) "," T("b", "U8", "[0]", 0, 0) ","
     T("c", "U8", "[0]", 0, 0) "," T("d", "U8", "[0]", 0, 0) ","
     T("e", "U8", "[0]", 0, 0) "}", 0, "more than 4 tensors"},
    // dtype
    {X("\"BOOL\"", "[1]", "[0,1]"), 1, "dtype \"BOOL\" is not known"},
    {X("\"f32\"", "[1]", "[0,4]"), 4, "dtype \"f32\" is not known"},
    {X("\"\"", "[0]", "[0,0]"), 0, "dtype \"\" is not known"},
    {X("3", "[0]", "[0,0]"), 0, "dtype must be a string, not an integer"},
    {X("[\"U8\"]", "[0]", "[0,0]"), 0, "dtype must be a string"},
    // shape
    {X("\"U8\"", "1", "[0,1]"), 1, "shape must be an array, not an integer"},
    {X("\"U8\"", "null", "[0,1]"), 1, "shape must be an array, not null"},
    {X("\"U8\"", "[1,1,1,1,1]", "[0,1]"), 1, "shape has more than 4 numbers"},
    {X("\"U8\"", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), 1, "longer arrays"},
    {X("\"U8\"", "[-1]", "[0,1]"), 1, "shape must hold whole numbers from 0"},
    {X("\"U8\"", "[-1,-1]", "[0,1]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[1.0]", "[0,1]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[1e0]", "[0,1]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[\"1\"]", "[0,1]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[[1]]", "[0,1]"), 1, "nested deeper"},
    {X("\"U8\"", "[9223372036854775808]", "[0,1]"), 1, "too big integer"},
    {X("\"U8\"", "[18446744073709551616]", "[0,0]"), 0, "too big integer"},
    {X("\"U8\"", "[1e400]", "[0,1]"), 1, "overflow"},
    {X("\"U8\"", "[2]", "[0,1]"), 1, "needs 2 bytes, its offsets enclose 1"},
    {X("\"F32\"", "[1]", "[0,1]"), 1, "needs 4 bytes"},
    {X("\"U8\"", "[0]", "[0,1]"), 1, "needs 0 bytes"},
    {X("\"U8\"", "[]", "[0,0]"), 0, "needs 1 bytes"},
    // products that come to little, or to nothing, in 64 bits
    {X("\"U8\"", "[4294967296,4294967296]", "[0,0]"), 0, "more than 2^64"},
    {X("\"U8\"", "[6148914691236517206,3]", "[0,2]"), 2, "more than 2^64"},
    {X("\"F64\"", "[2305843009213693952]", "[0,0]"), 0, "more than 2^64"},
    {X("\"F64\"", "[9223372036854775807,9223372036854775807,"
       "9223372036854775807,9223372036854775807]", "[0,8]"), 8,
     "more than 2^64"},
    {X("\"F32\"", "[9223372036854775807,9223372036854775807,0]", "[0,0]"), 0,
     "more than 2^64"},
    {X("\"U8\"", "[9223372036854775807]", "[0,1]"), 1,
     "needs 9223372036854775807 bytes"},
    // offsets
    {X("\"U8\"", "[1]", "1"), 1, "data_offsets must be an array"},
    {X("\"U8\"", "[1]", "{\"0\":0,\"1\":1}"), 1, "must be an array, not an"},
    {X("\"U8\"", "[1]", "[]"), 1, "data_offsets needs two numbers"},
    {X("\"U8\"", "[1]", "[1]"), 1, "data_offsets needs two numbers"},
    {X("\"U8\"", "[1]", "[0,1,1]"), 1, "more than 2 numbers"},
    {X("\"U8\"", "[1]", "[0,1.0]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[1]", "[-1,0]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[1]", "[\"0\",1]"), 1, "whole numbers from 0"},
    {X("\"U8\"", "[1]", "[0,18446744073709551617]"), 1, "too big integer"},
    {X("\"U8\"", "[1]", "[2,1]"), 2, "it ends before it begins"},
    {X("\"U8\"", "[9223372036854775807]", "[9223372036854775807,0]"), 0,
     "it ends before it begins"},
    // cover
    {"{" T("x", "U8", "[1]", 1, 2) "}", 2, "begins at 1, behind 0"},
    {"{" T("x", "U8", "[1]", 0, 1) "," T("y", "U8", "[1]", 2, 3) "}", 3,
     "tensor \"y\" begins at 2, behind 1, where the one before it ends"},
    {"{" T("x", "U8", "[2]", 0, 2) "," T("y", "U8", "[2]", 1, 3) "}", 3,
     "tensor \"y\" begins at 1, before 2"},
    {"{" T("x", "U8", "[2]", 0, 2) "," T("y", "U8", "[2]", 0, 2) "}", 2,
     "tensor \"y\" begins at 0, before 2"},
    {"{" T("x", "U8", "[2]", 0, 2) "," T("y", "U8", "[0]", 1, 1) "}", 2,
     "tensor \"y\" begins at 1, before 2"},
    {"{" T("x", "U8", "[2]", 0, 2) "," T("y", "U8", "[0]", 3, 3) "}", 3,
     "tensor \"y\" begins at 3, behind 2"},
    {"{}", 1, "the tensors end at 0, the data at 1"},
    {"{" T("x", "U8", "[2]", 0, 2) "}", 3, "end at 2, the data at 3"},
    {"{" T("x", "U8", "[2]", 0, 2) "}", 1, "end at 2, the data at 1"},
};

START_TEST(bad_headers)
{
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *s = bad[i].json;
        ck_assert_msg(!parse(s, strlen(s), bad[i].data_bytes, &f), "%s", s);
        ck_assert_msg(strstr(f.message, bad[i].message) != NULL, "%s: %s", s,
                      f.message);
    }
}
END_TEST

START_TEST(a_nul_behind_the_header)
{
    struct fail f;
    ck_assert(parse("{} ", 3, 0, &f));
    ck_assert(!parse("{}\0", 3, 0, &f));
}
END_TEST

PROTO_TEST_MAIN("safetensors", good_headers, bad_headers,
                a_nul_behind_the_header)
