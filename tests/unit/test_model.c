#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/mem.h"
#include "base/parallel.h"
#include "model/fit_result.h"
#include "model/safetensors.h"
#include "nn/feed.h"

/* ---- a small model ---- */

/* Numbers with gaps, a category with a rare level, a text, three classes. */
static struct buf make_text(bool text_only)
{
    static const char *const kind[] = {"book", "map", "", "score"};
    static const char *const label[] = {"on paper, print", "b\"q", "\xc3\xa9"};
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 12, 1);
    buf_add_text(&text, text_only ? "title,label\n" : "n,kind,title,label\n");
    for (size_t i = 0; i < 60; i++) {
        if (!text_only && i % 9 == 0)
            buf_printf(&text, ",%s,", i == 9 ? "once" : kind[i % 4]);
        else if (!text_only)
            buf_printf(&text, "%.4f,%s,", rng_normal(&rng), kind[i % 4]);
        buf_printf(&text,
                   "word%zu of the s\xc3\xa9"
                   "a %zu,",
                   i % 3 + rng_below(&rng, 2), i);
        csv_quote(&text, label[i % 3], strlen(label[i % 3]));
        buf_add_char(&text, '\n');
    }
    return text;
}

struct fixture {
    struct fit_result result;
    struct table table;
    struct fit_plan plan;
};

static void fit(struct fixture *f, enum net_kind kind, bool text_only)
{
    struct fit_options options = {.seed = 5};
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct buf text = make_text(text_only), notes = {0};
    struct csv_reader *reader = scratch_reader(text.data, true);
    struct schema schema;
    struct err err = {0};

    hyper_init(&options.hyper, kind);
    options.hyper.embedding = 4;
    options.hyper.hidden = (struct widths){1, {6}};
    options.hyper.epochs = 3;
    list_add(&request.missing, "n/a");
    memset(f, 0, sizeof(*f));
    if (schema_infer(&schema, reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(reader, &err) != 0 ||
        table_init(&f->table, &schema, reader, &err) != 0 ||
        table_read(&f->table, reader, &err) != 0 ||
        plan_rows(&f->plan, &f->table, &options, &err) != 0 ||
        fit_run(&f->result, &schema, &f->table, &f->plan, &options, false, NULL,
                &err) != 0)
        fail_msg("%s", err.message);
    csv_reader_close(reader);
    schema_request_release(&request);
    buf_release(&text);
    buf_release(&notes);
}

static void release(struct fixture *f)
{
    plan_release(&f->plan);
    table_release(&f->table);
    fit_result_release(&f->result);
}

/* Probabilities of raw rows, as a stranger with the file alone gets them. */
static float *probabilities(struct model *m, const char *text, size_t *n)
{
    struct csv_reader *reader = scratch_reader(text, false);
    struct table table;
    struct feed feed;
    struct err err = {0};
    size_t *rows;
    float *prob;

    if (model_table(m, &table, reader, &err) != 0 ||
        table_read(&table, reader, &err) != 0)
        fail_msg("%s", err.message);
    rows = mem_alloc(table.n, sizeof(*rows));
    for (size_t i = 0; i < table.n; i++)
        rows[i] = i;
    prob = mem_alloc(table.n * m->classes.n, sizeof(*prob));
    feed_init(&feed, m->net, &m->encoder, &table);
    feed_predict(&feed, rows, table.n, prob);
    *n = table.n * m->classes.n;
    free(rows);
    feed_release(&feed);
    table_release(&table);
    csv_reader_close(reader);
    return prob;
}

/* ---- round trips ---- */

/* Those that the network has; a file does not keep the others. */
static void assert_same_hyper(const struct hyper *a, const struct hyper *b)
{
    assert_int_equal(a->net, b->net);
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct buf x = {0}, y = {0};
        if (!hyper_applies(e, a->net))
            continue;
        hyper_format(a, e, &x);
        hyper_format(b, e, &y);
        assert_string_equal(x.data, y.data);
        buf_release(&x);
        buf_release(&y);
    }
}

