/* check_item_card.c -- files that name items, as cards. */
#include "card_test.h"

#include "proto/item_card.h"

/* One "id: pieces" after the other. */
struct said {
    char text[2048];
};

static bool say(void *arg, struct id id, const unsigned char *card, size_t n,
                struct fail *f)
{
    struct said *said = arg;
    size_t len = strlen(said->text);
    (void)f;
    snprintf(said->text + len, sizeof said->text - len, "%s%.*s: %s",
             len ? " / " : "", (int)id.len, id.s,
             card_test_text(card, n, CARD_PIECES));
    return true;
}

static const struct {
    const char *lines[5];
    const char *out;
} files[] = {
    {{"movieId,title,genres", "1,Toy Story (1995) ,Comedy|Animation|Comedy",
      "2,Heat (95),(no genres listed)", "3,(1994),|a||b|",
      "4,1994 (x994),"},
     "1: category Comedy; category Animation; number year 1995; text title "
     "Toy Story (1995)  / 2: text title Heat (95) / 3: category a; category b; "
     "number year 1994; text title (1994) / 4: text title 1994 (x994)"},
    {{"5::Bat (1926)::Crime|Drama", "6"},
     "5: category Crime; category Drama; number year 1926; text title "
     "Bat (1926) / 6: "},
    {{"7|L\xe9on (1994)|||u|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0"},
     "7: category Action; number year 1994; text title L\xc3\xa9on (1994)"},
    {{"\xef\xbb\xbf{\"item_id\":8,\"title\":\"T (1990)\",\"tags\":[\"x\"]}",
      "", "{\"item_id\":9,\"year\":2001}"},
     "8: tag x; text title T (1990) / 9: number year 2001"},
};

START_TEST(forms)
{
    struct card_rules rules = card_test_rules("year:5", 0, 0);
    struct card_builder *b = card_builder_new(&rules);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct said said = {""};
        struct item_file f;
        struct fail fail;
        item_file_init(&f, &proto_test_limits);
        for (size_t k = 0; k < 5 && files[i].lines[k]; k++)
            ck_assert_msg(item_card_line(&f, b, files[i].lines[k],
                                         strlen(files[i].lines[k]), say, &said,
                                         &fail), "%s", fail.message);
        ck_assert_str_eq(said.text, files[i].out);
    }
    card_builder_free(b);
}
END_TEST

START_TEST(bad_lines)
{
    struct card_rules rules = card_test_rules("year:5", 0, 0);
    struct card_builder *b = card_builder_new(&rules);
    const char *lines[] = {"{\"item_id\":1}", "{\"item_id\":1,\"tegs\":[]}",
                           "{\"item_id\":1"};
    struct said said = {""};
    struct item_file f;
    struct fail fail;
    item_file_init(&f, &proto_test_limits);
    ck_assert(item_card_line(&f, b, lines[0], strlen(lines[0]), say, &said,
                             &fail));
    ck_assert(!item_card_line(&f, b, lines[1], strlen(lines[1]), say, &said,
                              &fail));
    ck_assert_int_eq(fail.code, FAIL_unknown_field);
    ck_assert_int_eq(fail.index, 2);
    ck_assert(!item_card_line(&f, b, lines[2], strlen(lines[2]), say, &said,
                              &fail));
    ck_assert_int_eq(fail.code, FAIL_invalid_json);
    ck_assert_int_eq(fail.index, 3);
    card_builder_free(b);
}
END_TEST

PROTO_TEST_MAIN("item_card", forms, bad_lines)
