#include "table/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include "base/hash.h"
#include "base/mem.h"
#include "table/encoder.h"
#include "table/partition.h"

/* ---- types ---- */

/* "x,label" and `n` cells of x made by printf from the row's number. */
static struct buf column_of(size_t n, const char *format, size_t modulo,
                            const char *extra)
{
    struct buf text = {0};

    buf_add_text(&text, "x,label\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, format, i % modulo, i % modulo);
        buf_printf(&text, ",%zu\n", i % 2);
    }
    if (extra)
        buf_printf(&text, "%s,1\n", extra);
    return text;
}

/* Infers; returns the first column's "type", "unused" or the error. */
static const char *infer(const char *text, const struct schema_request *request,
                         struct schema *schema, struct buf *notes)
{
    static struct err err;
    struct csv_reader *reader = scratch_reader(text, false);
    int status;

    memset(&err, 0, sizeof(err));
    status = schema_infer(schema, reader, request, notes, &err);
    csv_reader_close(reader);
    if (status != 0)
        return err.message;
    return schema->columns[0].role == ROLE_FEATURE
               ? column_type_name(schema->columns[0].type)
               : column_role_name(schema->columns[0].role);
}

static void assert_type(struct buf text, const char *expected)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct schema schema;
    struct buf notes = {0};

    assert_string_equal(infer(text.data, &request, &schema, &notes), expected);
    schema_release(&schema);
    buf_release(&notes);
    buf_release(&text);
}

static void schema__numbers(void **state)
{
    (void)state;
    assert_type(column_of(100, "%zu.5", 100, NULL), "number");
    assert_type(column_of(100, "%zu", 10, NULL), "number");
    assert_type(column_of(10, "%zu", 10, NULL), "number");
    assert_type(column_of(100, "-%zue-3", 10, ""), "number");
}

/* 99 % numbers: an error; ranges and dates are another notation. */
static void schema__almost_numbers(void **state)
{
    (void)state;
    assert_type(column_of(199, "%zu.5", 20, "n.a."),
                "not a number: 'n.a.' (199 of 200 cells are; try --missing "
                "'n.a.' or --type x=category)");
    assert_type(column_of(99, "%zu.5", 20, "nan"),
                "not a number: 'nan' (99 of 100 cells are; try --missing "
                "'nan' or --type x=category)");
    assert_type(column_of(98, "%zu.5", 20, "nan"), "category");
    assert_type(column_of(199, "18%02zu", 90, "1809-1811"), "text");
    assert_type(column_of(199, "18%02zu", 20, "[1871?]"), "category");
    assert_type(column_of(199, "18%02zu", 90, "10:30"), "text");
}

static void schema__categories_and_texts(void **state)
{
    (void)state;
    assert_type(column_of(60, "k%zu", 50, NULL), "category");
    assert_type(column_of(60, "k%zu", 51, NULL), "text");
    assert_type(column_of(1020, "k%zu", 51, NULL), "category");
    assert_type(column_of(1019, "k%zu", 51, NULL), "text");
    assert_type(column_of(30, "two words %zu", 20, NULL), "text");
    assert_type(column_of(60, "two words %zu", 20, NULL), "category");
}

static void schema__identifiers(void **state)
{
    (void)state;
    assert_type(column_of(200, "%zu", 200, NULL), "unused");
    assert_type(column_of(19, "%zu", 19, NULL), "number");
    assert_type(column_of(20, "%zu", 20, NULL), "unused");
    assert_type(column_of(200, "%zu.25", 200, NULL), "number");
    assert_type(column_of(200, "key%zu", 200, NULL), "unused");
    assert_type(column_of(200, "a title %zu", 200, NULL), "text");
    assert_type(column_of(200, "%zu", 196, NULL), "number");
}

static void schema__asked_for_by_name(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct buf text = column_of(200, "key%zu", 200, NULL), notes = {0};
    struct schema schema;

    (void)state;
    list_add(&request.features, "x");
    assert_string_equal(infer(text.data, &request, &schema, &notes), "text");
    assert_int_equal(notes.len, 0);
    schema_release(&schema);
    list_release(&request.features);
    assert_string_equal(infer(text.data, &request, &schema, &notes), "unused");
    assert_string_equal(notes.data,
                        "column 'x': 200 of 200 values differ; not used (name "
                        "it in --features to use it)\n");
    schema_release(&schema);
    buf_release(&notes);
    buf_release(&text);
}