static void assert_same_model(const struct model *a, const struct model *b)
{
    assert_int_equal(a->classes.n, b->classes.n);
    for (size_t i = 0; i < a->classes.n; i++)
        assert_string_equal(a->classes.items[i], b->classes.items[i]);
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_int_equal(a->seed, b->seed);
    assert_same_hyper(&a->net->spec.hyper, &b->net->spec.hyper);
    assert_int_equal(a->n_fingerprints, b->n_fingerprints);
    assert_memory_equal(a->fingerprints, b->fingerprints,
                        a->n_fingerprints * sizeof(uint64_t));
    assert_int_equal(rows_n(&b->curve), rows_n(&a->curve));
    for (size_t i = 0; i < a->curve.n_cells; i++)
        assert_string_equal(a->curve.cells[i], b->curve.cells[i]);
    assert_int_equal(b->schema.missing.n, 1);
    assert_memory_equal(&a->schema.ngrams, &b->schema.ngrams,
                        sizeof(a->schema.ngrams));
}

static void assert_round_trip(enum net_kind kind, bool text_only)
{
    struct buf text = make_text(text_only);
    struct fixture f;
    struct model loaded;
    struct err err = {0};
    float *before, *after;
    size_t n, m;
    char *path = scratch_path("m.model");

    fit(&f, kind, text_only);
    buf_add_text(&text, text_only ? "never seen,x\n" : "n/a,new,,\n");
    if (model_save(&f.result.model, path, &err) != 0 ||
        model_load(&loaded, path, &err) != 0)
        fail_msg("%s: %s", net_kind_name(kind), err.message);
    assert_same_model(&f.result.model, &loaded);
    before = probabilities(&f.result.model, text.data, &n);
    after = probabilities(&loaded, text.data, &m);
    assert_int_equal(n, 61 * 3);
    assert_int_equal(m, n);
    assert_memory_equal(before, after, n * sizeof(*before));
    free(before);
    free(after);
    model_release(&loaded);
    release(&f);
    buf_release(&text);
}

static void model__round_trip_mlp(void **state)
{
    (void)state;
    assert_round_trip(NET_MLP, false);
}

static void model__round_trip_mlp_of_text(void **state)
{
    (void)state;
    assert_round_trip(NET_MLP, true);
}

static void model__round_trip_linear(void **state)
{
    (void)state;
    assert_round_trip(NET_LINEAR, false);
}

/* No dense input: a weight of no rows. */
static void model__round_trip_linear_of_text(void **state)
{
    (void)state;
    assert_round_trip(NET_LINEAR, true);
}

static void model__round_trip_majority(void **state)
{
    (void)state;
    assert_round_trip(NET_MAJORITY, false);
}

static void model_save__same_bytes(void **state)
{
    struct fixture f, again;
    struct model loaded;
    struct err err = {0};
    struct buf a, b, c;

    (void)state;
    fit(&f, NET_MLP, false);
    fit(&again, NET_MLP, false);
    assert_int_equal(model_save(&f.result.model, scratch_path("a.model"), &err),
                     0);
    assert_int_equal(
        model_save(&again.result.model, scratch_path("b.model"), &err), 0);
    assert_int_equal(model_load(&loaded, scratch_path("a.model"), &err), 0);
    assert_int_equal(model_save(&loaded, scratch_path("c.model"), &err), 0);
    a = scratch_read(scratch_path("a.model"));
    b = scratch_read(scratch_path("b.model"));
    c = scratch_read(scratch_path("c.model"));
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    assert_int_equal(a.len, c.len);
    assert_memory_equal(a.data, c.data, a.len);
    buf_release(&a);
    buf_release(&b);
    buf_release(&c);
    model_release(&loaded);
    release(&f);
    release(&again);
}

static void model_has_row__of_training(void **state)
{
    struct fixture f;
    struct model loaded;
    struct err err = {0};

    (void)state;
    fit(&f, NET_LINEAR, false);
    assert_int_equal(model_save(&f.result.model, scratch_path("m.model"), &err),
                     0);
    assert_int_equal(model_load(&loaded, scratch_path("m.model"), &err), 0);
    assert_int_equal(loaded.n_fingerprints, f.plan.n_fit);
    for (size_t i = 0; i < f.plan.n_fit; i++)
        assert_true(model_has_row(&loaded, f.table.fingerprint[f.plan.fit[i]]));
    for (size_t i = 0; i < f.plan.n_stop; i++)
        assert_false(
            model_has_row(&loaded, f.table.fingerprint[f.plan.stop[i]]));
    assert_false(model_has_row(&loaded, 0));
    model_release(&loaded);
    release(&f);
}

