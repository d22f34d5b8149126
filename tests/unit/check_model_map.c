/* check_model_map.c -- the JSON that says which tensor is what. */
#include "proto_test.h"

#include "proto/model_map.h"

#define IDS   ",\"user_ids\":{\"first\":1},\"item_ids\":\"items.txt\""
#define BOTH  "{\"rating\":{\"users\":\"p\",\"items\":\"q\"}" IDS "}"

static bool parse(const char *s, struct model_map *m, struct fail *f)
{
    *f = (struct fail){.code = FAIL_NONE};
    return model_map_parse(s, strlen(s), m, f);
}

START_TEST(everything)
{
    struct model_map m;
    struct fail f;
    ck_assert_msg(parse(
        "{\"rating\":{\"users\":\"p\",\"items\":{\"tensor\":\"q\","
        "\"transpose\":true},\"user_bias\":\"bp\",\"item_bias\":\"bq\","
        "\"mean\":3.5,\"range\":[0,1],\"layers\":[{\"weight\":\"w\"},"
        "{\"bias\":\"b\",\"weight\":{\"tensor\":\"v\",\"transpose\":true}}]},"
        "\"ranking\":{\"users\":\"rp\","
        "\"items\":\"rq\",\"item_bias\":\"rb\"},\"user_ids\":{\"offsets\":"
        "\"uo\",\"bytes\":\"ub\"},\"item_ids\":{\"tensor\":\"it\"},"
        "\"count\":20}", &m, &f), "%s", f.message);
    ck_assert_str_eq(m.rating.users.name, "p");
    ck_assert(!m.rating.users.transpose && m.rating.items.transpose);
    ck_assert_str_eq(m.rating.user_bias.name, "bp");
    ck_assert_str_eq(m.rating.item_bias.name, "bq");
    ck_assert(m.rating.has_mean && m.rating.mean_value == 3.5);
    ck_assert(m.rating.has_range && m.rating.range[0] == 0 &&
              m.rating.range[1] == 1);
    ck_assert_uint_eq(m.rating.nlayers, 2);
    ck_assert_str_eq(m.rating.layer[0].weight.name, "w");
    ck_assert_str_eq(m.rating.layer[0].bias.name, "");
    ck_assert_str_eq(m.rating.layer[1].bias.name, "b");
    ck_assert(m.rating.layer[1].weight.transpose);
    ck_assert_str_eq(m.ranking.item_bias.name, "rb");
    ck_assert_int_eq(m.user_ids.kind, MAP_IDS_OFFSETS);
    ck_assert_str_eq(m.user_ids.tensor, "uo");
    ck_assert_str_eq(m.user_ids.bytes, "ub");
    ck_assert_int_eq(m.item_ids.kind, MAP_IDS_TENSOR);
    ck_assert_str_eq(m.item_ids.tensor, "it");
    ck_assert_uint_eq(m.count, 20);
}
END_TEST

START_TEST(little)
{
    struct model_map m;
    struct fail f;
    ck_assert_msg(parse(BOTH, &m, &f), "%s", f.message);
    ck_assert(!m.rating.has_mean && !m.rating.has_range && m.count == 0);
    ck_assert(m.user_ids.kind == MAP_IDS_FIRST && m.user_ids.first == 1);
    ck_assert_int_eq(m.item_ids.kind, MAP_IDS_FILE);
    ck_assert_str_eq(m.item_ids.file, "items.txt");
    // items alone; the mean as a tensor; ends
    ck_assert(parse("{\"rating\":{\"items\":\"q\",\"mean\":\"m\"},"
                    "\"item_ids\":{\"ends\":\"e\",\"bytes\":\"b\"}}", &m, &f));
    ck_assert_str_eq(m.rating.mean.name, "m");
    ck_assert_int_eq(m.item_ids.kind, MAP_IDS_ENDS);
    ck_assert(parse("{\"ranking\":{\"items\":\"q\"},\"item_ids\":"
                    "{\"file\":\"f\"}}", &m, &f));
    ck_assert_str_eq(m.item_ids.file, "f");
    model_map_snapshot(&m, false);
    ck_assert_str_eq(m.rating.users.name, "users.vec");
    ck_assert_str_eq(m.ranking.users.name, "");
    model_map_snapshot(&m, true);
    ck_assert_str_eq(m.ranking.users.name, "users.rvec");
}
END_TEST

