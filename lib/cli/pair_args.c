#include "cli/pair_args.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"
#include "table/image_files.h"
#include "table/schema.h"

enum {
    KEY_LABELS_FROM = 256,
    KEY_KEY,
    KEY_DATA_KEY,
    KEY_MATCH,
    KEY_IGNORE_CASE,
    KEY_KEEP,
    KEY_ALLOW,
    KEY_UNMATCHED,
    KEY_FROM_FOLDERS,
    KEY_IDX,
    KEY_UPDATE,
    KEY_SHAPE,
    KEY_ABSOLUTE
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "Where the labels are:", 1},
    {"labels-from", KEY_LABELS_FROM, "CSV", 0,
     "in this table; FILEs are images, folders of them, or a table", 0},
    {"from-folders", KEY_FROM_FOLDERS, 0, 0,
     "the class of an image is the folder it stands in", 0},
    {"idx", KEY_IDX, 0, 0, "FILEs are the IDX files of images and of labels",
     0},
    {"update", KEY_UPDATE, "A,B", 0,
     "correct these columns of a table; the first FILE has the corrections", 0},
    {0, 0, 0, 0, "What belongs together:", 2},
    {"key", KEY_KEY, "COLUMN", 0, "the column by which rows are found", 0},
    {"data-key", KEY_DATA_KEY, "COLUMN", 0,
     "its name in FILE, where that is another", 0},
    {"match", KEY_MATCH, "exact|path|name|stem", 0,
     "compare whole keys, paths as written, names without folders, or names "
     "without their ending too (exact)",
     0},
    {"ignore-case", KEY_IGNORE_CASE, 0, 0, "capitals are small letters", 0},
    {"allow-unmatched", KEY_ALLOW, 0, 0,
     "leave out what has no partner, and count it", 0},
    {"unmatched", KEY_UNMATCHED, "FILE", 0,
     "the same, and write it to FILE (side,key,place)", 0},
    {0, 0, 0, 0, "What is written:", 3},
    {"keep", KEY_KEEP, "A,B", 0, "only these columns of the labels (all)", 0},
    {"absolute", KEY_ABSOLUTE, 0, 0, "paths from the root of the file system",
     0},
    {"shape", KEY_SHAPE, "HxWxC", 0,
     "pixels in place of paths, in images of this size", 0},
    {0}};

static const char *library_of_images(void)
{
    return image_library();
}

static version_library *const libraries[] = {input_library, text_library,
                                             library_of_images, NULL};

static int set_mode(struct pair_args *o, enum pair_mode mode, struct err *err)
{
    if (o->mode != PAIR_NONE && o->mode != mode)
        return err_set(err, ERR_USAGE,
                       "--labels-from, --from-folders, --idx and --update "
                       "exclude each other");
    o->mode = mode;
    return 0;
}

static int take_shape(struct pair_args *o, const char *value, struct err *err)
{
    size_t sides[3], n;

    if (shape_parse(sides, &n, value, err) != 0)
        return -1;
    if (n != 3 || (sides[2] != 1 && sides[2] != 3))
        return err_set(err, ERR_USAGE,
                       "--shape: '%s' is not HEIGHTxWIDTHxCHANNELS with 1 or 3 "
                       "channels",
                       value);
    o->shape = (struct image_shape){sides[0], sides[1], sides[2]};
    o->has_shape = true;
    return 0;
}