/* A number that a float does not hold still gives probabilities. */
static void model__number_beyond_float(void **state)
{
    struct csv_reader *reader;
    struct table table;
    struct fixture f;
    struct err err = {0};
    float *prob;
    size_t n;

    (void)state;
    fit(&f, NET_MLP, false);
    reader = scratch_reader("n,kind,title,label\n1e300,map,x,\n", false);
    assert_int_equal(model_table(&f.result.model, &table, reader, &err), 0);
    assert_int_equal(table_read(&table, reader, &err), -1);
    assert_string_equal(err.column, "n");
    table_release(&table);
    csv_reader_close(reader);
    prob = probabilities(&f.result.model,
                         "n,kind,title,label\n1e30,map,x,\n-1e30,map,x,\n", &n);
    for (size_t i = 0; i < n; i++)
        if (!(prob[i] >= 0 && prob[i] <= 1))
            fail_msg("probability %g", (double)prob[i]);
    free(prob);
    release(&f);
}

/* ---- damaged files: an error, in a process of its own ---- */

/* A flipped bit may have named another column. */
static bool reads(struct model *m, const char *text)
{
    struct csv_reader *reader = scratch_reader(text, false);
    struct err err = {0};
    struct table table;

    if (model_table(m, &table, reader, &err) != 0)
        return false;
    table_release(&table);
    csv_reader_close(reader);
    return true;
}

/*
 * 0: an error with a message; 10: it loads and predicts, or wants other
 * columns; else a crash.
 */
static int try_load(const char *path)
{
    struct buf text = make_text(false);
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct model m;
        struct err err = {0};
        size_t n;
        parallel_set_threads(1); /* a child has none of its parent's */
        if (model_load(&m, path, &err) != 0)
            _exit(err.kind == ERR_DATA && *err.message &&
                          strcmp(err.file, path) == 0
                      ? 0
                      : 3);
        if (!reads(&m, text.data))
            _exit(10);
        free(probabilities(&m, text.data, &n));
        model_release(&m);
        _exit(10);
    }
    waitpid(child, &status, 0);
    buf_release(&text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static void assert_refused(const struct buf *bytes, const char *what)
{
    char *path = scratch_bytes("damaged.model", bytes->data, bytes->len);
    int got = try_load(path);

    if (got != 0)
        fail_msg("%s: %s", what,
                 got == 10  ? "accepted"
                 : got == 3 ? "no proper error"
                            : "the process ends");
}

static struct buf good_file(void)
{
    struct fixture f;
    struct err err = {0};
    char *path = scratch_path("good.model");

    fit(&f, NET_MLP, false);
    if (model_save(&f.result.model, path, &err) != 0)
        fail_msg("%s", err.message);
    release(&f);
    return scratch_read(path);
}

static void model_load__truncated(void **state)
{
    struct buf bytes = good_file();
    size_t whole = bytes.len;
    char what[40];

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        bytes.len = whole * i / 50;
        snprintf(what, sizeof(what), "%zu of %zu bytes", bytes.len, whole);
        assert_refused(&bytes, what);
    }
    bytes.len = whole - 1;
    assert_refused(&bytes, "the last byte");
    buf_release(&bytes);
}

/* Any flipped byte: an error, or a model that predicts something. */
static void model_load__flipped_header_bytes(void **state)
{
    struct buf bytes = good_file();
    uint64_t header;
    size_t step;

    (void)state;
    memcpy(&header, bytes.data, sizeof(header));
    step = (header + 8) / 120 + 1;
    for (size_t at = 0; at < header + 8; at += at < 16 ? 1 : step) {
        char kept = bytes.data[at], *path;
        int got;
        bytes.data[at] = (char)(kept ^ (at % 3 ? 0x01 : 0x55));
        path = scratch_bytes("damaged.model", bytes.data, bytes.len);
        got = try_load(path);
        if (got != 0 && got != 10)
            fail_msg("byte %zu flipped: status %d", at, got);
        if (at < 8)
            assert_int_equal(got, 0);
        bytes.data[at] = kept;
    }
    buf_release(&bytes);
}

