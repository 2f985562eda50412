/*
 * pair_args: the options of `assay pair`.
 */
#ifndef CLI_PAIR_ARGS_H
#define CLI_PAIR_ARGS_H

#include "cli/args.h"
#include "table/image.h"
#include "table/key.h"

/* Where the labels come from. */
enum pair_mode {
    PAIR_NONE,
    PAIR_LABELS,  /* --labels-from */
    PAIR_FOLDERS, /* --from-folders */
    PAIR_IDX,     /* --idx */
    PAIR_UPDATE   /* --update */
};

/*
 * Strings belong to argv; lists are owned.  `table` is the file held in
 * memory: --labels-from, or the first file of --update.
 */
struct pair_args {
    enum pair_mode mode;
    const char *table, *key, *data_key, *unmatched;
    struct key_rule rule;
    bool allow_unmatched; /* also with --unmatched */
    bool absolute, has_shape;
    bool images; /* the files are images or folders of them */
    struct image_shape shape;
    struct list keep, update;
    char **files; /* args.files without `table` */
    size_t n_files;
};

/* args_parse for pair: reports what is wrong and exits. */
void pair_args_parse(struct args *args, struct pair_args *options, int argc,
                     char **argv);
void pair_args_release(struct pair_args *options);

#endif
