/* Images, sequences and tokens: from the cells of a file to a batch. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "table/encoder.h"
#include "table/label_check.h"

/* ---- helpers ---- */

struct data {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct buf notes;
    size_t *order;
    char message[2000]; /* why it failed, without the folder; or "" */
};

static struct csv_reader *open_text(const char *text,
                                    const struct csv_options *options)
{
    char *paths[] = {scratch_text("f", text)};
    struct csv_options o = options ? *options : (struct csv_options){0};
    struct err err = {0};
    struct csv_reader *reader;

    o.reread = true;
    reader = csv_reader_open(paths, 1, &o, &err);
    if (!reader)
        fail_msg("%s", err.message);
    return reader;
}

static void take_message(struct data *d, const struct err *err)
{
    char text[2000];
    size_t folder = strlen(scratch_folder);

    err_format(err, text, sizeof(text));
    snprintf(d->message, sizeof(d->message), "%s",
             strncmp(text, scratch_folder, folder) == 0 ? text + folder + 1
                                                        : text);
}

/* Infers and reads the text; false: d->message says why not. */
static bool load_with(struct data *d, const char *text,
                      const struct schema_request *request,
                      const struct csv_options *options)
{
    struct schema_request q = request ? *request : (struct schema_request){0};
    struct err err = {0};

    memset(d, 0, sizeof(*d));
    q.ngrams = NGRAM_DEFAULTS;
    d->reader = open_text(text, options);
    if (schema_infer(&d->schema, d->reader, &q, &d->notes, &err) != 0 ||
        csv_reader_rewind(d->reader, &err) != 0 ||
        table_init(&d->table, &d->schema, d->reader, &err) != 0 ||
        table_read(&d->table, d->reader, &err) != 0)
        take_message(d, &err);
    d->order = mem_alloc(d->table.n, sizeof(size_t));
    for (size_t i = 0; i < d->table.n; i++)
        d->order[i] = i;
    return !*d->message;
}

static void load(struct data *d, const char *text,
                 const struct schema_request *request)
{
    if (!load_with(d, text, request, NULL))
        fail_msg("%s", d->message);
}

static void unload(struct data *d)
{
    table_release(&d->table);
    schema_release(&d->schema);
    csv_reader_close(d->reader);
    buf_release(&d->notes);
    free(d->order);
}

static void assert_refused(const char *text,
                           const struct schema_request *request,
                           const char *message)
{
    struct data d;

    load_with(&d, text, request, NULL);
    assert_string_equal(d.message, message);
    unload(&d);
}

static const struct schema_request sequential = {.sequential = true};

/* Values to five digits, "1,2," */
static void assert_values(const float *value, size_t n, const char *expected)
{
    struct buf out = {0};

    buf_add_text(&out, "");
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%.5g,", (double)value[i] + 0.0); /* no -0 */
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void assert_numbers(const uint32_t *value, size_t n,
                           const char *expected)
{
    struct buf out = {0};

    buf_add_text(&out, "");
    for (size_t i = 0; i < n; i++)
        if (value[i] == TOKEN_NONE)
            buf_add_text(&out, "-,");
        else
            buf_printf(&out, "%u,", value[i]);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

/* ---- cells that are sequences ---- */

static const char *fault_of(const char *cell, size_t width)
{
    static char text[200];
    struct sequences s = {.width = width};
    struct sequence_fault fault;
    struct buf words = {0};

    snprintf(text, sizeof(text), "fine");
    if (!sequences_add(&s, cell, strlen(cell), &fault)) {
        sequence_fault_text(&fault, &words);
        snprintf(text, sizeof(text), "%s", words.data);
        assert_int_equal(s.n + s.values, 0);
        assert_int_equal(s.width, width);
    }
    buf_release(&words);
    sequences_release(&s);
    return text;
}

static void sequences__faults(void **state)
{
    (void)state;
    assert_string_equal(fault_of("1 2;3 4", 0), "fine");
    assert_string_equal(fault_of(" 1\t 2 ;3  4 ", 2), "fine");
    assert_string_equal(fault_of("-1.5e3", 1), "fine");
    assert_string_equal(fault_of("1 2;3 4;5", 0),
                        "step 3 has 1 value, others have 2");
    assert_string_equal(fault_of("1 2;3 4", 3),
                        "step 1 has 2 values, others have 3");
    assert_string_equal(fault_of("1 2;", 0),
                        "step 2 has 0 values, others have 2");
    assert_string_equal(fault_of("1;;2", 1),
                        "step 2 has 0 values, others have 1");
    assert_string_equal(fault_of(" ", 0), "step 1 has no value");
    assert_string_equal(fault_of(";1", 0), "step 1 has no value");
    assert_string_equal(fault_of("1 2;3 x", 2), "not a number: 'x' in step 2");
    assert_string_equal(fault_of("1 nan", 2), "not a number: 'nan' in step 1");
    assert_string_equal(fault_of("1;1e31", 1),
                        "not a number: '1e31' in step 2");
    assert_string_equal(fault_of("1,5;2", 1), "not a number: '1,5' in step 1");
}

static void sequences__cells(void **state)
{
    struct sequences s = {0};
    struct sequence_fault fault;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(sequences_add(&s, "1 2;3 4", 7, &fault));
        assert_false(sequences_add(&s, "1 2;x 4", 7, &fault));
        sequences_add_missing(&s);
        assert_true(sequences_add(&s, "5 6", 3, &fault));
        assert_int_equal(s.n, 3);
        assert_int_equal(s.width, 2);
        assert_int_equal(s.start[1], 2);
        assert_int_equal(s.start[2], 3);
        assert_int_equal(s.start[3], 4);
        assert_values(s.value, s.values, "1,2,3,4,nan,nan,5,6,");
        sequences_clear(&s);
    }
    sequences_release(&s);
}

/* ---- the type of a column ---- */

/* n cells "i i;i i", then `extra`; the column's type or why it has none. */
static void assert_sequence_type(size_t n, const char *extra, const char *type,
                                 const char *notes)
{
    struct schema_request q = {.sequential = true};
    struct buf text = {0};
    struct data d;

    buf_add_text(&text, "seq,label\n");
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%zu %zu;%zu 0,%zu\n", i, i + 1, i + 2, i % 2);
    buf_printf(&text, "%s,1\n", extra);
    if (strcmp(type, "text") == 0)
        list_add(&q.features, "seq"); /* not to be taken for a name */
    assert_string_equal(load_with(&d, text.data, &q, NULL)
                            ? column_type_name(d.schema.columns[0].type)
                            : d.message,
                        type);
    assert_string_equal(d.notes.data ? d.notes.data : "", notes);
    if (strcmp(type, "sequence") == 0)
        assert_int_equal(d.schema.columns[0].width, 2);
    unload(&d);
    list_release(&q.features);
    buf_release(&text);
}

static void schema__sequences(void **state)
{
    (void)state;
    assert_sequence_type(3, "7 8", "sequence", "");
    assert_sequence_type(200, "", "sequence", "");
    assert_sequence_type(200, "7 8;9",
                         "f:202: column 'seq' (field 1): step 2 has 1 value, "
                         "others have 2 (200 of 201 cells are sequences; try "
                         "--type seq=text)",
                         "");
    assert_sequence_type(80, "x", "text",
                         "column 'seq': 80 of 81 are sequences; first other "
                         "line 82: not a number: 'x' in step 1; using text\n");
}

static void schema__not_sequences(void **state)
{
    struct buf text = {0};
    struct data d;

    (void)state;
    load(&d, "a,b,label\n1 2,1,x\n3 4,2,y\n1 2,3,x\n3 4,4,y\n", NULL);
    assert_int_equal(d.schema.columns[0].type, TYPE_CATEGORY);
    assert_int_equal(d.schema.columns[1].type, TYPE_NUMBER);
    unload(&d);
    buf_add_text(&text, "a,label\n"); /* numbers with one slip */
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "%d.5,x\n", i % 20);
    buf_add_text(&text, "5;6,y\n");
    assert_refused(text.data, NULL,
                   "f:202: column 'a' (field 1): not a number: '5;6' (200 of "
                   "201 cells are; try --missing '5;6' or --type a=category)");
    buf_release(&text);
}

