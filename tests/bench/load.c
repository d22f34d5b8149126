/* load.c -- a load generator for the daemon.  See load.h, and --help. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

static const char usage[] =
    "load [options] HOST:PORT       (HOST: an IPv4 address)\n"
    "  --mode=closed|open|stream    default closed\n"
    "  --what=predict|rating        bodies; stream: always ratings\n"
    "  --path=PATH                  default by --what\n"
    "  --request='STATUS METHOD PATH [BODY]'   instead of --what and --path;\n"
    "                               STATUS is that of the answer; %u, %i, %r:\n"
    "                               a user's, an item's number, 1..5; %%: %;\n"
    "                               more of them take turns\n"
    "  --connections=N              default 32; stream: 1\n"
    "  --rate=N                     per second; stream: 0 = flat out\n"
    "  --seconds=S | --count=N      length of the measured window\n"
    "  --warmup=S                   before it, not measured\n"
    "  --users=N --items=N          ids u0.. and i0.., default 1000\n"
    "  --cover                      rating n: user n % users, item n % items\n"
    "  --seed=N                     of the random ids\n"
    "  --pid=PID                    report the CPU time this process used\n"
    "  --json                       one line of JSON\n";

volatile sig_atomic_t load_stop;

static void on_signal(int sig)
{
    (void)sig;
    load_stop = 1;
}

int64_t load_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The kernel's own clock of the process: nanoseconds, no /proc to parse. */
int64_t load_cpu(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        load_die("the CPU clock of --pid");
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

_Noreturn void load_die(const char *what)
{
    fputs("load: ", stderr);
    perror(what);
    exit(1);
}

static _Noreturn void usage_die(const char *why)
{
    fprintf(stderr, "load: %s\n%s", why, usage);
    exit(2);
}

static double number(const char *text, double min, double max)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !(v >= min && v <= max))
        usage_die("a number is malformed or out of range");
    return v;
}

static int word(const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    usage_die("unknown word");
}

static void parse_target(struct load_options *o, const char *target)
{
    char host[64];
    const char *colon = strrchr(target, ':');
    size_t n = colon ? (size_t)(colon - target) : 0;
    if (n == 0 || n >= sizeof host)
        usage_die("HOST:PORT is malformed");
    memcpy(host, target, n);
    host[n] = '\0';
    o->target = target;
    o->addr.sin_family = AF_INET;
    o->addr.sin_port = htons((uint16_t)number(colon + 1, 1, 65535));
    if (inet_pton(AF_INET, host, &o->addr.sin_addr) != 1)
        usage_die("HOST is not an IPv4 address");
}

/* The next word of a request; cuts the text behind it. */
static char *request_word(char **text)
{
    char *at = *text, *blank = strchr(at, ' ');
    *text = at + strlen(at);
    if (blank) {
        *blank = '\0';
        *text = blank + 1;
    }
    return at;
}

/* A number is at most five times as long as the %u it stands for, so all of it
 * has room. */
static void check_request(const char *text)
{
    if (strlen(text) > SOURCE_REQUEST_MAX / 8)
        usage_die("--request is too long");
    while ((text = strchr(text, '%'))) {
        if (!text[1] || !strchr("uir%", text[1]))
            usage_die("--request: %u, %i, %r or %%");
        text += 2;
    }
}

static void parse_request(struct load_options *o, char *text)
{
    struct load_request *r = &o->request[o->nrequests];
    if (o->nrequests == LOAD_REQUESTS)
        usage_die("too many --request");
    check_request(text);
    r->status = (int)number(request_word(&text), 100, 599);
    r->method = request_word(&text);
    r->path = request_word(&text);
    r->body = *text ? text : NULL;
    if (r->path[0] != '/')
        usage_die("--request is malformed");
    o->nrequests++;
}

/* What the options left open, and what does not go together. */
static void check_options(struct load_options *o)
{
    if (o->mode == LOAD_STREAM)
        o->what = LOAD_RATING;
    if (!o->path)
        o->path = o->what == LOAD_RATING ? "/v1/ratings" : "/v1/predict";
    if (strlen(o->path) + strlen(o->target) > 512)
        usage_die("--path is too long");
    if (o->connections == 0)
        o->connections = o->mode == LOAD_STREAM ? 1 : 32;
    if (o->mode == LOAD_STREAM && o->nrequests > 0)
        usage_die("--mode=stream sends ratings");
    if (o->mode == LOAD_OPEN && o->rate == 0)
        usage_die("--mode=open needs --rate");
    if (o->seconds == 0 && o->count == 0)
        o->seconds = 5;
}

