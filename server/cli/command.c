/* command.c -- the table of commands.  See command.h. */
#include "server/cli/command.h"

#include <stdio.h>

#include "server/cli/usage.h"
#include "version.h"

#define TEXT_SERVE                                                             \
    "Serves until SIGTERM or Ctrl-C, then answers what is in flight "          \
    "and exits 0; a\n"                                                         \
    "second signal ends it at once. SIGHUP reads the options again. "          \
    "Logs one line per\n"                                                      \
    "event to standard error.\n\n"                                             \
    "  freshet serve\n"                                                        \
    "  freshet serve --config freshet.json --log.format=json\n"                \
    "  FRESHET_MODEL_RATING_MAX=10 freshet serve "                             \
    "--server.listen=127.0.0.1:9000\n"

#define TEXT_DEMO                                                              \
    "The daemon on 127.0.0.1:8470, and beside it a client that sends "         \
    "it made-up\n"                                                             \
    "ratings with a hidden structure over the public API: watch the "          \
    "error fall\n"                                                             \
    "towards what chance alone costs. Three curl commands to try are "         \
    "printed first.\n\n"                                                       \
    "  --rate=N     ratings per second (500)\n"                                \
    "  --seconds=N  end after this long (0: when Ctrl-C is pressed)\n\n"       \
    "  freshet demo\n"                                                         \
    "  freshet demo --rate=5000 --server.listen=127.0.0.1:9000\n"

#define TEXT_EVALUATE                                                          \
    "Predicts each rating before it learns it, with the model of the "         \
    "daemon, and\n"                                                            \
    "prints how far off it was. A daemon that is sent the same file "          \
    "(freshet replay)\n"                                                       \
    "ends with the same model_hash.\n\n"                                       \
    "FILE is MovieLens u.data, ratings.csv, a::b::c::d, any CSV or TSV "       \
    "whose header\n"                                                           \
    "names user, item, rating (and timestamp), or NDJSON; gzipped or not.\n\n" \
    "  --items=FILE       describes the items: u.item, movies.csv, "           \
    "movies.dat, NDJSON\n"                                                     \
    "  --users=FILE       describes the users (learn.user_features):"           \
    " u.user, NDJSON\n"                                                        \
    "  --holdout=FILE     ratings to predict when all of FILE is learned\n"     \
    "  --epochs=N         then train N epochs over what was learned, as "      \
    "import does\n"                                                            \
    "  --train=JSON       ... with other rates: {\"factor_rate\":0.05,...}, "  \
    "as for\n"                                                                 \
    "                     POST /v1/admin/train\n"                              \
    "  --curve=FILE       the numbers on the way, as CSV (-: nothing else)\n"  \
    "  --rank-every=N     rank all items at each N-th rating (1); 0: never\n"  \
    "  --order=time|file  sort by time first (the default), or not\n"          \
    "  --json             one JSON object instead of the report\n"             \
    "  --hash             nothing but the model_hash\n\n"                      \
    "  freshet evaluate ml-100k/u.data --items=ml-100k/u.item\n"               \
    "  freshet evaluate u.data --learn.replay=16 --model.rating_dim=32 "       \
    "--json\n"                                                                 \
    "  freshet evaluate ratings.dat --model.rating_min=0 "                     \
    "--model.rating_max=10\n"

#define TEXT_REPLAY                                                            \
    "Sends ratings as application/x-ndjson, and at the end says what "         \
    "the daemon\n"                                                             \
    "knows. FILE is as for evaluate; `-` sends lines of standard input "       \
    "as they come.\n\n"                                                        \
    "  --to=URL           the daemon (http://127.0.0.1:8470)\n"                \
    "  --rate=N           ratings per second (0: as fast as they are taken)\n" \
    "  --connections=N    1..256; a user's ratings stay on one, in "           \
    "order (1)\n"                                                              \
    "  --order=time|file  read all and sort by time (the default for a "       \
    "FILE), or\n"                                                              \
    "                     send while reading (the default for -)\n"            \
    "  --limit=N          the first N ratings only\n"                          \
    "  --token-file=FILE  bearer token (else FRESHET_AUTH_TOKEN)\n"            \
    "  --prequential      for each rating: predict it, send it, wait "         \
    "until it is\n"                                                            \
    "                     learned; prints the error of what was served\n\n"    \
    "  freshet replay ratings.csv --rate=1000\n"                               \
    "  tail -f events.ndjson | freshet replay -\n"                             \
    "  freshet replay u.data --prequential --limit=10000\n"

