#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"

/* ---- one run ---- */

/* The n-th finding of fails, then warns; NULL: there are fewer. */
static const struct finding *worst(const struct findings *f, size_t n)
{
    for (int status = FINDING_FAIL; status <= FINDING_WARN; status++)
        for (size_t i = 0; i < f->n; i++)
            if ((int)f->at[i].status == status && n-- == 0)
                return &f->at[i];
    return NULL;
}

static bool is_cause(const char *causes, const char *check)
{
    size_t len = strlen(check);

    for (const char *c = causes; (c = strstr(c, check)); c += len)
        if ((c == causes || c[-1] == ' ') && (!c[len] || c[len] == ' '))
            return true;
    return false;
}

static bool is_known(const struct findings *clean, const struct finding *f)
{
    for (size_t i = 0; clean && i < clean->n; i++)
        if (clean->at[i].status <= f->status &&
            strcmp(clean->at[i].check, f->check) == 0 &&
            strcmp(clean->at[i].subject, f->subject) == 0)
            return true;
    return false;
}

static void add_alarm(struct verdict *v, const struct finding *f)
{
    char name[CHECK_NAME + 2];

    snprintf(name, sizeof(name), "%.*s%s", CHECK_NAME, f->check,
             f->status == FINDING_FAIL ? "!" : "");
    for (size_t i = 0; i < ALARMS; i++) {
        if (!*v->alarm[i])
            snprintf(v->alarm[i], sizeof(v->alarm[i]), "%s", name);
        if (strcmp(v->alarm[i], name) == 0)
            return;
    }
}

void judge(struct verdict *v, const struct findings *found,
           const struct findings *clean, const char *causes)
{
    const struct finding *f;

    v->ran = true;
    for (size_t i = 0; (f = worst(found, i)); i++) {
        bool news = !is_known(clean, f),
             cause = news && is_cause(causes, f->check);
        if (i == 0) {
            snprintf(v->first, sizeof(v->first), "%s", f->check);
            v->right = cause;
        }
        v->named = v->named || cause;
        v->noticed = v->noticed || news;
        v->fails += f->status == FINDING_FAIL;
        v->warns += f->status == FINDING_WARN;
        add_alarm(v, f);
    }
}

/* ---- many ---- */

struct tally {
    size_t runs, noticed, named, right, broken, fail, warn;
};

static void count(struct tally *t, const struct verdict *v)
{
    t->runs += v->ran;
    t->noticed += v->noticed;
    t->named += v->named;
    t->right += v->right;
    t->broken += v->broken;
    t->fail += v->fails > 0;
    t->warn += v->fails + v->warns > 0;
}

/* Names and how often each came, the most frequent first. */
struct names {
    struct dict dict;
    size_t *n, capacity;
};

static void names_add(struct names *names, const char *name)
{
    size_t before = names->dict.count;
    size_t i = dict_add(&names->dict, name, strlen(name));

    names->n = mem_grow(names->n, &names->capacity, i + 1, sizeof(*names->n));
    if (i == before)
        names->n[i] = 0;
    names->n[i]++;
}

static void names_print(struct names *names, FILE *out)
{
    for (size_t k = 0; k < names->dict.count; k++) {
        size_t best = 0;
        for (size_t i = 1; i < names->dict.count; i++)
            if (names->n[i] > names->n[best])
                best = i;
        fprintf(out, "%s%s %zu", k ? ", " : "", names->dict.text[best],
                names->n[best]);
        names->n[best] = 0;
    }
    fputc('\n', out);
    dict_release(&names->dict);
    free(names->n);
    memset(names, 0, sizeof(*names));
}

static void print_share(FILE *out, size_t k, size_t n)
{
    if (n)
        fprintf(out, "%7.2f", (double)k / (double)n);
    else
        fprintf(out, "%7s", "-");
}

static void print_tally(FILE *out, const struct tally *t)
{
    fprintf(out, "%6zu", t->runs);
    print_share(out, t->noticed, t->runs);
    print_share(out, t->named, t->runs);
    print_share(out, t->right, t->runs);
}

static void print_head(FILE *out, const char *title)
{
    fprintf(out,
            "\n%-17s%20s%27s\n%-17s%6s%7s%7s%7s%6s%7s%7s%7s  first named\n",
            title, "half A", "half B", "fault", "runs", "recall", "named",
            "first", "runs", "recall", "named", "first");
}

/* ---- faults ---- */

static void print_fault(FILE *out, const struct job *jobs, size_t n,
                        const struct fault *fault, size_t f,
                        struct tally total[2])
{
    struct tally half[2] = {0};
    struct names names = {0};

    for (size_t j = 0; j < n; j++) {
        const struct verdict *v = &jobs[j].verdict[1 + f];
        size_t b = jobs[j].set->half == 'B';
        count(&half[b], v);
        count(&total[b], v);
        if (v->ran)
            names_add(&names, *v->first ? v->first : "(none)");
        if (v->broken)
            names_add(&names, "(error)");
    }
    fprintf(out, "%-17s", fault->name);
    print_tally(out, &half[0]);
    print_tally(out, &half[1]);
    fprintf(out, "  ");
    names_print(&names, out);
}

static void print_kind(FILE *out, const struct job *jobs, size_t n,
                       const struct fault *const *faults, size_t n_faults,
                       enum fault_kind kind, struct tally total[2])
{
    static const char *const titles[] = {"DATA", "TRAINING", "HELD OUT"};
    size_t shown = 0;

