/* check_safetensors_bytes.c -- headers of tensor files: sizes at the limits,
 * every byte changed, and what is written reads back. */
#include "safetensors_test.h"

/* ---- sizes -------------------------------------------------------------- */

START_TEST(names_and_texts_that_just_fit)
{
    static char json[3 * TENSOR_NOTE_MAX], x[TENSOR_NOTE_MAX];
    struct fail f;
    memset(x, 'x', sizeof x);
    for (int more = 0; more < 2; more++) {
        int name = TENSOR_NAME_MAX - 1 + more;
        int text = TENSOR_NOTE_MAX - 1 + more;
        int n = snprintf(json, sizeof json, "{" T("%.*s", "U8", "[1]", 0, 1)
                         "}", name, x);
        ck_assert_int_eq(parse(json, (size_t)n, 1, &f), !more);
        ck_assert(more || strlen(tensors[0].name) == (size_t)name);
        ck_assert(!more || strstr(f.message, "name of a tensor is longer than "
                                             "127 bytes"));
        n = snprintf(json, sizeof json, "{\"__metadata__\":{\"%.*s\":\"\"}}",
                     name, x);
        ck_assert_int_eq(parse(json, (size_t)n, 0, &f), !more);
        n = snprintf(json, sizeof json, "{\"__metadata__\":{\"a\":\"%.*s\"}}",
                     text, x);
        ck_assert_int_eq(parse(json, (size_t)n, 0, &f), !more);
        ck_assert(more || strlen(notes[0].text) == (size_t)text);
        char longer[48];
        snprintf(longer, sizeof longer, "longer than %d bytes",
                 TENSOR_NOTE_MAX - 1);
        ck_assert(!more || strstr(f.message, longer));
    }
}
END_TEST

/* As much of s as fits into n bytes, over and over, in memory of its own. */
static char *repeat(const char *s, size_t n)
{
    char *out = malloc(n);
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < n; i++)
        out[i] = s[i % strlen(s)];
    return out;
}

START_TEST(headers_as_long_as_they_may_be)
{
    static const char *const fill[] = {"[", "{\"a\":", "{\"a\":[", "\"", "[1,",
                                       "1", "{\"a\":{\"a\":\"a\",", "\\", "-"};
    struct fail f;
    size_t n = SAFETENSORS_HEADER_MAX;
    char *s = repeat(" ", n + 1);
    memcpy(s, "{}", 2);
    ck_assert(parse(s, n, 0, &f));
    ck_assert(!parse(s, n + 1, 0, &f));
    ck_assert_ptr_nonnull(strstr(f.message, "1048577 bytes, not 1..1048576"));
    free(s);
    for (size_t i = 0; i < sizeof fill / sizeof *fill; i++) {
        s = repeat(fill[i], n);
        ck_assert(!parse(s, n, 0, &f));
        s[0] = '{';
        ck_assert(!parse(s, n, 0, &f));
        free(s);
    }
}
END_TEST

/* More names than the contract reads, of tensors and of notes. */
START_TEST(many_names)
{
    static char json[40000];
    struct fail f;
    for (int inside = 0; inside < 2; inside++) {
        int n = snprintf(json, sizeof json, "%s",
                         inside ? "{\"__metadata__\":{" : "{");
        for (int i = 0; i < 300; i++)
            n += snprintf(json + n, sizeof json - (size_t)n,
                          inside ? "%s\"n%d\":\"\""
                                 : "%s" T("n%d", "U8", "[0]", 0, 0),
                          i ? "," : "", i);
        n += snprintf(json + n, sizeof json - (size_t)n, inside ? "}}" : "}");
        ck_assert(!parse(json, (size_t)n, 0, &f));
        ck_assert_ptr_nonnull(strstr(f.message, "more names"));
    }
}
END_TEST

/* ---- all the rest ------------------------------------------------------- */

static const char sample[] =
    "{\"__metadata__\":{\"format\":\"freshet\"},"
    T("ids", "I64", "[2]", 0, 16) "," T("rows", "F32", "[2,3]", 16, 40) "}";

/* What may be believed of a header that was taken. */
static void check_taken(uint64_t data_bytes)
{
    static const uint64_t size[] = {1, 4, 8, 4, 8};
    uint64_t at = 0;
    ck_assert(got.nnotes <= MAX_NOTES && got.ntensors <= MAX_TENSORS);
    for (size_t i = 0; i < got.ntensors; i++) {
        uint64_t bytes = size[tensors[i].type];
        ck_assert_uint_le(tensors[i].ndim, TENSOR_DIMS_MAX);
        for (uint32_t k = 0; k < tensors[i].ndim; k++)
            bytes *= tensors[i].shape[k];
        ck_assert_uint_eq(tensors[i].begin, at);
        at += bytes;
        ck_assert_uint_eq(tensors[i].end, at);
    }
    ck_assert_uint_eq(at, data_bytes);
}

START_TEST(every_byte_changed_and_every_cut)
{
    char s[sizeof sample];
    struct fail f;
    int taken = 0;
    size_t n = strlen(sample);
    ck_assert(parse(sample, n, 40, &f));
    for (size_t i = 0; i < n; i++) {
        ck_assert(!parse(sample, i, 40, &f));
        for (int c = 0; c < 256; c++) {
            memcpy(s, sample, n);
            s[i] = (char)c;
            if (!parse(s, n, 40, &f))
                continue;
            check_taken(40);
            taken++;
        }
    }
    ck_assert_int_gt(taken, 1000); // letters of names and notes
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    static const struct tensor_note some_notes[] = {
        {"format", "freshet"}, {"a \"name\"", "line\n\xc3\xa9\\ \x01"}};
    static const struct tensor some[] = {
        {"none", TENSOR_F64, 2, {0, 8}, 0, 0},
        {"scalar", TENSOR_I32, 0, {0}, 0, 4},
        {"\xc3\xa9\"/", TENSOR_U8, 4, {1, 2, 3, 2}, 4, 16},
        {"big", TENSOR_F32, 1, {UINT64_C(1) << 40}, 16,
         (UINT64_C(4) << 40) + 16},
    };
    struct fail f;
    struct buf b = {0};
    for (size_t nn = 0; nn <= 2; nn++) {
        for (size_t nt = 0; nt <= 4; nt++) {
            uint64_t bytes = nt ? some[nt - 1].end : 0;
            buf_clear(&b);
            buf_puts(&b, "abc"); // what stands before it is not looked at
            safetensors_write(&b, some_notes, nn, some, nt);
            ck_assert(!b.failed);
            ck_assert_uint_eq((b.len - 3) % 8, 0);
            ck_assert_msg(parse(b.p + 3, b.len - 3, bytes, &f), "%s",
                          f.message);
            ck_assert(got.nnotes == nn && got.ntensors == nt);
            ck_assert(nn < 2 || strcmp(notes[1].text, some_notes[1].text) == 0);
            ck_assert(nn < 2 || strcmp(notes[1].name, some_notes[1].name) == 0);
            for (size_t i = 0; i < nt; i++)
                ck_assert_mem_eq(&tensors[i], &some[i], sizeof *some);
        }
    }
    buf_clear(&b);
    safetensors_write(&b, some_notes, 1, some + 1, 1);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"__metadata__\":{\"format\":\"freshet\"},"
                          "\"scalar\":{\"dtype\":\"I32\",\"shape\":[],"
                          "\"data_offsets\":[0,4]}}  ");
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("safetensors_bytes", names_and_texts_that_just_fit,
                headers_as_long_as_they_may_be, many_names,
                every_byte_changed_and_every_cut, what_is_written_reads_back)
