/* check_config.c -- the options: sources, their order, every message; reload;
 * addresses.  check_config_file.c has the files. */
#include "config_test.h"

/* ---- defaults and precedence -------------------------------------------- */

START_TEST(defaults)
{
    ck_assert_msg(load(""), "%s", error);
    ck_assert_str_eq(cfg.server_listen, "127.0.0.1:8470");
    ck_assert_int_eq(cfg.model_rating_dim, 16);
    ck_assert_double_eq(cfg.limits_idle_timeout, 75);
    ck_assert_int_eq(cfg.log_level, 2);
    ck_assert_int_eq(nrest, 0);
    ck_assert_str_eq(cfg.file, "");
}
END_TEST

/* What config_print() says of a default is that default. */
START_TEST(printed)
{
    size_t n;
    const struct config_option *o = config_options(&n);
    ck_assert(load(""));
    for (size_t i = 0; i < n; i++) {
        char value[CONFIG_STR_MAX];
        config_print(&cfg, &o[i], value, sizeof value);
        if (o[i].type == CONFIG_TYPE_REAL)
            ck_assert_double_eq(strtod(value, NULL),
                                strtod(o[i].fallback, NULL));
        else
            ck_assert_str_eq(value, o[i].fallback);
    }
}
END_TEST

static const struct {
    const char *given, *printed;
} reals[] = {
    {"0.1", "0.1"}, {"10", "10"}, {"1e1", "10"}, {"0.30", "0.3"},
    {"0.1234567890123456789", "0.12345678901234568"},
    {"0.30000000000000004", "0.30000000000000004"}, {"1e-20", "1e-20"},
};

START_TEST(printed_reals)
{
    char word[64], value[64];
    snprintf(word, sizeof word, "--learn.init=%s", reals[_i].given);
    ck_assert(load(word));
    int i = option_find("learn.init", OPTION_PLAIN);
    size_t n;
    config_print(&cfg, &config_options(&n)[i], value, sizeof value);
    ck_assert_str_eq(value, reals[_i].printed);
    ck_assert_double_eq(strtod(value, NULL), strtod(reals[_i].given, NULL));
}
END_TEST

START_TEST(later_sources_win)
{
    static const char text[] = "{\"server\": {\"workers\": 3}, "
                               "\"log\": {\"level\": \"debug\"}, "
                               "\"learn\": {\"replay\": 1}}";
    char words[128];
    write_file(text, sizeof text - 1);
    setenv("FRESHET_LEARN_REPLAY", "2", 1);
    setenv("FRESHET_MODEL_RATING_DIM", "8", 1);
    snprintf(words, sizeof words, "--model.rating_dim=24 --config %s", path);
    ck_assert_msg(load(words), "%s", error);
    ck_assert_int_eq(cfg.server_workers, 3);     // the file
    ck_assert_int_eq(cfg.log_level, 3);
    ck_assert_int_eq(cfg.learn_replay, 2);       // environment over file
    ck_assert_int_eq(cfg.model_rating_dim, 24);  // words over environment
    ck_assert_int_eq(cfg.publish_max_ms, 5);     // nobody
    ck_assert_str_eq(cfg.file, path);
}
END_TEST

static const struct {
    const char *words, *rest;   /* what is left, joined with commas */
} words_left[] = {
    {"u.data", "u.data"},
    {"--json u.data --learn.replay=4 --items=a.b", "--json,u.data,--items=a.b"},
    {"--learn.replay 4 x", "x"},
    {"x --learn.replay 4", "x"},
    {"--items movies.csv -", "--items,movies.csv,-"},
    {"-x.y --flag", "-x.y,--flag"},
    {"--model.rating_min -3 --model.rating_min=-2", ""},
};

START_TEST(words_for_others)
{
    char joined[256] = "";
    ck_assert_msg(load(words_left[_i].words), "%s", error);
    for (int i = 0; i < nrest; i++)
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined),
                 "%s%s", i ? "," : "", rest[i]);
    ck_assert_str_eq(joined, words_left[_i].rest);
}
END_TEST

START_TEST(last_word_wins)
{
    ck_assert(load("--learn.replay=3 --learn.replay 5"));
    ck_assert_int_eq(cfg.learn_replay, 5);
    ck_assert(load("--auth.token_file="));
    ck_assert_str_eq(cfg.auth_token_file, "");
}
END_TEST

/* ---- what is refused ----------------------------------------------------- */