    for (size_t f = 0; f < n_faults; f++) {
        if (faults[f]->kind != kind)
            continue;
        if (!shown++)
            print_head(out, titles[kind]);
        print_fault(out, jobs, n, faults[f], f, total);
    }
    if (!shown)
        return;
    fprintf(out, "%-17s", "all");
    print_tally(out, &total[0]);
    print_tally(out, &total[1]);
    fputc('\n', out);
}

/* ---- clean runs ---- */

static void print_alarms(FILE *out, const struct job *jobs, size_t n)
{
    struct names names = {0};

    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < ALARMS && *jobs[j].verdict[0].alarm[i]; i++)
            names_add(&names, jobs[j].verdict[0].alarm[i]);
    fprintf(out, "alarms (! fail)  ");
    names_print(&names, out);
}

static void print_clean(FILE *out, const struct job *jobs, size_t n,
                        struct tally total[2])
{
    fprintf(out, "\n%-17s%6s%9s%9s\n", "CLEAN", "runs", "any fail", "any warn");
    for (size_t j = 0; j < n; j++)
        count(&total[jobs[j].set->half == 'B'], &jobs[j].verdict[0]);
    for (size_t b = 0; b < 2; b++)
        if (total[b].runs)
            fprintf(out, "half %-12c%6zu%9.3f%9.3f\n", "AB"[b], total[b].runs,
                    (double)total[b].fail / (double)total[b].runs,
                    (double)total[b].warn / (double)total[b].runs);
    print_alarms(out, jobs, n);
}

/* ---- what must hold ---- */

/* P(X <= k) of n draws with probability p. */
static double binomial_at_most(size_t k, size_t n, double p)
{
    double sum = 0;

    for (size_t i = 0; i <= k && i <= n; i++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) -
                   lgamma((double)(n - i) + 1) + (double)i * log(p) +
                   (double)(n - i) * log1p(-p));
    return fmin(sum, 1);
}

/* k of n should be at least (or, with `most`, at most) this share. */
static bool holds(FILE *out, const char *what, size_t k, size_t n, double share,
                  bool most)
{
    double rate = n ? (double)k / (double)n : 0;
    double p = most ? 1 - (k ? binomial_at_most(k - 1, n, share) : 0)
                    : binomial_at_most(k, n, share);
    bool met = most ? rate <= share : rate >= share;

    if (!n)
        return true;
    fprintf(out, "%-34s%6.3f   %s %.2f   %s\n", what, rate,
            most ? "at most" : "at least", share,
            met        ? "holds"
            : p < .001 ? "MISSED"
                       : "missed, by no more than chance");
    return met || p >= .001;
}

static bool print_must_hold(FILE *out, const char *title,
                            const struct tally *faults,
                            const struct tally *clean)
{
    bool all = true;

    fprintf(out, "\n%s\n", title);
    all &= holds(out, "recall over all faults", faults->noticed, faults->runs,
                 .90, false);
    all &= holds(out, "first cause right", faults->right, faults->runs, .80,
                 false);
    all &= holds(out, "clean runs with any fail", clean->fail, clean->runs, .03,
                 true);
    all &= holds(out, "clean runs with any warn or fail", clean->warn,
                 clean->runs, .15, true);
    return all;
}

/* Runs that ended in an error are printed and held against us. */
static bool print_broken(FILE *out, const struct job *jobs, size_t n,
                         const struct fault *const *faults, size_t n_faults)
{
    size_t broken = 0;

    for (size_t j = 0; j < n; j++)
        for (size_t f = 0; f <= n_faults; f++)
            if (jobs[j].verdict[f].broken && ++broken <= 10)
                fprintf(out, "error: %s %llu %s: %s\n", jobs[j].set->name,
                        (unsigned long long)jobs[j].seed,
                        f ? faults[f - 1]->name : "clean",
                        jobs[j].verdict[f].message);
    if (broken)
        fprintf(out, "%zu runs ended in an error\n", broken);
    return !broken;
}

bool judge_report(const struct job *jobs, size_t n,
                  const struct fault *const *faults, size_t n_faults, FILE *out)
{
    struct tally total[FAULT_HELD_OUT + 1][2] = {0}, clean[2] = {0}, half[2];
    bool fine;

    for (int kind = FAULT_DATA; kind <= FAULT_HELD_OUT; kind++)
        print_kind(out, jobs, n, faults, n_faults, (enum fault_kind)kind,
                   total[kind]);
    print_clean(out, jobs, n, clean);
    for (int b = 0; b < 2; b++) {
        half[b] = total[FAULT_DATA][b];
        half[b].runs += total[FAULT_TRAINING][b].runs;
        half[b].noticed += total[FAULT_TRAINING][b].noticed;
        half[b].right += total[FAULT_TRAINING][b].right;
    }
    fine = print_broken(out, jobs, n, faults, n_faults);
    if (half[0].runs + clean[0].runs)
        fine &= print_must_hold(out, "MUST HOLD, half A (thresholds)", &half[0],
                                &clean[0]);
    if (half[1].runs + clean[1].runs)
        fine &= print_must_hold(out, "MUST HOLD, half B (reported)", &half[1],
                                &clean[1]);
    return fine;
}