static void schema__forced_types(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct schema schema;
    struct buf notes = {0};

    (void)state;
    list_add(&request.types, "x=category");
    assert_string_equal(infer("x,label\n1,a\n2,b\n", &request, &schema, &notes),
                        "category");
    schema_release(&schema);
    list_release(&request.types);
    list_add(&request.types, "x=number");
    assert_string_equal(infer("x,label\n1,a\nb,b\n", &request, &schema, &notes),
                        "not a number: 'b' (1 of 2 cells are; try --missing "
                        "'b' or --type x=category)");
    schema_release(&schema);
    list_release(&request.types);
    list_add(&request.types, "x=date");
    assert_non_null(
        strstr(infer("x,label\n1,a\nb,b\n", &request, &schema, &notes),
               "--type: 'x=date' is not COLUMN=TYPE"));
    schema_release(&schema);
    schema_request_release(&request);
    buf_release(&notes);
}

static void schema__missing_words(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct schema schema;
    struct buf notes = {0};

    (void)state;
    list_add(&request.missing, "n/a");
    list_add(&request.missing, "?");
    assert_string_equal(infer("x,label\n1.5,a\nn/a,b\n?,a\n,b\n2.5,a\n",
                              &request, &schema, &notes),
                        "number");
    assert_int_equal(schema.columns[0].missing, 3);
    assert_int_equal(schema.columns[0].cells, 2);
    assert_true(schema.columns[0].low == 1.5 && schema.columns[0].high == 2.5);
    assert_true(schema_missing(&schema, "n/a", 3));
    assert_false(schema_missing(&schema, "n/", 2));
    schema_release(&schema);
    assert_string_equal(
        infer("x,label\n?,a\nn/a,b\n", &request, &schema, &notes), "unused");
    schema_release(&schema);
    schema_request_release(&request);
    buf_release(&notes);
}

/* Rows of `test` say nothing; nor do those outside --on. */
static void schema__types_from_fitting_rows(void **state)
{
    static const char text[] = "x,split,label\n1,train,a\n2,val,b\nz,test,a\n";
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct schema schema;
    struct buf notes = {0};

    (void)state;
    assert_string_equal(infer(text, &request, &schema, &notes), "number");
    assert_int_equal(schema.fit_rows, 2);
    assert_int_equal(schema_role(&schema, ROLE_SPLIT), 1);
    assert_int_equal(schema_role(&schema, ROLE_LABEL), 2);
    schema_release(&schema);
    list_add(&request.fit_parts, "test");
    assert_string_equal(infer(text, &request, &schema, &notes), "category");
    assert_int_equal(schema.fit_rows, 1);
    schema_release(&schema);
    schema_request_release(&request);
    buf_release(&notes);
}

