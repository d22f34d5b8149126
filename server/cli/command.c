/* command.c -- the table of commands.  See command.h. */
#include "server/cli/command.h"

#include <stdio.h>

#include "server/cli/usage.h"
#include "version.h"

static const struct command commands[] = {
    {"serve", cmd_serve, "[--config FILE] [--section.name=value ...]",
     "run the daemon",
     "Serves until SIGTERM, which answers what is in flight and exits 0; a "
     "second one\nexits at once. SIGHUP reads the options again. Logs one line "
     "per event to standard\nerror.\n\n"
     "  freshet serve\n"
     "  freshet serve --server.listen=127.0.0.1:9000 --model.rating_max=10\n",
     1},
    {"demo", cmd_demo, "[--rate=N] [--seconds=N] [--section.name=value ...]",
     "run the daemon with a built-in stream of ratings",
     "The daemon on 127.0.0.1:8470, and beside it a client that sends ratings "
     "with a\nhidden structure through the public API: watch the error fall. "
     "Ctrl-C ends it.\n\n"
     "  --rate=N     ratings per second (500)\n"
     "  --seconds=N  end after this long (0: never)\n",
     1},
    {"evaluate", cmd_evaluate,
     "FILE [--items=FILE] [--order=time|file] [--json] [--section.name=value "
     "...]",
     "test-then-train over a file of ratings, in process",
     "Predicts each rating before it learns it, in time order, with the fold "
     "of the\ndaemon, and prints how far off it was.\n\n"
     "  --items=FILE       names of items: u.item, movies.csv, movies.dat, "
     "NDJSON\n"
     "  --order=time|file  sort by time first (the default), or not\n"
     "  --json             one JSON object instead of the report\n\n"
     "FILE: MovieLens u.data, ratings.csv, a::b::c::d, any CSV or TSV with a "
     "header,\nNDJSON; each may be gzipped.\n\n"
     "  freshet evaluate ml-100k/u.data --items=ml-100k/u.item\n"
     "  freshet evaluate ratings.dat --model.rating_min=0 "
     "--model.rating_max=10\n",
     1},
    {"replay", cmd_replay,
     "FILE|- [--to=URL] [--rate=N] [--connections=N] [--order=time|file]\n"
     "               [--limit=N] [--token-file=FILE] [--prequential]",
     "stream a file of ratings at a running daemon",
     "Sends ratings as application/x-ndjson, and at the end says what the "
     "daemon knows.\n`-` sends lines of standard input as they come.\n\n"
     "  --to=URL           the daemon (http://127.0.0.1:8470)\n"
     "  --rate=N           ratings per second (0: as fast as they are taken)\n"
     "  --connections=N    a user's ratings stay on one, in order (1)\n"
     "  --order=time|file  sort by time first (the default), or not\n"
     "  --limit=N          the first N ratings only\n"
     "  --token-file=FILE  bearer token (or FRESHET_AUTH_TOKEN)\n"
     "  --prequential      for each rating: predict over HTTP, then send it "
     "and wait\n                     until it is learned; prints the error of "
     "what was served\n"
     "  --min=X --max=X    the range of ratings in FILE (1, 5)\n\n"
     "  freshet replay ratings.csv --rate=1000\n"
     "  tail -f events.ndjson | freshet replay -\n",
     0},
    {"check-config", cmd_check_config,
     "[--defaults] [--config FILE] [--section.name=value ...]",
     "check the options and show what is in force",
     "Exits 0 when a daemon would start with these options, 78 when not.\n\n"
     "  --defaults  print a file with every option at its default\n",
     1},
    {"health", cmd_health, "[--to=URL]",
     "ask a daemon whether it lives (for HEALTHCHECK)",
     "Exits 0 when GET /health/live is answered 200 within 3 seconds. Without "
     "--to the\naddress is that of server.listen.\n",
     1},
    {"version", cmd_version, "", "print the version", "", 0},
    {"help", cmd_help, "[COMMAND | options]", "explain a command", "", 0},
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
    return usage_print(argc > 0 ? argv[0] : "help");
}
