/* check_config_file.c -- --config FILE: what it may be, and the sample. */
#include "config_test.h"

/* ---- files --------------------------------------------------------------- */

static const struct {
    const char *text, *says;   /* says NULL: accepted */
} files[] = {
    {"{}", NULL},
    {" \n{ \"server\" : { } , \"log\":{}}\n\n", NULL},
    {"{\"server\":{\"workers\":2},\"server\":{\"max_connections\":5}}", NULL},
    {"{\"learn\":{\"init\":1e-1,\"factor_half\":30.5E0}}", NULL},
    {"{\"auth\":{\"token_file\":\"a\\\\b\\/\\\"\\u00e4\\ud83d\\ude00\\n\"}}",
     NULL},
    {"", "line 1, column 1: expected '{'"},
    {"[]", "expected '{'"},
    {"{\"server\":{\"workers\":2}", "column 24: expected ',' or '}'"},
    {"{\"server\":{\"workers\":2}} x", "column 26: something follows"},
    {"{\"server\":{\"workers\":2}}{}", "something follows"},
    {"{\"server\":{\"workers\":2,}}", "column 24: expected '\"'"},
    {"{\"server\":{\"workers\" 2}}", "column 22: expected ':'"},
    {"{\"server\":{workers:2}}", "column 12: expected '\"'"},
    {"{\"server\":2}", "column 11: expected '{'"},
    {"{\"server\":{\"workers\":{}}}", "column 22: expected a string, a number"},
    {"{\"server\":{\"workers\":[1]}}", "expected a string, a number"},
    {"{\"server\":{\"workers\":null}}", "expected a string, a number"},
    {"{\"server\":{\"workers\":NaN}}", "expected a string, a number"},
    {"{\"server\":{\"workers\":02}}", "expected a string, a number"},
    {"{\"server\":{\"workers\":+2}}", "expected a string, a number"},
    {"{\"learn\":{\"init\":.5}}", "expected a string, a number"},
    {"{\"learn\":{\"init\":5.}}", "expected a string, a number"},
    {"{\"learn\":{\"init\":5e}}", "expected a string, a number"},
    {"{\"learn\":{\"init\":0x1p3}}", "expected a string, a number"},
    {"{\"server\":{\"workers\":}}", "expected a string, a number"},
    {"{ // no comments\n}", "line 1, column 3: expected '\"'"},
    {"{\n  \"s\xc3\xa4\": x}", "line 2, column 9: expected '{'"},
    {"{\"server\":{\"listen\":\"a\nb\"}}", "column 23: a control character"},
    {"{\"server\":{\"listen\":\"\\x\"}}", "column 22: an escape"},
    {"{\"server\":{\"listen\":\"\\u12g4\"}}", "an escape"},
    {"{\"server\":{\"listen\":\"\\u0000\"}}", "an escape"},
    {"{\"server\":{\"listen\":\"\\ud800\"}}", "an escape"},
    {"{\"server\":{\"listen\":\"\\ud800\\u0041\"}}", "an escape"},
    {"{\"server\":{\"listen\":\"\\ude00\"}}", "an escape"},
    {"{\"server\":{\"listen\":\"open", "expected '\"'"},
    {"{\"server\":{\"listen\":\"\\", "an escape"},
    {"{\"log\":{\"level\":true}}", "log.level must be a string, in quotes"},
    {"{\"server\":{\"listen\":8470}}", "must be a string, in quotes"},
    {"{\"server\":{\"workers\":\"2\"}}", "line 1, column 12: server.workers "
                                         "must be a number, without quotes"},
    {"{\"server\":{\"workers\":false}}", "must be a number, without quotes"},
    {"{\"server\":{\"workers\":2.5}}", "must be a whole number in 0..256"},
    {"{\"server\":{\"workers\":2,\n\"workers\":3}}",
     "line 2, column 1: server.workers is given twice"},
    {"{\"server\":{\"wokers\":2}}", "there is no option server.wokers; did you "
                                    "mean server.workers?"},
    {"{\"\":{\"\":2}}", "there is no option ."},
    {"{\"server.workers\":2}", "expected '{'"},
};

START_TEST(file)
{
    char words[80];
    write_file(files[_i].text, strlen(files[_i].text));
    snprintf(words, sizeof words, "--config=%s", path);
    bool ok = load(words);
    ck_assert_msg(ok == (files[_i].says == NULL), "%s", error);
    if (ok)
        return;
    ck_assert_msg(strstr(error, files[_i].says) != NULL, "%s", error);
    ck_assert_msg(strncmp(error, path, strlen(path)) == 0, "%s", error);
}
END_TEST

START_TEST(file_escapes)
{
    char words[80];
    write_file(files[4].text, strlen(files[4].text));
    snprintf(words, sizeof words, "--config=%s", path);
    ck_assert(load(words));
    ck_assert_str_eq(cfg.auth_token_file,
                     "a\\b/\"\xc3\xa4\xf0\x9f\x98\x80\n");
}
END_TEST

START_TEST(file_with_nul)
{
    char words[80];
    write_file("{\"server\":{\"workers\":1\0}}", 25);
    snprintf(words, sizeof words, "--config=%s", path);
    ck_assert(!load(words));
    ck_assert_msg(strstr(error, "expected ',' or '}'"), "%s", error);
}
END_TEST

/* config/freshet.json is what config_sample() writes, and changes nothing. */
START_TEST(sample)
{
    static char want[16384], got[16384];
    struct config plain;
    size_t n;
    const struct config_option *o = config_options(&n);
    ck_assert(config_sample(want, sizeof want));
    FILE *f = fopen("config/freshet.json", "r");
    ck_assert_msg(f != NULL, "run from the root of the repository");
    size_t len = fread(got, 1, sizeof got - 1, f);
    fclose(f);
    got[len] = '\0';
    ck_assert_msg(strcmp(want, got) == 0, "config/freshet.json is old; "
                  "freshet check-config --defaults > config/freshet.json");
    ck_assert(load(""));
    plain = cfg;
    ck_assert_msg(load("--config=config/freshet.json"), "%s", error);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(option_equal(&plain, &cfg, (int)i), "%s", o[i].name);
    for (size_t size = 0; size < len; size += 97)
        ck_assert(!config_sample(want, size));
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("config_file");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, file, 0, N(files));
    tcase_add_test(t, file_escapes);
    tcase_add_test(t, file_with_nul);
    tcase_add_test(t, sample);
    return run(t, "config_file");
}