static int take_flag(struct pair_args *o, int key, struct err *err)
{
    switch (key) {
    case KEY_FROM_FOLDERS:
        return set_mode(o, PAIR_FOLDERS, err);
    case KEY_IDX:
        return set_mode(o, PAIR_IDX, err);
    case KEY_IGNORE_CASE:
        o->rule.ignore_case = true;
        return 0;
    case KEY_ALLOW:
        o->allow_unmatched = true;
        return 0;
    case KEY_ABSOLUTE:
        o->absolute = true;
        return 0;
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct pair_args *o = options;

    switch (key) {
    case KEY_LABELS_FROM:
        o->table = value;
        return set_mode(o, PAIR_LABELS, err);
    case KEY_UPDATE:
        return args_list("update", value, &o->update, err) != 0
                   ? -1
                   : set_mode(o, PAIR_UPDATE, err);
    case KEY_KEY:
        o->key = value;
        return 0;
    case KEY_DATA_KEY:
        o->data_key = value;
        return 0;
    case KEY_MATCH:
        return key_match_parse(&o->rule.match, value, err);
    case KEY_KEEP:
        return args_list("keep", value, &o->keep, err);
    case KEY_UNMATCHED:
        o->unmatched = value;
        return 0;
    case KEY_SHAPE:
        return take_shape(o, value, err);
    default:
        return take_flag(o, key, err);
    }
}

static const struct args_tool tool = {
    "pair",
    "[FILE...]",
    "Joins images, rows or corrections to labels, by key and never by order.",
    option_table,
    libraries,
    false,
    take};

static bool is_image(const char *path)
{
    struct stat status;

    return image_files_named(path) ||
           (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

/* Whether files are images or tables: all of them the same. */
static void find_kind(struct pair_args *o)
{
    for (size_t i = 0; i < o->n_files; i++)
        if (is_image(o->files[i]) != is_image(o->files[0]))
            report_usage("'%s' is a table and '%s' is not: one kind at a time",
                         o->files[is_image(o->files[0]) ? i : 0],
                         o->files[is_image(o->files[0]) ? 0 : i]);
    o->images = o->n_files && is_image(o->files[0]);
}

static void check_files(struct pair_args *o)
{
    if (o->mode == PAIR_IDX && o->n_files != 2)
        report_usage("--idx takes two files: images, then labels");
    if (o->mode == PAIR_FOLDERS && !o->n_files)
        report_usage("--from-folders needs a folder");
    if (o->mode == PAIR_UPDATE && !o->n_files)
        report_usage("--update needs a file with the corrections");
    if (o->mode == PAIR_UPDATE) {
        o->table = *o->files++;
        o->n_files--;
    }
    if (o->mode == PAIR_FOLDERS)
        o->images = true;
    else if (o->mode == PAIR_LABELS)
        find_kind(o);
    if (o->table && strcmp(o->table, "-") == 0 &&
        (!o->n_files || strcmp(o->files[0], "-") == 0))
        report_usage("both tables from standard input");
}

/* What means nothing with the labels where they are. */
static void check_options(const struct pair_args *o)
{
    bool by_key = o->mode == PAIR_LABELS || o->mode == PAIR_UPDATE;
    bool tables = by_key && !o->images;

    if (o->mode == PAIR_NONE)
        report_usage("where are the labels? --labels-from CSV --key COLUMN, "
                     "--from-folders, --idx, or --update COLUMN --key COLUMN");
    if (by_key && !o->key)
        report_usage("--key COLUMN: by which column are rows found?");
    if (!by_key && (o->key || o->rule.match || o->rule.ignore_case ||
                    o->allow_unmatched || o->unmatched))
        report_usage("--key, --match, --ignore-case, --allow-unmatched and "
                     "--unmatched are for --labels-from and --update");
    if (o->mode != PAIR_LABELS && o->keep.n)
        report_usage("--keep is for --labels-from");
    if (!tables && o->data_key)
        report_usage("--data-key is for two tables");
    if (tables && (o->has_shape || o->absolute))
        report_usage("--shape and --absolute are for images");
    if (o->absolute && (o->has_shape || o->mode == PAIR_IDX))
        report_usage("--absolute is for paths, and none are written");
    if (tables && o->rule.match == KEY_PATH)
        report_usage("--match path is for images");
}

void pair_args_parse(struct args *args, struct pair_args *o, int argc,
                     char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    o->files = args->files;
    o->n_files = args->n_files;
    check_files(o);
    check_options(o);
    file_names_check(args, &(struct file_name){"--unmatched", o->unmatched}, 1,
                     o->table);
    o->allow_unmatched |= o->unmatched != NULL;
    if (!o->data_key)
        o->data_key = o->key;
}

void pair_args_release(struct pair_args *o)
{
    list_release(&o->keep);
    list_release(&o->update);
}