/* The file with `from` replaced by `to` in its header, the length mended. */
static struct buf edited(const struct buf *good, const char *from,
                         const char *to)
{
    struct buf out = {0};
    uint64_t header;
    char *at;

    memcpy(&header, good->data, sizeof(header));
    at = memmem(good->data + 8, header, from, strlen(from));
    if (!at)
        fail_msg("no '%s' in the header", from);
    header = header + strlen(to) - strlen(from);
    buf_add(&out, &header, sizeof(header));
    buf_add(&out, good->data + 8, (size_t)(at - good->data - 8));
    buf_add_text(&out, to);
    at += strlen(from);
    buf_add(&out, at, (size_t)(good->data + good->len - at));
    return out;
}

static void assert_edit_refused(const struct buf *good, const char *from,
                                const char *to)
{
    struct buf bytes = edited(good, from, to);

    assert_refused(&bytes, to);
    buf_release(&bytes);
}

static void model_load__header_that_lies(void **state)
{
    struct buf good = good_file();

    (void)state;
    assert_edit_refused(&good, "\\\"format\\\":2", "\\\"format\\\":3");
    assert_edit_refused(&good, "\\\"format\\\":2", "\\\"format\\\":\\\"2\\\"");
    assert_edit_refused(&good, "\"F32\"", "\"I32\"");
    assert_edit_refused(&good, "\"data_offsets\":[", "\"data_offsets\":[9");
    assert_edit_refused(&good, "\"data_offsets\":[0,", "\"data_offsets\":[-4,");
    assert_edit_refused(&good, "\"shape\":[", "\"shape\":[1,2,");
    assert_edit_refused(&good, "\"shape\":[", "\"shape\":[9");
    assert_edit_refused(&good, "\"assay\"", "\"other\"");
    assert_edit_refused(&good, "\"output.bias\"", "\"output.bios\"");
    assert_edit_refused(&good, "\\\"net\\\":\\\"mlp\\\"",
                        "\\\"net\\\":\\\"mlq\\\"");
    assert_edit_refused(&good, "\\\"counts\\\":[", "\\\"counts\\\":[7,");
    assert_edit_refused(&good, "\\\"hidden\\\":\\\"6\\\"",
                        "\\\"hidden\\\":\\\"0\\\"");
    assert_edit_refused(&good, "\\\"hidden\\\":\\\"6\\\"",
                        "\\\"hidden\\\":\\\"7\\\"");
    buf_release(&good);
}

/* Widths that no tensor has must not be allocated first. */
static void model_load__huge_widths(void **state)
{
    struct buf good = good_file();

    (void)state;
    assert_edit_refused(&good, "\\\"hidden\\\":\\\"6\\\"",
                        "\\\"hidden\\\":\\\"999999999999999999\\\"");
    assert_edit_refused(&good, "\\\"hidden\\\":\\\"6\\\"",
                        "\\\"hidden\\\":\\\"2147483648,2147483648\\\"");
    assert_edit_refused(&good, "\\\"embedding\\\":4",
                        "\\\"embedding\\\":999999999999999999");
    buf_release(&good);
}

/* A weight that lies on its side has as many values, but others. */
static void model_load__shape_turned(void **state)
{
    struct buf good = good_file();

    (void)state;
    assert_edit_refused(&good, "\"shape\":[3,6]", "\"shape\":[6,3]");
    buf_release(&good);
}

static void model_load__other_files(void **state)
{
    struct model m;
    struct err err = {0};
    static const char *const texts[] = {"", "a,b\n1,2\n", "\2\0\0\0\0\0\0\0{}",
                                        "\377\377\377\377\377\377\377"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t len = i == 2 ? 10 : strlen(texts[i]);
        struct buf bytes = {0};
        buf_add(&bytes, texts[i], len);
        assert_refused(&bytes, "no model");
        buf_release(&bytes);
    }
    assert_int_equal(model_load(&m, scratch_path("none.model"), &err), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.message,
                        "cannot open the model: No such file or directory");
}

