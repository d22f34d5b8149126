/* check_card_json.c -- metadata documents to cards and back. */
#include "card_test.h"

#include "proto/card_json.h"

static struct card_rules rules;
static struct card_reader reader;

/* What a sink got. */
struct got {
    struct buf id, card;       /* of the last */
    unsigned n;
    bool refuse;
};

static bool keep(void *arg, struct id id, const unsigned char *card, size_t n,
                 struct fail *f)
{
    struct got *g = arg;
    buf_clear(&g->id);
    buf_clear(&g->card);
    buf_put(&g->id, id.s, id.len);
    buf_put(&g->card, card, n);
    g->n++;
    ck_assert(card_ok(card, n));
    return !g->refuse || fail_set(f, FAIL_busy, NULL);
}

static void begin(enum card_owner owner)
{
    rules = card_test_rules("year:5", 4096, 16);
    reader = (struct card_reader){.owner = owner, .limits = &proto_test_limits,
                                  .builder = card_builder_new(&rules)};
    ck_assert_ptr_nonnull(reader.builder);
}

static void release(struct got *g)
{
    buf_release(&g->id);
    buf_release(&g->card);
    card_builder_free(reader.builder);
}

static const char *pieces(const struct got *g)
{
    return card_test_text((const unsigned char *)g->card.p, g->card.len,
                          CARD_PIECES);
}

/* ---- what is read -------------------------------------------------------- */

static const struct {
    const char *in, *id, *pieces;
    const char *out;               /* NULL: as it came, less the id */
} good[] = {
    {"{\"item_id\":7}", "7", "", "{}"},
    {"{\"item_id\":\"a\",\"categories\":[],\"tags\":[],\"numbers\":{},"
     "\"texts\":{},\"hidden\":false,\"available_from\":null,"
     "\"available_until\":null}", "a", "", "{}"},
    {"{\"item_id\":\"d\\u00fcne\",\"categories\":[\"SF\",\"Novel\",\"SF\"],"
     "\"tags\":[\"sp\\u00efce\"],\"year\":1965,\"price\":9.5}",
     "d\xc3\xbcne", "category SF; category Novel; tag sp\xc3\xaf" "ce; "
     "number year 1965; number price 9.5",
     "{\"categories\":[\"SF\",\"Novel\"],\"tags\":[\"sp\xc3\xaf" "ce\"],"
     "\"numbers\":{\"year\":1965,\"price\":9.5}}"},
    {"{\"item_id\":\"x\",\"numbers\":{\"a\":0.1,\"b\":-2e-300,\"c\":1e308,"
     "\"d\":0.30000000000000004,\"e\":9007199254740993}}", "x",
     "number a 0.1; number b -2e-300; number c 1e+308; number d 0.3; "
     "number e 9.00719925e+15",
     "{\"numbers\":{\"a\":0.1,\"b\":-2e-300,\"c\":1e+308,"
     "\"d\":0.30000000000000004,\"e\":9007199254740992}}"},
    {"{\"item_id\":\"x\",\"texts\":{\"plot\":\"p\\n\"},\"title\":\"T\\\"\","
     "\"text\":\"\"}", "x", "text title T\"; text text; text plot p\n",
     "{\"texts\":{\"plot\":\"p\\n\"},\"title\":\"T\\\"\",\"text\":\"\"}"},
    {"{\"item_id\":\"x\",\"embedding\":[1,0.1,-0,-3.5e-2]}", "x",
     "embedding 4", "{\"embedding\":[1,0.1,0,-0.035]}"},
    {"{\"item_id\":\"x\",\"available_from\":1700000000.25,"
     "\"available_until\":99999999999.001,\"hidden\":true}", "x",
     "from 1700000000250; until 99999999999001; hidden",
     "{\"available_from\":1700000000.250,\"available_until\":99999999999.001,"
     "\"hidden\":true}"},
};

START_TEST(documents)
{
    struct got g = {.n = 0};
    struct buf out = {0};
    struct fail f;
    begin(CARD_OF_ITEM);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *in = good[i].in;
        ck_assert_msg(card_json_parse(&reader, in, strlen(in), keep, &g, &f),
                      "%zu: %s", i, f.message);
        ck_assert_uint_eq(g.id.len, strlen(good[i].id));
        ck_assert_int_eq(memcmp(g.id.p, good[i].id, g.id.len), 0);
        ck_assert_str_eq(pieces(&g), good[i].pieces);
        buf_clear(&out);
        card_json_write_document(&out, (unsigned char *)g.card.p, g.card.len);
        buf_putc(&out, '\0');
        ck_assert_str_eq(out.p, good[i].out);
    }
    buf_release(&out);
    release(&g);
}
END_TEST

