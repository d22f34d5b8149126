/* main.c -- the commands of freshet, and nothing else. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "server/cli/command.h"
#include "server/cli/usage.h"

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    size_t n;
    const struct command *commands = command_table(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        // The words after the command; `freshet COMMAND --help` explains it.
        int rest = argc > 2 ? argc - 2 : 0;
        for (int j = 2; j < argc; j++)
            if (strcmp(argv[j], "--help") == 0 || strcmp(argv[j], "-h") == 0)
                return usage_print(name);
        return commands[i].run(rest, argv + (argc > 2 ? 2 : argc));
    }
    fprintf(stderr, "freshet: there is no command '%s'; see freshet help\n",
            name);
    return EX_USAGE;
}