/* ---- tensors ---- */

static void tensors__round_trip(void **state)
{
    struct tensors t = {0}, back;
    struct err err = {0};
    float *f = mem_alloc(6, sizeof(*f));
    int32_t *i = mem_alloc(2, sizeof(*i));
    unsigned char *u = mem_alloc(3, 1);
    struct output *out;
    struct buf bytes;
    uint64_t header;

    (void)state;
    for (int k = 0; k < 6; k++)
        f[k] = (float)k / 3;
    i[0] = -5;
    i[1] = INT32_MAX;
    memcpy(u, "xyz", 3);
    tensors_add_vector(&t, "u", TENSOR_U8, 3, u);
    tensors_add(&t, "f", TENSOR_F32, 2, (size_t[]){2, 3}, f);
    tensors_add_vector(&t, "i", TENSOR_I32, 2, i);
    t.metadata = mem_strdup("{\"a\":\"\xc3\xa9\"}");
    out = output_open(scratch_path("t"), &err);
    assert_non_null(out);
    assert_int_equal(tensors_write(&t, out, &err), 0);
    assert_int_equal(output_commit(out, &err), 0);
    assert_int_equal(tensors_load(&back, scratch_path("t"), &err), 0);
    assert_string_equal(back.metadata, t.metadata);
    assert_int_equal(back.n, 3);
    assert_memory_equal(tensors_find(&back, "f", TENSOR_F32)->data, f, 24);
    assert_int_equal(tensors_find(&back, "f", TENSOR_F32)->shape[1], 3);
    assert_memory_equal(tensors_find(&back, "i", TENSOR_I32)->data, i, 8);
    assert_memory_equal(tensors_find(&back, "u", TENSOR_U8)->data, u, 3);
    assert_null(tensors_find(&back, "f", TENSOR_I32));
    bytes = scratch_read(scratch_path("t"));
    memcpy(&header, bytes.data, 8);
    assert_int_equal(header % 8, 0);
    assert_int_equal(bytes.len, 8 + header + 3 + 24 + 8);
    buf_release(&bytes);
    tensors_release(&t);
    tensors_release(&back);
}

/* 65536^4 values are none at all in 64 bits. */
static void tensors_load__more_values_than_bytes(void **state)
{
    static const char header[] =
        "{\"f\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],"
        "\"data_offsets\":[0,0]},\"u\":{\"dtype\":\"U8\",\"shape\":[65536],"
        "\"data_offsets\":[0,65536]}}";
    uint64_t len = sizeof(header) - 1;
    struct tensors t = {0};
    struct err err = {0};
    size_t size = 8 + len + 65536;
    char *bytes = mem_zalloc(size, 1);

    (void)state;
    memcpy(bytes, &len, 8);
    memcpy(bytes + 8, header, len);
    assert_int_equal(
        tensors_load(&t, scratch_bytes("large.model", bytes, size), &err), -1);
    assert_non_null(strstr(err.message, "its header and its data disagree"));
    free(bytes);
    tensors_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model__round_trip_mlp),
        cmocka_unit_test(model__round_trip_mlp_of_text),
        cmocka_unit_test(model__round_trip_linear),
        cmocka_unit_test(model__round_trip_linear_of_text),
        cmocka_unit_test(model__round_trip_majority),
        cmocka_unit_test(model_save__same_bytes),
        cmocka_unit_test(model_has_row__of_training),
        cmocka_unit_test(model__number_beyond_float),
        cmocka_unit_test(model_load__truncated),
        cmocka_unit_test(model_load__flipped_header_bytes),
        cmocka_unit_test(model_load__header_that_lies),
        cmocka_unit_test(model_load__huge_widths),
        cmocka_unit_test(model_load__shape_turned),
        cmocka_unit_test(model_load__other_files),
        cmocka_unit_test(tensors__round_trip),
        cmocka_unit_test(tensors_load__more_values_than_bytes),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, scratch_remove);
}