static void ngram_sizes__parsed(void **state)
{
    struct ngram_sizes s;
    struct err err = {0};

    (void)state;
    assert_int_equal(ngram_sizes_parse(&s, "word=1-2,char=3-5", &err), 0);
    assert_true(s.word_low == 1 && s.word_high == 2);
    assert_true(s.char_low == 3 && s.char_high == 5);
    assert_int_equal(ngram_sizes_parse(&s, "word=2", &err), 0);
    assert_true(s.word_low == 2 && s.word_high == 2 && s.char_high == 0);
    assert_int_equal(ngram_sizes_parse(&s, "word=2-1", &err), -1);
    assert_int_equal(ngram_sizes_parse(&s, "char=1-9", &err), -1);
    assert_int_equal(ngram_sizes_parse(&s, "words=1", &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
}

/* ---- n-grams ---- */

static float count_in(const struct ngrams *g, size_t text, const char *gram)
{
    uint32_t bucket =
        (uint32_t)(hash_bytes(gram, strlen(gram)) & (NGRAM_GROUP - 1)) +
        (gram[0] == 'c' ? NGRAM_GROUP : 0);

    for (size_t k = g->start[text]; k < g->start[text + 1]; k++)
        if (g->bucket[k] == bucket)
            return g->count[k];
    return 0;
}

static void ngrams__by_hand(void **state)
{
    struct ngram_sizes sizes = {1, 2, 3, 4};
    struct ngrams g = {0};

    (void)state;
    ngrams_add(&g, &sizes, "Ab aB!", 6);
    ngrams_add(&g, &sizes, "", 0);
    ngrams_add(&g, &sizes, "\xc3\x89", 2);
    assert_int_equal(g.n, 3);
    assert_int_equal(g.start[1] - g.start[0], 4 + 3);
    assert_true(count_in(&g, 0, "wab ") == 2);
    assert_true(count_in(&g, 0, "w! ") == 1);
    assert_true(count_in(&g, 0, "wab ab ") == 1);
    assert_true(count_in(&g, 0, "wab ! ") == 1);
    assert_true(count_in(&g, 0, "c<ab") == 2);
    assert_true(count_in(&g, 0, "cab>") == 2);
    assert_true(count_in(&g, 0, "c<ab>") == 2);
    assert_int_equal(g.start[2], g.start[1]);
    assert_true(count_in(&g, 2, "c<\xc3\xa9>") == 1);
    assert_int_equal(g.start[3] - g.start[2], 2);
    for (size_t k = 1; k < g.start[1]; k++)
        assert_true(g.bucket[k] > g.bucket[k - 1]);
    ngrams_release(&g);
}

/* ---- encoding ---- */

struct data {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    size_t *order;
};

static void load(struct data *d, const char *text,
                 struct schema_request *request)
{
    struct schema_request none = {.ngrams = NGRAM_DEFAULTS};
    struct buf notes = {0};
    struct err err = {0};

    memset(d, 0, sizeof(*d));
    d->reader = scratch_reader(text, true);
    if (schema_infer(&d->schema, d->reader, request ? request : &none, &notes,
                     &err) != 0 ||
        csv_reader_rewind(d->reader, &err) != 0 ||
        table_init(&d->table, &d->schema, d->reader, &err) != 0 ||
        table_read(&d->table, d->reader, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
    d->order = mem_alloc(d->table.n, sizeof(size_t));
    for (size_t i = 0; i < d->table.n; i++)
        d->order[i] = i;
}

static void unload(struct data *d)
{
    table_release(&d->table);
    schema_release(&d->schema);
    csv_reader_close(d->reader);
    free(d->order);
}

static void encoder__as_scikit_learn(void **state)
{
    static const size_t rows[] = {0, 7, 23};
    struct buf text = scratch_read("tests/data/nn/nn_rows.csv");
    struct encoder e;
    struct batch b = {0};
    struct data d;
    char name[64];

    (void)state;
    load(&d, text.data, NULL);
    encoder_fit(&e, &d.table, d.order, d.table.n);
    assert_int_equal(e.n_bag_rows, whole_of("bag.rows"));
    encoder_encode(&e, &d.table, rows, 3, &b);
    assert_int_equal(b.padded, 16);
    for (size_t r = 0; r < 3; r++) {
        for (size_t i = 0; i < 2; i++) {
            snprintf(name, sizeof(name), "scaled.%zu.%zu", rows[r], i);
            assert_near((double)b.dense[r * 2 + i], number_of(name), 1e-6);
        }
        snprintf(name, sizeof(name), "bag.%zu.entries", rows[r]);
        assert_int_equal(b.start[r + 1] - b.start[r], whole_of(name));
        for (size_t k = b.start[r]; k < b.start[r + 1]; k++) {
            snprintf(name, sizeof(name), "bag.%zu.%u", rows[r],
                     e.texts[0].bucket[b.index[k] - e.texts[0].at]);
            assert_near((double)b.value[k], number_of(name), 1e-5);
        }
    }
    for (size_t r = 3; r <= 16; r++)
        assert_int_equal(b.start[r], b.entries);
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
    buf_release(&text);
}

/* The dense columns of one row as "1,0,0.5,". */
static void assert_dense(const struct encoder *e, const struct table *t,
                         size_t row, const char *expected)
{
    struct batch b = {0};
    struct buf out = {0};

    encoder_encode(e, t, &row, 1, &b);
    for (size_t i = 0; i < e->n_dense; i++)
        buf_printf(&out, "%.4g,", (double)b.dense[i] + 0.0); /* no -0 */
    assert_string_equal(out.data, expected);
    buf_release(&out);
    batch_release(&b);
}

/* Levels sorted: "", b, c have two rows; "a" one: the bucket. */
static void encoder__one_hot(void **state)
{
    struct encoder e;
    struct data d;

    (void)state;
    load(&d, "k,label\nc,1\nb,0\n,1\na,0\nb,1\nc,0\n,1\nzz,1\n", NULL);
    encoder_fit(&e, &d.table, d.order, 7);
    assert_int_equal(e.n_dense, 4);
    assert_dense(&e, &d.table, 0, "0,0,1,0,");
    assert_dense(&e, &d.table, 1, "0,1,0,0,");
    assert_dense(&e, &d.table, 2, "1,0,0,0,");
    assert_dense(&e, &d.table, 3, "0,0,0,1,");
    assert_dense(&e, &d.table, 7, "0,0,0,1,");
    encoder_release(&e);
    encoder_fit(&e, &d.table, (size_t[]){0, 1, 4, 5}, 4);
    assert_int_equal(e.n_dense, 2);
    assert_dense(&e, &d.table, 0, "0,1,");
    assert_dense(&e, &d.table, 7, "0,0,");
    assert_dense(&e, &d.table, 2, "0,0,");
    encoder_release(&e);
    unload(&d);
}

static void encoder__missing_numbers(void **state)
{
    struct encoder e;
    struct data d;

    (void)state;
    load(&d, "x,y,label\n1.5,1.5,a\n,2.5,b\n3.5,,a\n3.5,3.5,b\n", NULL);
    encoder_fit(&e, &d.table, (size_t[]){0, 1, 3}, 3);
    assert_true(e.numbers[0].indicator);
    assert_false(e.numbers[1].indicator);
    assert_int_equal(e.n_dense, 3);
    assert_dense(&e, &d.table, 0, "-1,0,-1.225,");
    assert_dense(&e, &d.table, 1, "0,1,0,");
    assert_dense(&e, &d.table, 2, "1,0,0,");
    encoder_release(&e);
    encoder_fit(&e, &d.table, (size_t[]){2, 3}, 2);
    assert_dense(&e, &d.table, 0, "0,0,0,");
    encoder_release(&e);
    unload(&d);
}

/* More than 50 levels: one row of the bag each. */
static void encoder__many_levels_are_embedded(void **state)
{
    struct buf text = {0};
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct encoder e;
    struct batch b = {0};
    struct data d;

    (void)state;
    buf_add_text(&text, "k,label\n");
    for (int i = 0; i < 102; i++)
        buf_printf(&text, "k%02d,%d\n", i % 51, i % 2);
    list_add(&request.types, "k=category");
    load(&d, text.data, &request);
    encoder_fit(&e, &d.table, d.order, 102);
    assert_int_equal(e.n_dense, 0);
    assert_int_equal(e.n_slots, 1);
    assert_int_equal(e.n_bag_rows, 51);
    encoder_encode(&e, &d.table, d.order, 51, &b);
    for (size_t r = 0; r < 51; r++) {
        assert_int_equal(b.start[r], r);
        assert_int_equal(b.index[r], r);
        assert_true(b.value[r] == 10);
    }
    encoder_release(&e);
    batch_release(&b);
    unload(&d);
    schema_request_release(&request);
    buf_release(&text);
}

/* Other rows may hold anything: the fitted rows are encoded the same. */
static void encoder__learns_from_training_rows_only(void **state)
{
    static const char *const rest[] = {
        "9.5,c,deep sea,test,x\n7.5,c,old war,test,y\n",
        "-1e6,zz,other words,test,x\n,b,sea sea sea,test,z\n"};
    struct buf text = {0};
    struct encoder e[2];
    struct batch b[2] = {{0}, {0}};
    struct data d[2];
    size_t rows[4] = {0, 1, 2, 3};

    (void)state;
    for (int i = 0; i < 2; i++) {
        buf_clear(&text);
        buf_printf(&text,
                   "n,k,t,split,label\n1.5,a,the sea,train,x\n2.5,b,a sea of "
                   "war,train,y\n4.5,a,war the,train,x\n3.5,c,a the,train,y\n"
                   "%s",
                   rest[i]);
        load(&d[i], text.data, NULL);
        encoder_fit(&e[i], &d[i].table, rows, 4);
        encoder_encode(&e[i], &d[i].table, rows, 4, &b[i]);
    }
    assert_true(e[0].n_dense > 2 && e[0].n_bag_rows > 3);
    assert_int_equal(e[0].n_dense, e[1].n_dense);
    assert_int_equal(e[0].n_bag_rows, e[1].n_bag_rows);
    assert_memory_equal(b[0].dense, b[1].dense,
                        16 * e[0].n_dense * sizeof(float));
    assert_int_equal(b[0].entries, b[1].entries);
    assert_memory_equal(b[0].value, b[1].value, b[0].entries * sizeof(float));
    assert_memory_equal(b[0].index, b[1].index,
                        b[0].entries * sizeof(uint32_t));
    for (int i = 0; i < 2; i++) {
        encoder_release(&e[i]);
        batch_release(&b[i]);
        unload(&d[i]);
    }
    buf_release(&text);
}

/* ---- table ---- */

static void table__labels_parts_weights(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS, .weight = "w"};
    struct data d;

    (void)state;
    load(&d, "x,split,w,label\n1,train,2,b\n2,test,.5,\n3,train,0,a\n1,,1,b\n",
         &request);
    assert_true(d.table.labelled[0] && !d.table.labelled[1]);
    assert_int_equal(d.table.label[1], LABEL_NONE);
    assert_int_equal(d.table.label[2], 1);
    assert_int_equal(d.table.part[2], d.table.part[0]);
    assert_string_equal(d.table.parts.text[d.table.part[3]], "");
    assert_true(d.table.weight[0] == 2 && d.table.weight[1] == .5f);
    assert_true(d.table.fingerprint[0] == d.table.fingerprint[3]);
    assert_true(d.table.fingerprint[0] != d.table.fingerprint[2]);
    assert_int_equal(d.table.n_numbers, 1);
    unload(&d);
}

static void table__bad_number(void **state)
{
    struct csv_reader *reader;
    struct err err = {0};
    struct data d;

    (void)state;
    load(&d, "x,y,label\n1,1,a\n2,5,b\n", NULL);
    for (int as_missing = 0; as_missing < 2; as_missing++) {
        struct table t;
        reader = scratch_reader("y,label,x\n1,a,1\n2,b,foo\n", false);
        assert_int_equal(table_init(&t, &d.schema, reader, &err), 0);
        t.bad_as_missing = as_missing;
        t.frozen = true; /* as for predictions, which can have --bad */
        assert_int_equal(table_read(&t, reader, &err), as_missing ? 0 : -1);
        assert_int_equal(t.bad[0], as_missing);
        assert_true(!as_missing || isnan(t.numbers[2]));
        table_release(&t);
        csv_reader_close(reader);
    }
    assert_string_equal(err.message, "not a number: 'foo' (--bad missing takes "
                                     "it for a missing one)");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.field, 3);
    unload(&d);
}

/* ---- parts ---- */

static void assert_parts(const char *text, const char *message)
{
    struct parts parts;
    struct err err = {0};

    assert_int_equal(parts_parse(&parts, text, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, message));
    parts_release(&parts);
}

static void parts__parsed(void **state)
{
    struct parts parts;
    struct err err = {0};

    (void)state;
    assert_int_equal(parts_parse(&parts, "train=.8,val=.1,test=.1", &err), 0);
    assert_int_equal(parts.n, 3);
    assert_string_equal(parts.names[2], "test");
    assert_true(parts.shares[0] == .8);
    parts_release(&parts);
    assert_parts("train=.8,val=.1", "add up to 0.9, not 1");
    assert_parts("a=.5,a=.5", "'a' occurs twice");
    assert_parts("a=80,b=20", "a share above 0");
    assert_parts("a,b", "is not NAME=SHARE");
    assert_parts("a=0,b=1", "a share above 0");
}

/* Shares .8 .1 .1 of 25 and 75 rows: exact overall and in each stratum. */
static void partition__exact(void **state)
{
    static const size_t n[] = {25, 75};
    static const double shares[] = {.8, .1, .1};
    size_t count[2][3] = {{0}}, first[100], same = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct partition p;
        memset(count, 0, sizeof(count));
        partition_init(&p, n, 2, shares, 3, seed, RNG_PARTITION);
        for (size_t i = 0; i < 100; i++) {
            size_t part = partition_next(&p, i % 4 ? 1 : 0);
            assert_true(part < 3);
            count[i % 4 ? 1 : 0][part]++;
            same += seed == 2 && first[i] == part;
            first[i] = part;
        }
        assert_int_equal(count[0][0], 20);
        assert_int_equal(count[1][0], 60);
        assert_int_equal(count[0][1] + count[1][1], 10);
        assert_true(count[0][1] == 2 || count[0][1] == 3);
        assert_int_equal(partition_next(&p, 0), PARTITION_NONE);
        assert_int_equal(partition_next(&p, 2), PARTITION_NONE);
        partition_release(&p);
    }
    assert_true(same < 90);
}

/* Each row is as likely to be drawn as any other. */
static void partition__uniform(void **state)
{
    static const size_t n[] = {10};
    static const double shares[] = {.7, .3};
    double drawn[10] = {0};

    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct partition p;
        partition_init(&p, n, 1, shares, 2, seed, RNG_PARTITION);
        for (size_t i = 0; i < 10; i++)
            drawn[i] += (double)partition_next(&p, 0);
        partition_release(&p);
    }
    for (size_t i = 0; i < 10; i++)
        assert_between(drawn[i], 1200 - 116, 1200 + 116); /* 4 deviations */
}