/* What is written makes the same card again. */
START_TEST(round_trip)
{
    struct got g = {.n = 0}, again = {.n = 0};
    struct buf out = {0};
    struct fail f;
    struct id id = {"an id", 5};
    begin(CARD_OF_ITEM);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(card_json_parse_line(&reader, good[i].in, strlen(good[i].in),
                                       keep, &g, &f));
        buf_clear(&out);
        card_json_write_document(&out, (unsigned char *)g.card.p, g.card.len);
        ck_assert_msg(card_json_parse_put(&reader, id, out.p, out.len, keep,
                                          &again, &f), "%s", f.message);
        ck_assert_uint_eq(again.card.len, g.card.len);
        ck_assert(g.card.len == 0 ||
                  memcmp(again.card.p, g.card.p, g.card.len) == 0);
        ck_assert_int_eq(memcmp(again.id.p, "an id", 5), 0);
    }
    buf_release(&out);
    buf_release(&again.id);
    buf_release(&again.card);
    release(&g);
}
END_TEST

/* ---- what is refused ----------------------------------------------------- */

static const struct {
    const char *in;
    enum fail_code code;
    const char *message;
} bad[] = {
    {"{}", FAIL_missing_field, "item_id is missing"},
    {"[1]", FAIL_invalid_type, "an item must be a JSON object, not an integer"},
    {"[]", FAIL_empty_batch, "the array is empty"},
    {"{\"item_id\":true}", FAIL_invalid_type, "item_id must be a string"},
    {"{\"item_id\":\"\"}", FAIL_invalid_id, "item_id is empty"},
    {"{\"item_id\":1,\"catagories\":[]}", FAIL_unknown_field,
     "the field \"catagories\" is not known; did you mean \"categories\"?"},
    {"{\"item_id\":1,\"user_id\":2}", FAIL_unknown_field,
     "the field \"user_id\" is not known"},
    {"{\"item_id\":1,\"categories\":\"a\"}", FAIL_invalid_type,
     "categories must be an array of strings, not a string"},
    {"{\"item_id\":1,\"tags\":[1]}", FAIL_invalid_type,
     "a tag must be a string, not an integer"},
    {"{\"item_id\":1,\"categories\":[\"\"]}", FAIL_invalid_metadata,
     "a category is 1..200 bytes"},
    {"{\"item_id\":1,\"tags\":[\"a\\u0007\"]}", FAIL_invalid_metadata,
     "a tag is 1..200 bytes"},
    {"{\"item_id\":1,\"numbers\":[]}", FAIL_invalid_type,
     "numbers must be an object, not an array"},
    {"{\"item_id\":1,\"numbers\":{\"a\":\"1\"}}", FAIL_invalid_type,
     "a must be a number, not a string"},
    {"{\"item_id\":1,\"numbers\":{\"a b\":1}}", FAIL_invalid_metadata,
     "a b is not the name of a number"},
    {"{\"item_id\":1,\"numbers\":{\"text\":1}}", FAIL_invalid_metadata,
     "text is not the name of a number"},
    {"{\"item_id\":1,\"numbers\":{\"year\":1},\"year\":2}",
     FAIL_invalid_metadata, "year is not the name of a number"},
    {"{\"item_id\":1,\"price\":null}", FAIL_invalid_type,
     "price must be a number, not null"},
    {"{\"item_id\":1,\"price\":1e999}", FAIL_invalid_json, "line 1"},
    {"{\"item_id\":1,\"title\":5}", FAIL_invalid_type,
     "title must be a string, not an integer"},
    {"{\"item_id\":1,\"texts\":{\"title\":\"a\"},\"title\":\"b\"}",
     FAIL_invalid_metadata, "title is not the name of a text"},
    {"{\"item_id\":1,\"texts\":\"a\"}", FAIL_invalid_type,
     "texts must be an object, not a string"},
    {"{\"item_id\":1,\"embedding\":{}}", FAIL_invalid_type,
     "embedding must be an array of numbers, not an object"},
    {"{\"item_id\":1,\"embedding\":[]}", FAIL_invalid_metadata,
     "embedding has 0 numbers"},
    {"{\"item_id\":1,\"embedding\":[1,\"a\"]}", FAIL_invalid_type,
     "a number of the embedding must be a number, not a string"},
    {"{\"item_id\":1,\"embedding\":[1e39]}", FAIL_invalid_metadata,
     "embedding: 1e+39 does not fit"},
    {"{\"item_id\":1,\"available_from\":\"now\"}", FAIL_invalid_timestamp,
     "available_from must be a number of seconds since 1970 or null"},
    {"{\"item_id\":1,\"available_until\":1700000000000}",
     FAIL_invalid_timestamp, "available_until 1700000000000 is not in seconds"},
    {"{\"item_id\":1,\"available_from\":-1}", FAIL_invalid_timestamp,
     "available_from -1 is not in seconds"},
    {"{\"item_id\":1,\"available_from\":5,\"available_until\":5}",
     FAIL_invalid_timestamp, "available_until is not after available_from"},
    {"{\"item_id\":1,\"hidden\":1}", FAIL_invalid_type,
     "hidden must be true or false, not an integer"},
    {"{\"item_id\":1,\"item_id\":2}", FAIL_invalid_json, "line 1"},
    {"", FAIL_invalid_json, "there is no JSON"},
};