#define TEXT_IMPORT                                                            \
    "Sends what there is to learn from to a running daemon, which keeps it "   \
    "in its\n"                                                                 \
    "log.\n"                                                                   \
    "\n"                                                                       \
    "FILE of ratings, in any form that replay reads: every rating, in "        \
    "order of time,\n"                                                         \
    "and then, with --epochs, a training over all that the daemon remembers\n" \
    "(learn.history), as good as a batch trainer's. Meanwhile the daemon "     \
    "serves what\n"                                                            \
    "it knew before.\n"                                                        \
    "\n"                                                                       \
    "FILE.safetensors: what another program has learned, PyTorch, Keras, "     \
    "NumPy, ...,\n"                                                            \
    "a row of factors and a bias per user or item. Without --map it is a "     \
    "snapshot of\n"                                                            \
    "freshet. More factors than the daemon has are projected to the best "     \
    "as many,\n"                                                               \
    "fewer are filled up with zeros.\n"                                        \
    "\n"                                                                       \
    "  --epochs=N         train N epochs at the end (20 to 80 are good)\n"     \
    "  --train=JSON       ... with other rates, as POST /v1/admin/train "      \
    "takes\n"                                                                  \
    "  --map=FILE.json    which tensor is what:\n"                             \
    "      {\"rating\":  {\"users\":T, \"items\":T, \"user_bias\":T, "         \
    "\"item_bias\":T,\n"                                                       \
    "                   \"mean\":3.53, \"range\":[1,5],\n"                     \
    "                   \"layers\":[{\"weight\":T, \"bias\":T}, ...]},\n"      \
    "       \"ranking\": {\"users\":T, \"items\":T, \"item_bias\":T},\n"       \
    "       \"user_ids\":IDS, \"item_ids\":IDS, \"count\":20}\n"               \
    "      T: \"name\", or {\"tensor\":\"name\",\"transpose\":true}\n"         \
    "      IDS: \"ids.txt\" (a line per row), {\"first\":0} (0, 1, 2, ...),\n" \
    "           {\"tensor\":\"name\"} (whole numbers), or\n"                   \
    "           {\"offsets\":\"name\",\"bytes\":\"name\"}\n"                   \
    "      All may be left out but what the rest needs. range: the model's "   \
    "own units\n"                                                              \
    "      of ratings; count: of ratings behind each row (0: moved as "        \
    "easily as a\n"                                                            \
    "      new one); layers: dense, on [user, item, user * item], for\n"       \
    "      model.hidden: a row per unit, as in PyTorch; a Keras kernel is\n"   \
    "      to be transposed\n"                                                 \
    "  --to=URL           the daemon (http://127.0.0.1:8470)\n"                \
    "  --connections=N    1..256 (1)\n"                                        \
    "  --token-file=FILE  bearer token (else FRESHET_AUTH_TOKEN)\n"            \
    "\n"                                                                       \
    "  freshet import ratings.csv --epochs=20\n"                               \
    "  freshet import model.safetensors --map=map.json\n"                      \
    "  freshet import data/snapshot/00000000000000100000.safetensors\n"

#define TEXT_DISTILL                                                           \
    "Has a teacher, a model of ratings of any size, say what it thinks of "    \
    "pairs of\n"                                                               \
    "users and items, and the daemon learn that: so a small model comes to "   \
    "know what\n"                                                              \
    "a large one does, also of who has rated little. The teacher's words "     \
    "are no\n"                                                                 \
    "ratings: they are not in the error, the mean, or what a user has seen.\n" \
    "\n"                                                                       \
    "  --map=FILE.json    which tensor is what, as for freshet import; "       \
    "without it\n"                                                             \
    "                     FILE is a snapshot of freshet\n"                     \
    "  --pairs=N          how many, drawn uniformly (100000)\n"                \
    "  --seed=N           others (1)\n"                                        \
    "  --to=URL           the daemon (http://127.0.0.1:8470)\n"                \
    "  --connections=N    1..256 (1)\n"                                        \
    "  --token-file=FILE  bearer token (else FRESHET_AUTH_TOKEN)\n"            \
    "\n"                                                                       \
    "  freshet distill teacher.safetensors --map=map.json --pairs=200000\n"

#define TEXT_CHECK_CONFIG                                                      \
    "Exits 0 when a daemon would start with these options, 78 when "           \
    "not. Prints every\n"                                                      \
    "option in force; * marks those that are not the default.\n\n"             \
    "  --defaults  print a --config file with every option at its default\n\n" \
    "  freshet check-config --config freshet.json\n"                           \
    "  freshet check-config --defaults > freshet.json\n"

