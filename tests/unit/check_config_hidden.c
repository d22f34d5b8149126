/* check_config_hidden.c -- model.hidden: how the layers of the neural head are
 * written, and what is refused. */
#include "config_test.h"

static const struct {
    const char *text;
    uint32_t units[CONFIG_HIDDEN_MAX];
} good[] = {
    {"", {0, 0, 0}},      {"8", {8, 0, 0}},        {"16", {16, 0, 0}},
    {"256,8", {256, 8, 0}}, {"64,32,16", {64, 32, 16}},
};

START_TEST(accepted)
{
    uint32_t units[CONFIG_HIDDEN_MAX];
    ck_assert(config_hidden(good[_i].text, units));
    ck_assert_mem_eq(units, good[_i].units, sizeof units);
}
END_TEST

static const char *const bad[] = {
    "0", "12", "264", "8,", ",8", "8;8", "8,0", "0,8", "+8", "-8", "8,8,8,8",
    "0x8", "8.0", "8,,8", "layers", "18446744073709551624",
};

START_TEST(refused)
{
    char word[64];
    uint32_t units[CONFIG_HIDDEN_MAX];
    ck_assert(!config_hidden(bad[_i], units));
    snprintf(word, sizeof word, "--model.hidden=%s", bad[_i]);
    ck_assert(!load(word));
    ck_assert_ptr_nonnull(strstr(error, "model.hidden must be up to 3 "));
}
END_TEST

START_TEST(from_a_file)
{
    static const char text[] = "{\"model\": {\"hidden\": \"32,16\"}}";
    char words[128];
    write_file(text, sizeof text - 1);
    snprintf(words, sizeof words, "--config %s", path);
    ck_assert_msg(load(words), "%s", error);
    ck_assert_str_eq(cfg.model_hidden, "32,16");
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("config_hidden");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, accepted, 0, N(good));
    tcase_add_loop_test(t, refused, 0, N(bad));
    tcase_add_test(t, from_a_file);
    return run(t, "config_hidden");
}