static void schema__sequence_by_force(void **state)
{
    struct schema_request q = {.sequential = true};
    struct data d;

    (void)state;
    list_add(&q.types, "seq=sequence");
    load(&d, "seq,label\n1 2,x\n3 4,y\n", &q);
    assert_int_equal(d.schema.columns[0].type, TYPE_SEQUENCE);
    assert_int_equal(d.schema.form, FORM_STEPS);
    unload(&d);
    assert_refused("id,seq,label\n1,1 2,x\n2,3 4;5 6;7,y\n", &q,
                   "f:3: column 'seq' (field 2): step 3 has 1 value, others "
                   "have 2");
    assert_refused("seq,label\n1 2,x\n3 4;5 x,y\n", &q,
                   "f:3: column 'seq' (field 1): not a number: 'x' in step 2");
    schema_request_release(&q);
}

/* ---- in the table ---- */

static void table__sequences(void **state)
{
    struct schema_request q = {.sequential = true};
    struct data d;

    (void)state;
    list_add(&q.missing, "none");
    load(&d, "seq,label\n1 2;3 4,x\n,y\n5 6,x\nnone,x\n", &q);
    assert_int_equal(d.table.sequences.n, 4);
    assert_values(d.table.sequences.value, d.table.sequences.values,
                  "1,2,3,4,nan,nan,5,6,nan,nan,");
    assert_true(d.table.fingerprint[0] != d.table.fingerprint[2]);
    table_clear(&d.table);
    assert_int_equal(d.table.sequences.n, 0);
    unload(&d);
    schema_request_release(&q);
}

/* Rows the types were not found from. */
static void table__bad_sequence(void **state)
{
    static const char text[] =
        "seq,split,label\n1 2;3 4,train,x\n5 6,train,y\n1 2;3 4;5,test,x\n";
    struct err err = {0};
    struct data d;
    struct table t;

    (void)state;
    assert_refused(text, &sequential,
                   "f:4: column 'seq' (field 1): step 3 has 1 value, others "
                   "have 2");
    load(&d, "seq,label\n1 2;3 4,x\n5 6,y\n", &sequential);
    for (int as_missing = 0; as_missing < 2; as_missing++) {
        struct csv_reader *reader = open_text("seq\n1 2\nfoo 7\n", NULL);
        assert_int_equal(table_init(&t, &d.schema, reader, &err), 0);
        t.frozen = true;
        t.bad_as_missing = as_missing;
        assert_int_equal(table_read(&t, reader, &err), as_missing ? 0 : -1);
        assert_int_equal(t.bad[0], as_missing);
        assert_values(t.sequences.value, t.sequences.values,
                      as_missing ? "1,2,nan,nan," : "1,2,");
        table_release(&t);
        csv_reader_close(reader);
    }
    take_message(&d, &err);
    assert_string_equal(d.message,
                        "f:3: column 'seq' (field 1): not a number: 'foo' in "
                        "step 1 (--bad missing takes it for a missing one)");
    unload(&d);
}

/* ---- both layouts ---- */

static void add_random_number(struct buf *out, struct rng *rng)
{
    static const char *const form[] = {"%.0f", "%.3f", "%.6g", "%.2e"};

    buf_printf(out, form[rng_below(rng, 4)], rng_normal(rng) * 100);
}

/* One sequence, as a wide row and as long rows. */
static void add_random_sequence(struct rng *rng, size_t number, size_t width,
                                struct buf *wide, struct buf *rows)
{
    bool missing = rng_below(rng, 10) == 0;
    size_t steps = missing ? 1 : 1 + rng_below(rng, 7);
    char key[30], label = (char)('a' + rng_below(rng, 3));
    const char *split = rng_below(rng, 4) ? "train" : "test";