START_TEST(refusals)
{
    struct got g = {.n = 0};
    begin(CARD_OF_ITEM);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fail f = {.code = FAIL_NONE};
        const char *in = bad[i].in;
        ck_assert(!card_json_parse(&reader, in, strlen(in), keep, &g, &f));
        ck_assert_msg(f.code == bad[i].code &&
                      strncmp(f.message, bad[i].message,
                              strlen(bad[i].message)) == 0,
                      "%zu: %s: %s", i, fail_name(f.code), f.message);
    }
    ck_assert_uint_eq(g.n, 0);
    release(&g);
}
END_TEST

START_TEST(arrays)
{
    const char *three = "[{\"item_id\":1},{\"item_id\":2},{\"item_id\":3}]";
    const char *second = "[{\"item_id\":1},{\"item_id\":2,\"hidden\":0}]";
    struct got g = {.n = 0};
    struct fail f;
    begin(CARD_OF_ITEM);
    ck_assert(card_json_parse(&reader, three, strlen(three), keep, &g, &f));
    ck_assert_uint_eq(g.n, 3);
    ck_assert(!card_json_parse(&reader, second, strlen(second), keep, &g, &f));
    ck_assert_int_eq(f.index, 1);
    ck_assert(!card_json_parse_line(&reader, three, strlen(three), keep, &g,
                                    &f));
    ck_assert_int_eq(f.code, FAIL_invalid_type);
    g.refuse = true;
    ck_assert(!card_json_parse(&reader, three, strlen(three), keep, &g, &f));
    ck_assert_int_eq(f.code, FAIL_busy);
    release(&g);
}
END_TEST

START_TEST(the_id_of_a_path)
{
    struct id id = {"7", 1};
    struct got g = {.n = 0};
    struct fail f;
    begin(CARD_OF_USER);
    ck_assert(card_json_parse_put(&reader, id, "{}", 2, keep, &g, &f));
    ck_assert_uint_eq(g.card.len, 0);
    const char *same = "{\"user_id\":7,\"tags\":[\"a\"]}";
    ck_assert(card_json_parse_put(&reader, id, same, strlen(same), keep, &g,
                                  &f));
    ck_assert_str_eq(card_test_text((unsigned char *)g.card.p, g.card.len,
                                    CARD_ALL), "tag a; feature user:tag=a 1");
    const char *other = "{\"user_id\":70}";
    ck_assert(!card_json_parse_put(&reader, id, other, strlen(other), keep, &g,
                                   &f));
    ck_assert_int_eq(f.code, FAIL_invalid_id);
    const char *items = "{\"hidden\":true}";
    ck_assert(!card_json_parse_put(&reader, id, items, strlen(items), keep, &g,
                                   &f));
    ck_assert_int_eq(f.code, FAIL_unknown_field);
    release(&g);
}
END_TEST

/* A piece more than fits is an error that says what would. */
START_TEST(too_large)
{
    struct got g = {.n = 0};
    struct buf in = {0};
    struct fail f;
    begin(CARD_OF_ITEM);
    buf_puts(&in, "{\"item_id\":1,\"tags\":[");
    for (unsigned i = 0; i <= CARD_PIECES_MAX; i++)
        buf_printf(&in, "%s\"%u\"", i ? "," : "", i);
    buf_puts(&in, "]}");
    ck_assert(!card_json_parse(&reader, in.p, in.len, keep, &g, &f));
    ck_assert_int_eq(f.code, FAIL_invalid_metadata);
    ck_assert_str_eq(f.message, "the metadata is too large: at most 1000 "
                     "categories, tags, numbers and texts and 43168 bytes");
    buf_release(&in);
    release(&g);
}
END_TEST

START_TEST(answers)
{
    struct got g = {.n = 0};
    struct buf out = {0};
    struct fail f;
    const char *in = "{\"item_id\":\"d\",\"year\":1984,\"categories\":[\"SF\"]}";
    begin(CARD_OF_ITEM);
    ck_assert(card_json_parse(&reader, in, strlen(in), keep, &g, &f));
    struct card_answer a = {.owner = CARD_OF_ITEM, .id = {"d", 1},
                            .card = (unsigned char *)g.card.p,
                            .n = g.card.len, .ratings = 3, .positives = 4,
                            .model_seq = 9};
    card_json_write(&out, &a);
    buf_putc(&out, '\0');
    ck_assert_str_eq(out.p, "{\"item_id\":\"d\",\"metadata\":{\"categories\":"
                     "[\"SF\"],\"numbers\":{\"year\":1984}},\"features\":{"
                     "\"category=SF\":1,\"year=1980\":1},\"ratings\":3,"
                     "\"positives\":4,\"model_seq\":9}");
    buf_clear(&out);
    a = (struct card_answer){.owner = CARD_OF_USER, .id = {"u", 1}};
    card_json_write(&out, &a);
    buf_putc(&out, '\0');
    ck_assert_str_eq(out.p, "{\"user_id\":\"u\",\"metadata\":{},\"features\":{}"
                     ",\"ratings\":0,\"positives\":0,\"model_seq\":0}");
    buf_release(&out);
    release(&g);
}
END_TEST

PROTO_TEST_MAIN("card_json", documents, round_trip, refusals, arrays,
                the_id_of_a_path, too_large, answers)
