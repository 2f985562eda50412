/* assay: the front door.  `assay NAME ...` runs assay-NAME. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/report.h"
#include "cli/version.h"

static const struct {
    const char *name, *does;
} tools[] = {{"pair", "joins images, rows, corrections to labels by key"},
             {"synth", "makes data whose best possible error is known"},
             {"split", "says which row belongs to which part"},
             {"check", "finds silent bugs in a table; describes its columns"},
             {"train", "fits a network"},
             {"eval", "applies a model; scores and compares predictions"},
             {"decompose", "splits the error into its sources"},
             {"confuse", "which classes, which rows are wrong"},
             {"shift", "has the world changed, does it matter, what to do"},
             {"tune", "searches hyperparameters"}};

enum { N_TOOLS = sizeof(tools) / sizeof(*tools) };

static void usage(FILE *out)
{
    fputs("Usage: assay TOOL [ARGUMENT...]\n"
          "       assay help [TOOL]\n"
          "       assay --version\n\n"
          "Why is my classifier wrong, and what now?\n\n",
          out);
    for (int i = 0; i < N_TOOLS; i++)
        fprintf(out, "  %-10s %s\n", tools[i].name, tools[i].does);
    fputs("\nA first look at any table with a column of labels:\n\n"
          "  assay split --label genre books.csv |\n"
          "      assay train --label genre --predict | assay decompose\n",
          out);
}

/* The folder this program stands in, with a final slash. */
static void own_folder(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    folder[n > 0 ? n : 0] = '\0';
    slash = strrchr(folder, '/');
    if (slash)
        slash[1] = '\0';
    else
        folder[0] = '\0';
}

static _Noreturn void cannot_run(const char *name)
{
    struct err err;

    if (errno == ENOENT)
        err_set(&err, ERR_USAGE, "no tool '%s' (try: assay help)", name);
    else
        err_system(&err, "cannot run '%s'", name);
    report_fail(&err);
}

/*
 * Threads that wait keep their core for the blink of an eye (a tenth of a
 * millisecond), not for ten: beside other work a training run of 0.4 s took
 * 31 s, since threads waited for one that had no core.  OpenMP reads this when
 * a program starts.
 */
static void wait_briefly(void)
{
    if (!getenv("OMP_WAIT_POLICY"))
        setenv("GOMP_SPINCOUNT", "10000", 0);
}

/* The tool beside this program, else the one on the PATH. */
static _Noreturn void run_tool(char **argv)
{
    char folder[PATH_MAX];
    char path[PATH_MAX + NAME_MAX + 8];
    const char *name = argv[0];

    if (strchr(name, '/') || *name == '-') {
        errno = ENOENT;
        cannot_run(name);
    }
    wait_briefly();
    own_folder(folder);
    snprintf(path, sizeof(path), "%sassay-%s", folder, name);
    execv(path, argv);
    snprintf(path, sizeof(path), "assay-%s", name);
    execvp(path, argv);
    cannot_run(name);
}

/* Shows the page beside the sources, if this was not installed. */
static void open_own_page(const char *page, int section)
{
    char folder[PATH_MAX];
    char path[PATH_MAX + NAME_MAX + 32];

    own_folder(folder);
    snprintf(path, sizeof(path), "%s../../man/%s.%d", folder, page, section);
    if (access(path, R_OK) != 0)
        snprintf(path, sizeof(path), "%s../../../man/%s.%d", folder, page,
                 section);
    if (access(path, R_OK) != 0)
        return;
    execlp("man", "man", "-l", path, (char *)NULL);
    execlp("mandoc", "mandoc", "-a", path, (char *)NULL);
}

static bool is_page(const char *page)
{
    bool found = strcmp(page, "assay") == 0 || strcmp(page, "assay-csv") == 0 ||
                 strcmp(page, "assay-model") == 0;

    for (int i = 0; i < N_TOOLS && !found; i++)
        found = strcmp(page + strlen("assay-"), tools[i].name) == 0;
    return found;
}

static _Noreturn void open_page(const char *name)
{
    char page[NAME_MAX];

    if (strncmp(name, "assay", 5) == 0)
        snprintf(page, sizeof(page), "%s", name);
    else
        snprintf(page, sizeof(page), "%s%s", *name ? "assay-" : "assay", name);
    if (!is_page(page))
        report_usage(
            "no page '%s' (there are: pair, split, check, train, eval, "
            "decompose, confuse, csv, model)",
            name);
    open_own_page(page, 1);
    open_own_page(page, 5);
    execlp("man", "man", page, (char *)NULL);
    errno = ENOENT;
    cannot_run("man");
}

int main(int argc, char **argv)
{
    report_start(NULL);
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        report_done();
        return fflush(stdout) != 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        version_print(stdout, NULL);
        report_done();
        return fflush(stdout) != 0;
    }
    if (strcmp(argv[1], "help") == 0 && argc > 3)
        report_usage("help: one page at a time");
    if (strcmp(argv[1], "help") == 0)
        open_page(argc == 3 ? argv[2] : "");
    run_tool(argv + 1);
}
