/* fuzz_store.h -- what the fuzzers of the durable store share: a directory for
 * one run, in memory, that goes away; files in it.
 *
 * Nearly all that a store reads is under a CRC, which no fuzzer guesses.  The
 * first byte of an input says whether the CRCs are put right before.
 */
#ifndef FRESHET_TESTS_FUZZ_STORE_H
#define FRESHET_TESTS_FUZZ_STORE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/must.h"

#define FUZZ_REPAIR 1u   /* bits of the first byte */
#define FUZZ_BEGIN  2u

static char fuzz_path[64];
static int fuzz_data, fuzz_log;   /* the directory, and log/ in it */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_remove(void)
{
    static const char *const names[] = {
        "redo", "redo.tmp", "log/00000000000000000000.seg",
        "log/00000000000000000001.seg", "log/00000000000000000002.seg",
        "log/next.seg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat(fuzz_data, names[i], 0);
    unlinkat(fuzz_data, "log", AT_REMOVEDIR);
    rmdir(fuzz_path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    snprintf(fuzz_path, sizeof fuzz_path, "%s/freshet-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    MUST(mkdtemp(fuzz_path));
    fuzz_data = open(fuzz_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fuzz_data >= 0 && mkdirat(fuzz_data, "log", 0700) == 0);
    fuzz_log = openat(fuzz_data, "log", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fuzz_log >= 0 && atexit(fuzz_remove) == 0);
    return 0;
}

static inline void fuzz_file(int dirfd, const char *name, const void *bytes,
                             size_t n)
{
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0600);
    MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

#endif