/* By hash: the same whatever else there is; the shares about right. */
static void partition_by_hash__stable(void **state)
{
    struct parts parts;
    struct err err = {0};
    size_t count[3] = {0}, moved = 0;
    char key[32];

    (void)state;
    assert_int_equal(parts_parse(&parts, "train=.8,val=.1,test=.1", &err), 0);
    for (size_t i = 0; i < 10000; i++) {
        size_t len = (size_t)snprintf(key, sizeof(key), "row %zu", i), part;
        part = partition_by_hash(&parts, key, len, "", 1);
        assert_int_equal(partition_by_hash(&parts, key, len, "", 1), part);
        moved += partition_by_hash(&parts, key, len, "", 2) != part;
        count[part]++;
    }
    assert_between((double)count[0], 7840, 8160);
    assert_between((double)count[1], 880, 1120);
    assert_between((double)moved, 3100, 3700);
    for (size_t i = 0; i < 16; i++) {
        char name[40];
        size_t len = (size_t)snprintf(key, sizeof(key), "row %zu", i);
        snprintf(name, sizeof(name), "hash.part.%zu", i);
        assert_int_equal(partition_by_hash(&parts, key, len, "", 1),
                         whole_of(name));
    }
    parts_release(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema__numbers),
        cmocka_unit_test(schema__almost_numbers),
        cmocka_unit_test(schema__categories_and_texts),
        cmocka_unit_test(schema__identifiers),
        cmocka_unit_test(schema__asked_for_by_name),
        cmocka_unit_test(schema__forced_types),
        cmocka_unit_test(schema__missing_words),
        cmocka_unit_test(schema__types_from_fitting_rows),
        cmocka_unit_test(ngram_sizes__parsed),
        cmocka_unit_test(ngrams__by_hand),
        cmocka_unit_test(encoder__as_scikit_learn),
        cmocka_unit_test(encoder__one_hot),
        cmocka_unit_test(encoder__missing_numbers),
        cmocka_unit_test(encoder__many_levels_are_embedded),
        cmocka_unit_test(encoder__learns_from_training_rows_only),
        cmocka_unit_test(table__labels_parts_weights),
        cmocka_unit_test(table__bad_number),
        cmocka_unit_test(parts__parsed),
        cmocka_unit_test(partition__exact),
        cmocka_unit_test(partition__uniform),
        cmocka_unit_test(partition_by_hash__stable),
    };

    return cmocka_run_group_tests_name("table", tests, NULL, scratch_remove);
}