static const struct {
    const char *words, *says;
} bad_words[] = {
    {"--learn.reply=4", "command line: there is no option --learn.reply; did "
                        "you mean --learn.replay?"},
    {"--model.listen=x", "did you mean --server.listen?"},
    {"--qqq.zzzzzzzzzzzz=4", "there is no option --qqq.zzzzzzzzzzzz (freshet "
                             "help options lists them)"},
    {"--server.workers", "command line: --server.workers needs a value: "
                         "--server.workers=VALUE"},
    {"--server.workers --learn.replay=1", "--server.workers needs a value"},
    {"--server.workers=two", "command line: server.workers must be a whole "
                             "number in 0..256, not \"two\""},
    {"--server.workers=", "server.workers must be a whole number"},
    {"--server.workers=1.5", "not \"1.5\""},
    {"--server.workers=-1", "not \"-1\""},
    {"--server.workers=257", "0..256"},
    {"--model.seed=9223372036854775808", "not \"9223372036854775808\""},
    {"--learn.factor_rate=fast", "learn.factor_rate must be a number in 0..10,"
                                 " not \"fast\""},
    {"--learn.factor_rate=nan", "not \"nan\""},
    {"--learn.factor_half=inf", "not \"inf\""},
    {"--learn.factor_rate=10.01", "not \"10.01\""},
    {"--log.level=loud", "log.level must be one of error|warn|info|debug, not "
                         "\"loud\""},
    {"--log.level=inf", "log.level must be one of"},
    {"--log.level=", "log.level must be one of"},
    {"--model.rating_min=5", "model.rating_min must be less than "
                             "model.rating_max"},
    {"--model.rating_dim=12", "model.rating_dim must be a multiple of 8"},
    {"--model.ranking_dim=50", "model.ranking_dim must be a multiple of 8"},
    {"--server.listen=8470", "server.listen must be host:port"},
    {"--config=/no/such/file", "/no/such/file: No such file or directory"},
    {"--config=/", "Is a directory"},
    {"--config=/dev/zero", "File too large"},
    {"--config", "--config needs a value"},
    {"--config=", "--config needs a value"},
};

START_TEST(words_refused)
{
    ck_assert(!load(bad_words[_i].words));
    ck_assert_msg(strstr(error, bad_words[_i].says) != NULL, "%s", error);
}
END_TEST

START_TEST(too_long)
{
    char words[2 * CONFIG_STR_MAX] = "--auth.token_file=";
    size_t n = strlen(words);
    memset(words + n, 'x', CONFIG_STR_MAX - 1);
    ck_assert(load(words));
    ck_assert_uint_eq(strlen(cfg.auth_token_file), CONFIG_STR_MAX - 1);
    words[n + CONFIG_STR_MAX - 1] = 'x';
    ck_assert(!load(words));
    ck_assert_msg(strstr(error, "auth.token_file must be at most 1023 bytes"),
                  "%s", error);
    memcpy(words, "--config=/", 10);
    ck_assert(!load(words));
    ck_assert_msg(strstr(error, "--config is too long"), "%s", error);
}
END_TEST

static const struct {
    const char *name, *value, *says;   /* says NULL: accepted */
} variables[] = {
    {"FRESHET_SERVER_WORKERS", "4", NULL},
    {"FRESHET_AUTH_TOKEN", "secret", NULL},
    {"FRESHET_SHARED", "/somewhere", NULL},
    {"FRESHET_TEST_ANYTHING", "1", NULL},
    {"FRESHETTER", "1", NULL},
    {"freshet_server_workers", "x", NULL},
    {"FRESHET_SERVER_WORKERS", "many", "environment: server.workers must be a "
                                       "whole number in 0..256, not \"many\""},
    {"FRESHET_SERVER_WORKER", "4", "environment: there is no option "
                                   "FRESHET_SERVER_WORKER; did you mean "
                                   "FRESHET_SERVER_WORKERS?"},
    {"FRESHET_server.workers", "4", "there is no option"},
    {"FRESHET_", "4", "there is no option FRESHET_ "},
    {"FRESHET_TESTING", "4", "there is no option FRESHET_TESTING"},
};

START_TEST(environment)
{
    setenv(variables[_i].name, variables[_i].value, 1);
    bool ok = load("");
    ck_assert_msg(ok == (variables[_i].says == NULL), "%s", error);
    if (!ok)
        ck_assert_msg(strstr(error, variables[_i].says) != NULL, "%s", error);
}
END_TEST

/* ---- reload -------------------------------------------------------------- */

START_TEST(reload)
{
    static const char before[] = "{\"server\":{\"workers\":2},"
                                 "\"limits\":{\"pipeline\":10}}";
    static const char after[] = "{\"server\":{\"workers\":3,"
                                "\"listen\":\"x:1\"},"
                                "\"learn\":{\"init\":0.3},"
                                "\"limits\":{\"pipeline\":20}}";
    char word[80], kept[CONFIG_ERROR_MAX];
    char *args[] = {word, (char[]){"--log.level=warn"}};
    struct config now, next;
    snprintf(word, sizeof word, "--config=%s", path);
    write_file(before, sizeof before - 1);
    ck_assert(config_load(&now, 2, args, rest, &nrest, error));
    write_file(after, sizeof after - 1);
    ck_assert(config_reload(&next, &now, 2, args, kept, error));
    ck_assert_str_eq(kept, "server.listen,server.workers,learn.init");
    ck_assert_int_eq(next.server_workers, 2);
    ck_assert_str_eq(next.server_listen, "127.0.0.1:8470");
    ck_assert_double_eq(next.learn_init, now.learn_init);
    ck_assert_int_eq(next.limits_pipeline, 20);
    ck_assert_int_eq(next.log_level, 1);
    write_file("{", 1);
    ck_assert(!config_reload(&next, &now, 2, args, kept, error));
    ck_assert_msg(strstr(error, "line 1, column 2"), "%s", error);
    write_file(before, sizeof before - 1);
    ck_assert(config_reload(&next, &now, 2, args, kept, error));
    ck_assert_str_eq(kept, "");
}
END_TEST