    snprintf(key, sizeof(key), "s%zu", number);
    buf_printf(wide, "%s,%s,%c,", key, split, label);
    for (size_t s = 0; s < steps; s++) {
        buf_add_text(wide, s ? ";" : "");
        buf_printf(rows, "%s,", key);
        for (size_t k = 0; k < width; k++) {
            struct buf value = {0};
            buf_add_text(&value, "");
            if (!missing)
                add_random_number(&value, rng);
            buf_printf(wide, "%s%s", k && !missing ? " " : "", value.data);
            buf_printf(rows, "%s,", value.data);
            buf_release(&value);
        }
        buf_printf(rows, "%s,%c\n", split, label);
    }
    buf_add_char(wide, '\n');
}

static void assert_same_table(const struct table *a, const struct table *b)
{
    const struct sequences *x = &a->sequences, *y = &b->sequences;

    assert_int_equal(a->n, b->n);
    assert_int_equal(x->n, a->n);
    assert_int_equal(y->n, b->n);
    assert_int_equal(x->width, y->width);
    assert_int_equal(x->values, y->values);
    assert_memory_equal(x->start, y->start, (a->n + 1) * sizeof(size_t));
    assert_memory_equal(x->value, y->value, x->values * sizeof(float));
    assert_memory_equal(a->fingerprint, b->fingerprint,
                        a->n * sizeof(uint64_t));
    for (size_t i = 0; i < a->n; i++) {
        assert_string_equal(a->labels.text[a->label[i]],
                            b->labels.text[b->label[i]]);
        assert_string_equal(a->parts.text[a->part[i]],
                            b->parts.text[b->part[i]]);
    }
}

static void sequencer__both_layouts_give_the_same_table(void **state)
{
    struct schema_request q = {.sequential = true, .id = "key"};
    struct csv_options o = {.sequence = "key"};
    struct rng rng;

    (void)state;
    list_add(&q.types, "sequence=sequence");
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct buf wide = {0}, rows = {0};
        struct data a, b;
        size_t n, width;
        rng_init(&rng, seed, 1);
        n = 2 + rng_below(&rng, 30);
        width = 1 + rng_below(&rng, 4);
        buf_add_text(&wide, "key,split,label,sequence\n");
        buf_add_text(&rows, "key,");
        for (size_t k = 0; k < width; k++)
            buf_printf(&rows, "v%zu,", k);
        buf_add_text(&rows, "split,label\n");
        buf_add_text(&wide, "s,train,a,1");
        for (size_t k = 1; k < width; k++)
            buf_add_text(&wide, " 1");
        buf_add_text(&rows, "s,");
        for (size_t k = 0; k < width; k++)
            buf_add_text(&rows, "1,");
        buf_add_text(&wide, "\n");
        buf_add_text(&rows, "train,a\n");
        for (size_t i = 0; i < n; i++)
            add_random_sequence(&rng, i, width, &wide, &rows);
        assert_true(load_with(&a, wide.data, &q, NULL));
        assert_true(load_with(&b, rows.data, &q, &o));
        assert_same_table(&a.table, &b.table);
        assert_int_equal(b.table.n, n + 1);
        unload(&a);
        unload(&b);
        buf_release(&wide);
        buf_release(&rows);
    }
    schema_request_release(&q);
}

/* --features, --exclude with names of step columns. */
static void schema__features_of_long_rows(void **state)
{
    static const char text[] =
        "k,a,b,label\n1,1,2,x\n1,3,4,x\n2,5,6,y\n2,7,8,y\n";
    struct schema_request q = {.sequential = true};
    struct csv_options o = {.sequence = "k", .others_differ = true};
    struct csv_reader *other;
    struct err err = {0};
    struct table t;
    struct data d;

    (void)state;
    list_add(&q.features, "b");
    o.step_columns = &q.features;
    assert_true(load_with(&d, text, &q, &o));
    assert_values(d.table.sequences.value, d.table.sequences.values,
                  "2,4,6,8,");
    assert_int_equal(d.schema.step_names.n, 1);
    assert_string_equal(d.schema.step_names.items[0], "b");
    assert_int_equal(d.schema.columns[1].role, ROLE_UNUSED);
    unload(&d);
    list_release(&q.features);
    o = (struct csv_options){.sequence = "k"};
    assert_true(load_with(&d, text, &q, &o));
    assert_int_equal(d.schema.columns[0].role, ROLE_ID);
    assert_values(d.table.sequences.value, d.table.sequences.values,
                  "1,2,3,4,5,6,7,8,");
    other = open_text("k,b,a\n1,2,1\n", &o);
    assert_int_equal(table_init(&t, &d.schema, other, &err), -1);
    assert_string_equal(err.message, "value 1 of a step is 'b' here, but was "
                                     "'a' in training");
    table_release(&t);
    csv_reader_close(other);
    other = open_text("k,a,c,b\n1,2,1,1\n", &o);
    assert_int_equal(table_init(&t, &d.schema, other, &err), -1);
    assert_string_equal(err.message, "a step has 3 values here, but had 2 in "
                                     "training");
    table_release(&t);
    csv_reader_close(other);
    other = open_text("sequence\n1 2;3 4\n", NULL);
    assert_int_equal(table_init(&t, &d.schema, other, &err), 0);
    table_release(&t);
    csv_reader_close(other);
    unload(&d);
    schema_request_release(&q);
}

/* The name of a sequence is its id, or no feature. */
static void schema__key_of_long_rows(void **state)
{
    static const char text[] = "k,n,a,label\n1,7,1,x\n1,7,3,x\n2,8,5,y\n";
    struct schema_request q = {.sequential = true, .id = "n"};
    struct list row = {0};
    struct csv_options o = {.sequence = "k", .row_columns = &row};
    struct data d;

    (void)state;
    list_add(&row, "n");
    assert_true(load_with(&d, text, &q, &o));
    assert_int_equal(d.schema.columns[0].role, ROLE_UNUSED);
    assert_string_equal(d.schema.columns[0].reason, "it names the sequence");
    unload(&d);
    q.id = NULL;
    q.sequential = false;
    list_add(&q.features, "n");
    assert_true(load_with(&d, text, &q, &o));
    assert_int_equal(d.schema.columns[0].role, ROLE_ID);
    unload(&d);
    list_add(&q.features, "k");
    assert_true(load_with(&d, text, &q, &o));
    assert_int_equal(d.schema.columns[0].role, ROLE_FEATURE);
    unload(&d);
    list_release(&row);
    schema_request_release(&q);
}