static bool parse_options(struct load_options *o, int argc, char **argv)
{
    static const char *const modes[] = {"closed", "open", "stream", NULL};
    static const char *const whats[] = {"predict", "rating", NULL};
    static const struct option longs[] = {
        {"mode", 1, 0, 'm'},    {"what", 1, 0, 'w'},  {"path", 1, 0, 'p'},
        {"connections", 1, 0, 'c'}, {"rate", 1, 0, 'r'},
        {"request", 1, 0, 'R'},
        {"seconds", 1, 0, 's'}, {"count", 1, 0, 'n'}, {"warmup", 1, 0, 'W'},
        {"users", 1, 0, 'u'},   {"items", 1, 0, 'i'}, {"cover", 0, 0, 'C'},
        {"seed", 1, 0, 'S'},    {"pid", 1, 0, 'P'},   {"json", 0, 0, 'j'},
        {"help", 0, 0, 'h'},    {0, 0, 0, 0}};
    bool json = false;
    int c;
    *o = (struct load_options){.users = 1000, .items = 1000, .seed = 1};
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'm': o->mode = (enum load_mode)word(optarg, modes); break;
        case 'w': o->what = (enum load_what)word(optarg, whats); break;
        case 'p': o->path = optarg; break;
        case 'R': parse_request(o, optarg); break;
        case 'c': o->connections = (int)number(optarg, 1, 10000); break;
        case 'r': o->rate = number(optarg, 0, 1e9); break;
        case 's': o->seconds = number(optarg, 0.01, 1e6); break;
        case 'n': o->count = (uint64_t)number(optarg, 1, 1e15); break;
        case 'W': o->warmup = number(optarg, 0, 1e6); break;
        case 'u': o->users = (uint32_t)number(optarg, 1, 4e9); break;
        case 'i': o->items = (uint32_t)number(optarg, 1, 4e9); break;
        case 'C': o->cover = true; break;
        case 'S': o->seed = (uint64_t)number(optarg, 0, 1e15); break;
        case 'P': o->pid = (pid_t)number(optarg, 1, 4e6); break;
        case 'j': json = true; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: usage_die("unknown option");
        }
    }
    if (optind + 1 != argc)
        usage_die("one HOST:PORT, please");
    parse_target(o, argv[optind]);
    check_options(o);
    return json;
}

static void print_result(const struct load_options *o,
                         const struct load_result *r, bool json)
{
    static const char as_json[] =
        "{\"requests\":%llu,\"errors\":%llu,\"seconds\":%.6f,"
        "\"per_second\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
        "\"p999_us\":%.1f,\"max_us\":%.1f,\"late_p99_us\":%.1f,"
        "\"reply_bytes\":%.1f,\"cpu_us_per_request\":%.3f,"
        "\"cpu_seconds\":%.6f,\"start_ns\":%lld,\"receipts\":[%s]}\n";
    static const char as_text[] =
        "%llu requests, %llu errors in %.3f s: %.0f/s\n"
        "latency us: p50 %.1f  p90 %.1f  p99 %.1f  p999 %.1f  max %.1f\n"
        "sent late, p99: %.1f us\n"
        "%.1f bytes per answer; CPU %.3f us per request, %.3f s in all\n"
        "from %lld ns %s\n";
    double seconds = (double)r->elapsed_ns * 1e-9;
    double n = r->requests > 0 ? (double)r->requests : 1;
    double replies = o->mode == LOAD_STREAM ? o->connections : n;
    printf(json ? as_json : as_text, (unsigned long long)r->requests,
           (unsigned long long)r->errors, seconds,
           seconds > 0 ? (double)r->requests / seconds : 0,
           (double)hist_quantile(&r->latency, 0.5) * 1e-3,
           (double)hist_quantile(&r->latency, 0.9) * 1e-3,
           (double)hist_quantile(&r->latency, 0.99) * 1e-3,
           (double)hist_quantile(&r->latency, 0.999) * 1e-3,
           (double)r->latency.max * 1e-3,
           (double)hist_quantile(&r->late, 0.99) * 1e-3,
           (double)r->reply_bytes / replies, (double)r->cpu_ns * 1e-3 / n,
           (double)r->cpu_ns * 1e-9, (long long)r->start_ns, r->receipts);
}

int main(int argc, char **argv)
{
    struct load_options opt;
    static struct load_result res; // large: the histograms
    bool json = parse_options(&opt, argc, argv);
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    prctl(PR_SET_TIMERSLACK, 1UL); // an open loop lives by its timer
    if (opt.mode == LOAD_STREAM)
        load_stream(&opt, &res);
    else
        load_run(&opt, &res);
    print_result(&opt, &res, json);
    return res.errors > 0 && res.requests == 0;
}