#define ITEMS(ids) "{\"rating\":{\"items\":\"q\"},\"item_ids\":" ids "}"

static const struct {
    const char *json, *message;
} bad[] = {
    {"[]", "the map must be"},
    {"{}", "neither rating nor ranking"},
    {"{\"rating\":{}" IDS "}", "neither"},
    {"{\"rating\":{\"users\":\"p\",\"items\":\"q\"}}", "user_ids is missing"},
    {"{\"rating\":{\"items\":\"q\"},\"user_ids\":\"f\"}",
     "item_ids is missing"},
    {"{\"rating\":{\"items\":\"q\",\"user_bias\":\"b\"}" IDS "}",
     "a bias needs"},
    {"{\"ranking\":{\"users\":\"q\",\"item_bias\":\"b\"}" IDS "}",
     "a bias needs"},
    {"{\"rating\":{\"users\":7}" IDS "}", "users must be"},
    {"{\"rating\":{\"layers\":[]}" IDS "}", "layers must be 2..4"},
    {"{\"rating\":{\"layers\":{}}" IDS "}", "layers must be 2..4"},
    {"{\"rating\":{\"layers\":[{\"weight\":\"w\"}]}" IDS "}",
     "layers must be 2..4"},
    {"{\"rating\":{\"layers\":[{\"bias\":\"w\"},{}]}" IDS "}",
     "weight is missing"},
    {"{\"rating\":{\"layers\":[1,2]}" IDS "}", "a layer must be"},
    {"{\"rating\":{\"users\":\"\"}" IDS "}", "1..127 bytes"},
    {"{\"rating\":{\"users\":{\"tensor\":\"p\",\"transpose\":1}}" IDS "}",
     "transpose"},
    {"{\"rating\":{\"users\":{\"transpose\":true}}" IDS "}", "users must be"},
    {"{\"rating\":{\"users\":\"p\",\"range\":[5,1]}" IDS "}", "range"},
    {"{\"rating\":{\"users\":\"p\",\"range\":[1]}" IDS "}", "range"},
    {"{\"rating\":{\"users\":\"p\",\"range\":[1,2,3]}" IDS "}", "range"},
    {"{\"rating\":{\"users\":\"p\",\"range\":\"1-5\"}" IDS "}", "range"},
    {"{\"rating\":{\"user\":\"p\"}" IDS "}", "did you mean \"users\""},
    {"{\"ranking\":{\"items\":\"p\",\"mean\":3}" IDS "}", "mean"},
    {ITEMS("{}"), "item_ids must be one of"},
    {ITEMS("{\"first\":-1}"), "from 0"},
    {ITEMS("{\"first\":9223372036854775807}"), "from 0"},
    {ITEMS("{\"first\":1.5}"), "whole"},
    {ITEMS("{\"first\":0,\"tensor\":\"t\"}"), "one of"},
    {ITEMS("{\"offsets\":\"o\"}"), "one of"},
    {ITEMS("{\"tensor\":\"o\",\"bytes\":\"b\"}"), "one of"},
    {ITEMS("{\"bytes\":\"b\"}"), "one of"},
    {ITEMS("[1,2]"), "item_ids must be"},
    {"{\"count\":-1,\"rating\":{\"items\":\"q\"}" IDS "}", "count"},
    {"{\"count\":16777217,\"rating\":{\"items\":\"q\"}" IDS "}", "count"},
    {BOTH "{}", ""},
};

START_TEST(bad_maps)
{
    struct model_map m;
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!parse(bad[i].json, &m, &f), "%s", bad[i].json);
        ck_assert_msg(f.code != FAIL_NONE && strstr(f.message, bad[i].message),
                      "%s: %s", bad[i].json, f.message);
    }
}
END_TEST

PROTO_TEST_MAIN("model_map", everything, little, bad_maps)