/* So many that their names do not fit: no overrun, the values are kept. */
START_TEST(reload_all)
{
    char kept[CONFIG_ERROR_MAX];
    size_t n;
    struct config now, next;
    const struct config_option *o = config_options(&n);
    ck_assert(load(""));
    now = cfg;
    for (size_t i = 0; i < n; i++) {
        if (o[i].type == CONFIG_TYPE_INT && !o[i].reloadable) {
            char least[32];
            snprintf(least, sizeof least, "%.*s",
                     (int)strcspn(o[i].range, "."), o[i].range);
            ck_assert(option_set(&now, (int)i, least, "test", error));
        }
    }
    ck_assert(config_reload(&next, &now, 0, NULL, kept, error));
    ck_assert_uint_lt(strlen(kept), CONFIG_ERROR_MAX);
    for (size_t i = 0; i < n; i++)
        if (!o[i].reloadable)
            ck_assert(option_equal(&next, &now, (int)i));
}
END_TEST

/* ---- addresses ----------------------------------------------------------- */

static const struct {
    const char *listen, *host;   /* host NULL: malformed */
    int port;
    bool loopback;
} addresses[] = {
    {"127.0.0.1:8470", "127.0.0.1", 8470, true},
    {"127.9.9.9:1", "127.9.9.9", 1, true},
    {"localhost:0", "localhost", 0, true},
    {"[::1]:8470", "::1", 8470, true},
    {"[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true},
    {"0.0.0.0:8470", "0.0.0.0", 8470, false},
    {"[::]:8470", "::", 8470, false},
    {"127.0.0.1.example.com:80", "127.0.0.1.example.com", 80, false},
    {"127.example.com:80", "127.example.com", 80, false},
    {"127.0.0.999:80", "127.0.0.999", 80, false},
    {"example.com:65535", "example.com", 65535, false},
    {"[fe80::1]:80", "fe80::1", 80, false},
    {"", NULL, 0, false},
    {":8470", NULL, 0, false},
    {"8470", NULL, 0, false},
    {"host:", NULL, 0, false},
    {"host:65536", NULL, 0, false},
    {"host:-1", NULL, 0, false},
    {"host:+1", NULL, 0, false},
    {"host: 1", NULL, 0, false},
    {"host:1x", NULL, 0, false},
    {"host:999999999999999999999", NULL, 0, false},
    {"::1:8470", NULL, 0, false},
    {"[]:8470", NULL, 0, false},
};

START_TEST(listen_addresses)
{
    char host[256];
    uint16_t port;
    bool loopback;
    bool ok = config_split_listen(addresses[_i].listen, host, &port,
                                  &loopback);
    ck_assert(ok == (addresses[_i].host != NULL));
    if (!ok)
        return;
    ck_assert_str_eq(host, addresses[_i].host);
    ck_assert_int_eq(port, addresses[_i].port);
    ck_assert(loopback == addresses[_i].loopback);
}
END_TEST

START_TEST(listen_long_host)
{
    char listen[300], host[256];
    uint16_t port;
    bool loopback;
    memset(listen, 'h', sizeof listen);
    memcpy(listen + 255, ":1", 3);
    ck_assert(config_split_listen(listen, host, &port, &loopback));
    memset(listen, 'h', sizeof listen);
    memcpy(listen + 256, ":1", 3);
    ck_assert(!config_split_listen(listen, host, &port, &loopback));
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("config");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, defaults);
    tcase_add_test(t, printed);
    tcase_add_loop_test(t, printed_reals, 0, N(reals));
    tcase_add_test(t, later_sources_win);
    tcase_add_loop_test(t, words_for_others, 0, N(words_left));
    tcase_add_test(t, last_word_wins);
    tcase_add_loop_test(t, words_refused, 0, N(bad_words));
    tcase_add_test(t, too_long);
    tcase_add_loop_test(t, environment, 0, N(variables));
    tcase_add_test(t, reload);
    tcase_add_test(t, reload_all);
    tcase_add_loop_test(t, listen_addresses, 0, N(addresses));
    tcase_add_test(t, listen_long_host);
    return run(t, "config");
}