/* ---- shapes ---- */

static void shape__parsed(void **state)
{
    static const char *const bad[] = {"",      "28",      "28x", "x28",
                                      "2x2x",  "1x2x3x4", "0x2", "2x-1",
                                      "2x2.5", "2 x 2",   "axb", "2x0x200001"};
    size_t shape[3], n;
    struct err err = {0};

    (void)state;
    assert_int_equal(shape_parse(shape, &n, "28x20x3", &err), 0);
    assert_true(n == 3 && shape[0] == 28 && shape[1] == 20 && shape[2] == 3);
    assert_int_equal(shape_parse(shape, &n, "100x12", &err), 0);
    assert_true(n == 2 && shape[0] == 100 && shape[1] == 12);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        char message[200];
        snprintf(message, sizeof(message),
                 "--shape: '%s' is not like 28x28x1 (height, width, channels) "
                 "or 100x12 (steps, values)",
                 bad[i]);
        assert_int_equal(shape_parse(shape, &n, bad[i], &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(err.message, message);
    }
}

static void shape__limits(void **state)
{
    static const char *const cases[][2] = {
        {"100001x1", "--shape: '100001x1': a side is longer than 100000"},
        {"1x1x99999999999999999999",
         "--shape: '1x1x99999999999999999999': a side is longer than 100000"},
        {"2000x2000x3",
         "--shape: '2000x2000x3' is 12000000 values, more than 10000000"},
        {"100000x100000x100000",
         "--shape: '100000x100000x100000' is 1000000000000000 values, more "
         "than 10000000"}};
    size_t shape[3], n;
    struct err err = {0};

    (void)state;
    assert_int_equal(shape_parse(shape, &n, "100000x100", &err), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(shape_parse(shape, &n, cases[i][0], &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(err.message, cases[i][1]);
    }
}

static const struct schema_request image = {.shape = {1, 2, 2}, .n_shape = 3};

static void shape__other_columns(void **state)
{
    (void)state;
    assert_refused("a,b,c,label\n1,2,3,x\n4,5,6,y\n", &image,
                   "f: --shape 1x2x2 is 4 values, but there are 3 number "
                   "columns");
    assert_refused("a,t,b,c,label\n1,u,2,3,x\n4,v,5,6,y\n", &image,
                   "f: --shape 1x2x2 is 4 values, but there are 3 number "
                   "columns (column 't' is a category: --features or "
                   "--exclude)");
    assert_refused("a,t,b,c,d,label\n1,u,2,3,4,x\n4,v,5,6,7,y\n", &image,
                   "f: --shape 1x2x2 reads numbers, but column 't' is a "
                   "category (--features or --exclude)");
    assert_refused("a,b,c,d,label\n1,2,3,,x\n4,5,6,,y\n", &image,
                   "f: column 'd' is empty in the training rows: --shape has "
                   "no place without values");
    assert_refused("a,b,c,d,label\n1,2,3,4,x\n4,5,,7,y\n", &image,
                   "f:3: column 'c' (field 3): a pixel is missing");
}

/* Constant columns, and those whose numbers all differ, are pixels too. */
static void shape__keeps_all_columns(void **state)
{
    struct buf text = {0};
    struct data d;

    (void)state;
    buf_add_text(&text, "a,b,c,d,name,label\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&text, "%d,0,7,%d,n%d,%d\n", i, 100 - i, i, i % 2);
    load(&d, text.data, &image);
    assert_int_equal(d.schema.form, FORM_IMAGE);
    assert_int_equal(d.table.n_numbers, 4);
    assert_true(d.schema.columns[0].shift == 0);
    assert_values(d.table.numbers + 4, 4, "1,0,7,99,");
    assert_string_equal(d.notes.data,
                        "column 'name': 40 of 40 values differ; not used (name "
                        "it in --features to use it)\n");
    unload(&d);
    buf_release(&text);
}

/* ---- which form ---- */

static void form__sequence_networks(void **state)
{
    struct schema_request q = {.sequential = true};
    struct data d;

    (void)state;
    load(&d, "seq,label\n1;2,x\n3,y\n", &q);
    assert_int_equal(d.schema.form, FORM_STEPS);
    assert_int_equal(d.schema.tokens, TOKENS_NONE);
    unload(&d);
    list_add(&q.types, "a=text");
    list_add(&q.types, "b=text");
    load(&d, "a,b,label\nu v,w,x\nv,u,y\n", &q);
    assert_int_equal(d.schema.form, FORM_TOKENS);
    assert_int_equal(d.schema.tokens, TOKENS_WORD);
    assert_int_equal(d.table.n_texts, 0);
    unload(&d);
    schema_request_release(&q);
    q = (struct schema_request){
        .sequential = true, .shape = {2, 2}, .n_shape = 2};
    load(&d, "a,b,c,d,label\n1,2,3,4,x\n5,6,7,8,y\n", &q);
    assert_int_equal(d.schema.form, FORM_STEPS);
    unload(&d);
    q.sequential = false;
    load(&d, "a,b,c,d,label\n1,2,3,4,x\n5,6,7,8,y\n", &q);
    assert_int_equal(d.schema.form, FORM_ROW);
    unload(&d);
    load(&d, "a,b,c,d,label\n1,2,3,4,x\n5,6,7,8,y\n", &image);
    assert_int_equal(d.schema.form, FORM_IMAGE);
    unload(&d);
}

static void form__refusals(void **state)
{
    struct schema_request q = {.sequential = true};

    (void)state;
    assert_refused("length,seq,label\n20,1;2,x\n3,4,y\n", &q,
                   "a sequence network reads one input: column 'seq' is a "
                   "sequence and 'length' a number (--features or --exclude)");
    assert_refused("a,b,label\n1;2,1;2,x\n3,4,y\n", &q,
                   "a sequence network reads one input: column 'a' is a "
                   "sequence and 'b' a sequence (--features or --exclude)");
    assert_refused("n,label\n1,x\n2,y\n", &q,
                   "a sequence network reads a sequence or text, but column "
                   "'n' is a number (--shape STEPSxVALUES makes steps of "
                   "numbers)");
    assert_refused("k,label\nu,x\nv,y\n", &q,
                   "a sequence network reads a sequence or text, but column "
                   "'k' is a category (--type k=text)");
    assert_refused("label\nu\nv\n", &q,
                   "a sequence network reads one input, but there is no column "
                   "to read");
    list_add(&q.types, "t=text");
    assert_refused("n,t,label\n1,u v,x\n2,v w,y\n", &q,
                   "a sequence network reads one input: column 't' is a text "
                   "and 'n' a number (--features or --exclude)");
    schema_request_release(&q);
    q = image;
    q.sequential = true;
    assert_refused("n,label\n1,x\n2,y\n", &q,
                   "--shape 1x2x2 is an image: a sequence network reads "
                   "STEPSxVALUES");
    assert_refused("n,seq,label\n1,1;2,x\n2,3,y\n", NULL,
                   "column 'seq' is a sequence: --net lstm or attention read "
                   "it (else --exclude seq, or --type seq=text)");
    q = (struct schema_request){.n_pixel_stats = 1};
    assert_refused("n,label\n1,x\n2,y\n", &q,
                   "means of pixels are for images (--shape HxWxC)");
    q = image;
    q.n_pixel_stats = 3;
    assert_refused("a,b,c,d,label\n1,2,3,4,x\n4,5,6,7,y\n", &q,
                   "3 means of pixels, but the image has 2 channels");
    q.n_pixel_stats = 2;
    assert_refused("a,b,c,d,label\n1,2,3,4,x\n4,5,6,7,y\n", &q,
                   "a deviation of pixels must be above 0");
}

static void form__names(void **state)
{
    enum input_form form;
    enum token_kind kind;

    (void)state;
    for (int i = FORM_ROW; i <= FORM_TOKENS; i++) {
        const char *word = input_form_name((enum input_form)i);
        assert_int_equal(input_form_parse(word, &form), 0);
        assert_int_equal(form, i);
    }
    for (int i = TOKENS_NONE; i <= TOKENS_CHAR; i++) {
        const char *word = token_kind_name((enum token_kind)i);
        assert_int_equal(token_kind_parse(word, &kind), 0);
        assert_int_equal(kind, i);
    }
    assert_int_equal(input_form_parse("steps ", &form), -1);
    assert_int_equal(token_kind_parse("words", &kind), -1);
}

/* ---- encoding images ---- */

static void encoder__images(void **state)
{
    struct schema_request q = image;
    struct encoder e;
    struct batch b = {0};
    struct data d;

    (void)state;
    load(&d, "a,b,c,d,label\n0,50,100,200,x\n150,50,0,0,y\n400,-100,1,1,y\n",
         &q);
    encoder_fit(&e, &d.table, d.order, 2);
    assert_true(e.form == FORM_IMAGE && e.n_numbers == 0);
    assert_true(e.height == 1 && e.width == 2 && e.channels == 2);
    assert_int_equal(e.n_dense, 4);
    assert_true(e.pixel_low == 0 && e.pixel_high == 200);
    encoder_encode(&e, &d.table, d.order, 3, &b);
    assert_values(b.dense, 16,
                  "0,0.25,0.5,1,0.75,0.25,0,0,2,-0.5,0.005,0.005,"
                  "0,0,0,0,");
    assert_true(b.dense[3] == 1);
    assert_true(b.steps == 1 && b.length[0] == 1 && b.length[15] == 1);
    assert_true(b.step == NULL && b.token == NULL);
    encoder_release(&e);
    unload(&d);
    q.n_pixel_stats = 2;
    q.pixel_mean[0] = .5;
    q.pixel_mean[1] = 0;
    q.pixel_std[0] = .25;
    q.pixel_std[1] = 2;
    load(&d, "a,b,c,d,label\n0,50,100,200,x\n150,50,0,0,y\n", &q);
    encoder_fit(&e, &d.table, d.order, 2);
    encoder_encode(&e, &d.table, d.order, 2, &b);
    assert_values(b.dense, 8, "-2,0.125,0,0.5,1,0.125,-2,0,");
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
}

static void encoder__image_of_one_colour(void **state)
{
    struct encoder e, copy;
    struct batch b = {0};
    struct data d;

    (void)state;
    load(&d, "a,b,c,d,label\n0,0,0,0,x\n0,0,0,0,y\n9,1e30,-5,0,y\n5,6,7,8,x\n",
         &image);
    encoder_fit(&e, &d.table, d.order, 2);
    encoder_encode(&e, &d.table, d.order, 3, &b);
    assert_values(b.dense + 8, 4, "0,0,0,0,");
    encoder_release(&e);
    encoder_fit(&e, &d.table, d.order + 2, 1);
    assert_true(e.pixel_low == -5 && e.pixel_high == 1e30f);
    encoder_release(&e);
    encoder_fit(&e, &d.table, d.order + 3, 1);
    assert_true(e.pixel_low == 0 && e.pixel_high == 8);
    encoder_release(&e);
    encoder_fit(&e, &d.table, d.order, 3);
    encoder_init(&copy, &d.schema); /* as from a model file */
    copy.pixel_low = 0;
    copy.pixel_high = 2;
    encoder_finish(&copy);
    encoder_bind(&copy, &d.table);
    assert_int_equal(copy.n_dense, 4);
    encoder_encode(&copy, &d.table, d.order + 2, 1, &b);
    assert_values(b.dense, 4, "4.5,1e+06,-2.5,0,");
    encoder_release(&e);
    encoder_release(&copy);
    batch_release(&b);
    unload(&d);
}

/* ---- encoding steps ---- */

/* Values 1 3 | 5 7 | 3 5 of two rows; a deviation of sqrt(8/3). */
static void encoder__steps(void **state)
{
    struct encoder e;
    struct batch b = {0};
    struct data d;

    (void)state;
    load(&d, "seq,label\n1 3 4;5 7 4,x\n3 5 4,y\n,x\n1e30 3 5,x\n",
         &sequential);
    encoder_fit(&e, &d.table, d.order, 3);
    assert_true(e.form == FORM_STEPS && e.n_step == 3 && e.n_dense == 0);
    assert_values(e.step_mean, 3, "3,5,4,");
    assert_values(e.step_scale, 3, "0.61237,0.61237,0,");
    encoder_encode(&e, &d.table, d.order, 4, &b);
    assert_true(b.steps == 2 && b.n_step == 3 && b.padded == 16);
    assert_numbers(b.length, 6, "2,1,1,1,1,1,");
    assert_values(b.step, 24,
                  "-1.2247,-1.2247,0,1.2247,1.2247,0,"
                  "0,0,0,0,0,0,0,0,0,0,0,0,1e+06,-1.2247,0,0,0,0,");
    for (size_t i = 24; i < 16 * 6; i++)
        assert_true(b.step[i] == 0);
    encoder_encode(&e, &d.table, d.order + 1, 1, &b);
    assert_int_equal(b.steps, 1);
    assert_values(b.step, 6, "0,0,0,0,0,0,");
    assert_true(b.token == NULL);
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
}

/* The same numbers, as columns of --shape 2x2; a missing one is the mean. */
static void encoder__steps_of_a_shape(void **state)
{
    struct schema_request q = {
        .sequential = true, .shape = {2, 2}, .n_shape = 2};
    struct encoder e;
    struct batch b = {0};
    struct data d;

    (void)state;
    load(&d, "a,b,c,d,label\n1,30,5,70,x\n3,,3,50,y\n", &q);
    assert_true(d.schema.columns[0].shift == 0);
    encoder_fit(&e, &d.table, d.order, 2);
    assert_int_equal(e.n_step, 2);
    assert_values(e.step_mean, 2, "3,50,");
    encoder_encode(&e, &d.table, d.order, 2, &b);
    assert_int_equal(b.steps, 2);
    assert_numbers(b.length, 3, "2,2,1,");
    assert_values(b.step, 8, "-1.4142,-1.2247,1.4142,1.2247,0,0,0,0,");
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
}

/* A row's values do not depend on its neighbours in the batch. */
static void encoder__rows_alone(void **state)
{
    struct encoder e;
    struct batch all = {0}, one = {0};
    struct data d;

    (void)state;
    load(&d, "seq,label\n1.5 2;3 4;5 6,x\n7 8,y\n2 1;1 2,x\n", &sequential);
    encoder_fit(&e, &d.table, d.order, 3);
    encoder_encode(&e, &d.table, d.order, 3, &all);
    for (size_t r = 0; r < 3; r++) {
        encoder_encode(&e, &d.table, &d.order[r], 1, &one);
        assert_int_equal(one.steps, all.length[r]);
        assert_memory_equal(one.step, all.step + r * 6,
                            one.steps * 2 * sizeof(float));
    }
    encoder_release(&e);
    batch_release(&all);
    batch_release(&one);
    unload(&d);
}

/* ---- tokens ---- */

/* The tokens of one row as "the|sea|"; ? unseen, / the separator. */
static void assert_tokens(const struct tokens *t, size_t row,
                          const char *expected)
{
    struct buf out = {0};

    buf_add_text(&out, "");
    for (size_t k = t->start[row]; k < t->start[row + 1]; k++) {
        uint32_t token = t->token[k];
        buf_printf(&out, "%s|",
                   token == TOKEN_UNSEEN      ? "?"
                   : token == TOKEN_SEPARATOR ? "/"
                                              : t->dict.text[token]);
    }
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void add_row(struct tokens *t, enum token_kind kind, bool frozen,
                    const char *first, const char *second, size_t max_steps)
{
    tokens_add(t, kind, frozen, first, strlen(first));
    if (second)
        tokens_add(t, kind, frozen, second, strlen(second));
    tokens_end_row(t, max_steps);
}

static void tokens__words(void **state)
{
    struct tokens t = {0};

    (void)state;
    add_row(&t, TOKENS_WORD, false, "The sea,  \xc3\x89t\xc3\xa9!", NULL, 0);
    add_row(&t, TOKENS_WORD, false, "", NULL, 0);
    add_row(&t, TOKENS_WORD, false, " \n", NULL, 0);
    add_row(&t, TOKENS_WORD, false, "sea", "THE", 0);
    add_row(&t, TOKENS_WORD, false, "", "", 0);
    assert_tokens(&t, 0, "the|sea|,|\xc3\xa9t\xc3\xa9|!|");
    assert_tokens(&t, 1, "?|");
    assert_tokens(&t, 2, "?|");
    assert_tokens(&t, 3, "sea|/|the|");
    assert_tokens(&t, 4, "?|/|?|");
    assert_int_equal(t.dict.count, 5);
    tokens_clear(&t);
    add_row(&t, TOKENS_WORD, true, "the war", NULL, 0);
    assert_tokens(&t, 0, "the|?|");
    assert_int_equal(t.dict.count, 5);
    tokens_release(&t);
}

static void tokens__characters(void **state)
{
    struct tokens t = {0};

    (void)state;
    add_row(&t, TOKENS_CHAR, false, "A\xc3\x89 \n b.", NULL, 0);
    add_row(&t, TOKENS_CHAR, false, " b\t", NULL, 0);
    add_row(&t, TOKENS_CHAR, false, " ", "", 0);
    assert_tokens(&t, 0, "a|\xc3\xa9| |b|.|");
    assert_tokens(&t, 1, " |b| |");
    assert_tokens(&t, 2, " |/|?|");
    tokens_release(&t);
}

static void tokens__cut(void **state)
{
    struct tokens t = {0};

    (void)state;
    add_row(&t, TOKENS_WORD, false, "a b", "c d", 3);
    add_row(&t, TOKENS_WORD, false, "a b c", NULL, 3);
    add_row(&t, TOKENS_WORD, false, "a b c d", NULL, 3);
    assert_tokens(&t, 0, "a|b|/|");
    assert_tokens(&t, 1, "a|b|c|");
    assert_tokens(&t, 2, "a|b|c|");
    assert_int_equal(t.cut, 2);
    tokens_release(&t);
}

static void vocabulary__bytes_and_back(void **state)
{
    static const char *const words[] = {"!", "a", "ab", "b", "\xc3\xa9"};
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {{"a\0b", 3},  {"b\0a\0", 4}, {"a\0a\0", 4}, {"\0", 1},
               {"a\0\0", 3}, {"\xff\0", 2}, {"a\0b\0c", 5}};
    struct dict dict = {0}, back = {0};
    struct buf bytes = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        dict_add(&dict, words[i], strlen(words[i]));
    vocabulary_write(&dict, &bytes);
    assert_int_equal(bytes.len, 12);
    assert_memory_equal(bytes.data, "!\0a\0ab\0b\0\xc3\xa9", 12);
    assert_int_equal(vocabulary_read(&back, bytes.data, bytes.len), 0);
    assert_int_equal(back.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(back.text[i], words[i]);
    dict_release(&back);
    assert_int_equal(vocabulary_read(&back, NULL, 0), 0);
    assert_int_equal(back.count, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(vocabulary_read(&back, bad[i].bytes, bad[i].len), -1);
        dict_release(&back);
    }
    dict_release(&dict);
    buf_release(&bytes);
}

static void encoder__tokens(void **state)
{
    struct schema_request q = {.sequential = true, .max_steps = 4};
    struct encoder e;
    struct batch b = {0};
    struct data d;

    (void)state;
    list_add(&q.types, "t=text");
    load(&d, "t,label\nsea sea war,x\nthe sea,y\nwar the of of it,x\n,y\n", &q);
    encoder_fit(&e, &d.table, d.order, 3);
    assert_true(e.form == FORM_TOKENS && e.n_texts == 0);
    assert_int_equal(e.vocabulary.count, 3); /* sea the war */
    assert_string_equal(e.vocabulary.text[1], "the");
    assert_int_equal(e.n_tokens, 4);
    assert_int_equal(d.table.tokens.cut, 1);
    encoder_encode(&e, &d.table, d.order, 4, &b);
    assert_int_equal(b.steps, 4);
    assert_numbers(b.length, 5, "3,2,4,1,1,");
    assert_numbers(b.token, 20, "1,1,3,-,2,1,-,-,3,2,0,0,0,-,-,-,-,-,-,-,");
    assert_numbers(b.token + 60, 4, "-,-,-,-,");
    assert_true(b.step == NULL);
    encoder_encode(&e, &d.table, d.order + 1, 1, &b);
    assert_int_equal(b.steps, 2);
    assert_numbers(b.token, 4, "2,1,-,-,");
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
    schema_request_release(&q);
}

/* Several columns; another, frozen table; an encoder as from a file. */
static void encoder__tokens_elsewhere(void **state)
{
    struct schema_request q = {.sequential = true, .tokens = TOKENS_CHAR};
    struct encoder e, copy;
    struct batch b = {0};
    struct err err = {0};
    struct csv_reader *reader;
    struct table t;
    struct data d;

    (void)state;
    list_add(&q.types, "t=text");
    list_add(&q.types, "u=text");
    load(&d, "t,u,label\nab,c,x\nba,d,y\n", &q);
    encoder_fit(&e, &d.table, d.order, 2);
    assert_int_equal(e.n_tokens, 4); /* unknown, separator, a, b */
    encoder_encode(&e, &d.table, d.order, 2, &b);
    assert_numbers(b.token, 8, "2,3,1,0,3,2,1,0,");
    encoder_init(&copy, &d.schema);
    dict_add(&copy.vocabulary, "a", 1);
    dict_add(&copy.vocabulary, "b", 1);
    encoder_finish(&copy);
    assert_int_equal(copy.n_tokens, 4);
    reader = open_text("u,t\nA,zb\n,\n", NULL);
    assert_int_equal(table_init(&t, &d.schema, reader, &err), 0);
    encoder_freeze(&copy, &t);
    encoder_bind(&copy, &t);
    assert_int_equal(table_read(&t, reader, &err), 0);
    assert_int_equal(t.tokens.dict.count, 2);
    encoder_encode(&copy, &t, d.order, 2, &b);
    assert_numbers(b.token, 8, "0,3,1,2,0,1,0,-,");
    encoder_release(&e);
    encoder_release(&copy);
    table_release(&t);
    csv_reader_close(reader);
    batch_release(&b);
    unload(&d);
    schema_request_release(&q);
}

/* ---- labels that are no classes ---- */

/* The message about a table with these labels, or "". */
static const char *check_labels(const struct buf *text)
{
    static char message[ERR_MESSAGE_SIZE];
    struct schema_request q = {.label = "y"};
    struct err err = {0};
    struct data d;

    load(&d, text->data, &q);
    if (label_check(&d.table, &err) == 0)
        assert_int_equal(err.kind, ERR_NONE);
    else
        assert_int_equal(err.kind, ERR_DATA);
    snprintf(message, sizeof(message), "%s", err.message);
    unload(&d);
    return message;
}

/* `n` rows "a" beside these labels, one a row, parted by blanks. */
static void assert_labels(const char *labels, size_t n, const char *expected)
{
    struct buf text = {0};

    buf_add_text(&text, "x,y\n1,");
    for (; *labels; labels++)
        if (*labels == ' ')
            buf_add_text(&text, "\n1,");
        else
            buf_add_char(&text, *labels);
    buf_add_text(&text, "\n1,\n");
    for (size_t i = 0; i < n; i++)
        buf_add_text(&text, "2,a\n");
    assert_string_equal(check_labels(&text), expected);
    buf_release(&text);
}

static void label_check__several(void **state)
{
    (void)state;
    assert_labels("a;b b;c a;c b", 10,
                  "label 'y': 'a;b' looks like several labels in one cell, "
                  "which assay does not learn: keep one, or make a file for "
                  "each");
    assert_labels("b c|a b|a", 37,
                  "label 'y': 'c|a' looks like several labels in one cell, "
                  "which assay does not learn: keep one, or make a file for "
                  "each");
    assert_labels("b c|a b|a", 38, "");       /* 2 of 41 */
    assert_labels("a;b b;c a;c b", 60, "");   /* 3 of 64 */
    assert_labels("b;c d;e b;c d;e", 10, ""); /* names that hold a `;` */
    assert_labels("m;n m;o p;q m;n", 10, ""); /* one piece in five recurs */
    assert_labels("z;z z;z", 1, "");          /* nothing beside it */
    assert_labels("a/b b/c a/c b", 10, "");
}

/* These labels, one a row, parted by a bar, three times over. */
static void assert_commas(const char *labels, const char *example)
{
    struct buf text = {0};
    char expected[300] = "";

    buf_add_text(&text, "x,y\n");
    for (int i = 0; i < 3; i++) {
        buf_add_text(&text, "1,\"");
        for (const char *c = labels; *c; c++)
            if (*c == '|')
                buf_add_text(&text, "\"\n1,\"");
            else
                buf_add_char(&text, *c);
        buf_add_text(&text, "\"\n");
    }
    if (example)
        snprintf(expected, sizeof(expected),
                 "label 'y': '%s' looks like several labels in one cell, which "
                 "assay does not learn: keep one, or make a file for each",
                 example);
    assert_string_equal(check_labels(&text), expected);
    buf_release(&text);
}

static void label_check__commas(void **state)
{
    (void)state;
    assert_commas("red, blue|blue, green|red|green, red|blue", "red, blue");
    assert_commas("blue, green|blue, red|green, red", "blue, green");
    assert_commas("a, b, c|b|c, d|a|d, a", "a, b, c");
    assert_commas("red, blue|green|red|blue|green", NULL); /* one in five */
    assert_commas("Painting, oil|Painting, watercolour|Drawing, ink|Print, ink",
                  NULL);
    assert_commas("on paper|on paper, print|on paper, drawing", NULL);
    assert_commas("Paris, France|Lyon, France|York, England|Paris, Texas",
                  NULL);
    assert_commas("red,blue|blue,green|red|green,red", NULL);
}

static struct buf amounts(size_t n, size_t distinct, const char *format)
{
    struct buf text = {0};

    buf_add_text(&text, "x,y\n");
    for (size_t i = 0; i < n; i++) {
        buf_add_text(&text, "1,");
        buf_printf(&text, format, i % distinct);
        buf_add_char(&text, '\n');
    }
    return text;
}

static void assert_amount(size_t n, size_t distinct, const char *format,
                          bool refused)
{
    struct buf text = amounts(n, distinct, format);
    char expected[300] = "";

    if (refused)
        snprintf(expected, sizeof(expected),
                 "label 'y' has %zu different numbers: predicting an amount is "
                 "not offered; make classes of it (such as 'below 10' and '10 "
                 "and above')",
                 distinct);
    assert_string_equal(check_labels(&text), expected);
    buf_release(&text);
}

static void label_check__amounts(void **state)
{
    (void)state;
    assert_amount(431, 431, "%zu", true);
    assert_amount(999, 100, "%zu", true);
    assert_amount(1000, 100, "%zu", false);
    assert_amount(990, 99, "%zu.5", false);
    assert_amount(1000, 100, "%zu.5", true);
    assert_amount(431, 431, "n%zu", false);
    assert_amount(60, 60, "%zu.25", true);
    assert_amount(60, 60, "%zu", true);
    assert_amount(60, 31, "%zu.25", true);
    assert_amount(60, 30, "%zu.25", false);
    assert_amount(20, 20, "%zu", true);
    assert_amount(19, 19, "%zu", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences__faults),
        cmocka_unit_test(sequences__cells),
        cmocka_unit_test(schema__sequences),
        cmocka_unit_test(schema__not_sequences),
        cmocka_unit_test(schema__sequence_by_force),
        cmocka_unit_test(table__sequences),
        cmocka_unit_test(table__bad_sequence),
        cmocka_unit_test(sequencer__both_layouts_give_the_same_table),
        cmocka_unit_test(schema__features_of_long_rows),
        cmocka_unit_test(schema__key_of_long_rows),
        cmocka_unit_test(shape__parsed),
        cmocka_unit_test(shape__limits),
        cmocka_unit_test(shape__other_columns),
        cmocka_unit_test(shape__keeps_all_columns),
        cmocka_unit_test(form__sequence_networks),
        cmocka_unit_test(form__refusals),
        cmocka_unit_test(form__names),
        cmocka_unit_test(encoder__images),
        cmocka_unit_test(encoder__image_of_one_colour),
        cmocka_unit_test(encoder__steps),
        cmocka_unit_test(encoder__steps_of_a_shape),
        cmocka_unit_test(encoder__rows_alone),
        cmocka_unit_test(tokens__words),
        cmocka_unit_test(tokens__characters),
        cmocka_unit_test(tokens__cut),
        cmocka_unit_test(vocabulary__bytes_and_back),
        cmocka_unit_test(encoder__tokens),
        cmocka_unit_test(encoder__tokens_elsewhere),
        cmocka_unit_test(label_check__several),
        cmocka_unit_test(label_check__commas),
        cmocka_unit_test(label_check__amounts),
    };

    return cmocka_run_group_tests_name("inputs", tests, NULL, scratch_remove);
}