#define TEXT_CHECK_LOG                                                         \
    "Reads every event of a data directory and checks it. Exits 0 when "       \
    "all is sound (a\n"                                                        \
    "torn tail, which the next start cuts off, is), 65 when something is "     \
    "damaged: then\n"                                                          \
    "segment, offset and seq are named and nothing is changed. The daemon "    \
    "must not run.\n\n"                                                        \
    "  --events   print every event as a line of JSON\n"                       \
    "  --json     the result as one JSON object\n"                             \
    "  --salvage  turn what cannot be read into voids, so that the rest can\n\n" \
    "  freshet check-log data\n"                                               \
    "  freshet check-log data --events | grep '\"type\":\"erase\"'\n"

#define TEXT_REFOLD                                                            \
    "Learns the whole log again from its first event, with the options "       \
    "given here, and\n"                                                        \
    "writes a snapshot. For options that a log cannot change on the way "      \
    "(model.seed,\n"                                                           \
    "model.rating_dim, ...), for learn.* that shall count from the "           \
    "beginning, and after\n"                                                   \
    "erasures, when a restart should not do it. The daemon must not run.\n\n"  \
    "  freshet refold --data.dir=data --model.rating_dim=32\n"

#define TEXT_HEALTH                                                            \
    "Exits 0 when GET /health/live is answered with 200 in 2 seconds, "        \
    "1 when not. For\n"                                                        \
    "the HEALTHCHECK of a container: without --to the daemon is asked at\n"    \
    "server.listen of this machine.\n\n"                                       \
    "  --to=URL  http://host:port\n"

static const struct command commands[] = {
    {"serve", cmd_serve, "[--config FILE] [--section.name=value]...",
     "run the daemon", TEXT_SERVE, OPTIONS_LISTED},
    {"demo", cmd_demo, "[--rate=N] [--seconds=N] [--section.name=value]...",
     "run the daemon with a built-in stream of ratings", TEXT_DEMO,
     OPTIONS_TAKEN},
    {"evaluate", cmd_evaluate,
     "FILE [--items=FILE] [--users=FILE] [--holdout=FILE]\n"
     "                 [--epochs=N] [--train=JSON] [--order=time|file]\n"
     "                 [--curve=FILE] [--rank-every=N] [--json | --hash]\n"
     "                 [--section.name=value]...",
     "test-then-train over a file of ratings, without a daemon", TEXT_EVALUATE,
     OPTIONS_TAKEN},
    {"replay", cmd_replay,
     "FILE|- [--to=URL] [--rate=N] [--connections=N]\n"
     "               [--order=time|file] [--limit=N] [--token-file=FILE]\n"
     "               [--prequential]",
     "stream a file of ratings at a running daemon", TEXT_REPLAY,
     OPTIONS_NONE},
    {"import", cmd_import,
     "FILE [--epochs=N] [--train=JSON] [--map=FILE.json]\n"
     "               [--to=URL] [--connections=N] [--token-file=FILE]",
     "send a data set or a pretrained model to a daemon",
     TEXT_IMPORT, OPTIONS_NONE},
    {"distill", cmd_distill,
     "TEACHER.safetensors [--map=FILE.json] [--pairs=N] [--seed=N]\n"
     "                [--to=URL] [--connections=N] [--token-file=FILE]",
     "teach a running daemon what a larger model knows", TEXT_DISTILL,
     OPTIONS_NONE},
    {"check-config", cmd_check_config,
     "[--defaults] [--config FILE] [--section.name=value]...",
     "check the options and show what is in force", TEXT_CHECK_CONFIG,
     OPTIONS_TAKEN},
    {"check-log", cmd_check_log,
     "DIR [--events] [--json] [--salvage]",
     "check the event log of a data directory", TEXT_CHECK_LOG, OPTIONS_NONE},
    {"refold", cmd_refold, "--data.dir=DIR [--section.name=value]...",
     "learn the whole log again", TEXT_REFOLD, OPTIONS_TAKEN},
    {"health", cmd_health, "[--to=URL]", "ask a daemon whether it lives",
     TEXT_HEALTH, OPTIONS_TAKEN},
    {"version", cmd_version, "", "print the version", "", OPTIONS_NONE},
    {"help", cmd_help, "[COMMAND | options]", "explain a command", "",
     OPTIONS_NONE},
};

const struct command *command_table(size_t *n)
{
    *n = sizeof commands / sizeof *commands;
    return commands;
}

int cmd_version(int argc, char **argv)
{
    if (argc > 0)
        return usage_unknown_word("version", argv[0]);
    printf("freshet %s\n", FRESHET_VERSION);
    return 0;
}

int cmd_help(int argc, char **argv)
{
    if (argc > 1)
        return usage_unknown_word("help", argv[1]);
    return usage_print(argc > 0 ? argv[0] : "help");
}
