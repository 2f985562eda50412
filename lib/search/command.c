#include "search/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/shell_word.h"
#include "search/command_output.h"
#include "search/process.h"

extern char **environ;

enum { SHELL_SIGNAL = 128, SIGNALS = 64 };

/* ---- names and values ---- */

/* What the command is told: the parameters, then trial and trial_seed. */
enum { OWN_NAMES = 2 };
static const char *const own_names[OWN_NAMES] = {"trial", "trial_seed"};

static size_t names(const struct command_trial *t)
{
    return t->space->n + OWN_NAMES;
}

static const char *name_of(const struct command_trial *t, size_t i)
{
    return i < t->space->n ? t->space->items[i].name
                           : own_names[i - t->space->n];
}

/* Appends the value as text; false, and nothing, where there is none. */
static bool add_value(const struct command_trial *t, size_t i, struct buf *out)
{
    if (i < t->space->n) {
        if (isnan(t->value[i]))
            return false;
        dimension_format(&t->space->items[i], t->value[i], out);
    } else if (i == t->space->n) {
        buf_printf(out, "%zu", t->number);
    } else {
        buf_printf(out, "%llu", (unsigned long long)t->seed);
    }
    return true;
}

/* ---- the text ---- */

/* The bytes of "{name}" that the text begins with, and which it is; or 0. */
static size_t reference(const struct command_trial *t, const char *text,
                        size_t *which)
{
    for (*which = 0; *which < names(t); ++*which) {
        const char *name = name_of(t, *which);
        size_t len = strlen(name);

        if (strncmp(text + 1, name, len) == 0 && text[len + 1] == '}')
            return len + 2;
    }
    return 0;
}

void command_expand(const char *text, const struct command_trial *t,
                    struct buf *out)
{
    struct buf word = {0};

    while (*text) {
        size_t which, len = *text == '{' ? reference(t, text, &which) : 0;

        if (len) {
            buf_clear(&word);
            shell_word(out, add_value(t, which, &word) ? word.data : "");
        } else {
            buf_add_char(out, *text);
            len = 1;
        }
        text += len;
    }
    buf_release(&word);
}

/* ---- the environment ---- */

static bool is_identifier(const char *name)
{
    static const char all[] = "0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    return *name && strspn(name, all + 10) > 0 && !name[strspn(name, all)];
}

/* Whether "NAME=VALUE" is of a name that the command is told. */
static bool is_told(const struct command_trial *t, const char *entry)
{
    for (size_t i = 0; i < names(t); i++) {
        size_t len = strlen(name_of(t, i));

        if (strncmp(entry, name_of(t, i), len) == 0 && entry[len] == '=')
            return true;
    }
    return false;
}

/* Ends with NULL; text[names] holds what is not ours. */
static char **make_environment(const struct command_trial *t, struct buf *text)
{
    size_t n = 0, inherited = 0;
    char **made;

    while (environ && environ[inherited])
        inherited++;
    made = mem_alloc(inherited + names(t) + 1, sizeof(*made));
    for (size_t i = 0; i < inherited; i++)
        if (!is_told(t, environ[i]))
            made[n++] = environ[i];
    for (size_t i = 0; i < names(t); i++) {
        buf_printf(&text[i], "%s=", name_of(t, i));
        if (is_identifier(name_of(t, i)) && add_value(t, i, &text[i]))
            made[n++] = text[i].data;
    }
    made[n] = NULL;
    return made;
}

/* ---- running ---- */

static void fail(struct outcome *outcome, const char *why, int number)
{
    outcome->state = OUTCOME_FAILED;
    outcome->objective = outcome->val_error = outcome->val_loss = NAN;
    outcome->epochs_run = 0;
    buf_add_text(&outcome->note, why);
    if (number)
        buf_printf(&outcome->note, " %d", number);
}

/* The signal that a program of the shell ended by, as the shell tells; or 0. */
static int told_signal(int status)
{
    return status > SHELL_SIGNAL && status <= SHELL_SIGNAL + SIGNALS
               ? status - SHELL_SIGNAL
               : 0;
}

static void judge(const struct process_end *end, struct command_output *output,
                  struct outcome *outcome)
{
    outcome->state = OUTCOME_DONE;
    if (end->how == PROCESS_STOPPED)
        outcome->state = OUTCOME_CUT;
    else if (end->how == PROCESS_TIMEOUT)
        fail(outcome, "timeout", 0);
    else if (end->how == PROCESS_SIGNAL)
        fail(outcome, "signal", end->number);
    else if (told_signal(end->number))
        fail(outcome, "signal", told_signal(end->number));
    else if (end->number != 0)
        fail(outcome, "exit", end->number);
    else if (!command_output_end(output, outcome))
        fail(outcome, "no number", 0);
}

static void take(void *output, const char *bytes, size_t len)
{
    command_output_add(output, bytes, len);
}

int command_run(const struct command *command, const struct command_trial *t,
                struct outcome *outcome, struct err *err)
{
    struct buf expanded = {0}, *text = mem_zalloc(names(t), sizeof(*text));
    struct command_output output = {0};
    char **environment = make_environment(t, text);
    struct process process = {.environment = environment,
                              .timeout = command->timeout,
                              .stop = command->stop,
                              .stop_context = command->context,
                              .take = take,
                              .take_context = &output};
    struct process_end end;
    int status;

    outcome->objective = outcome->val_error = outcome->val_loss = NAN;
    command_expand(command->text, t, &expanded);
    process.command = expanded.data ? expanded.data : "";
    status = process_run(&process, &end, err);
    if (status == 0)
        judge(&end, &output, outcome);
    for (size_t i = 0; i < names(t); i++)
        buf_release(&text[i]);
    free(text);
    free(environment);
    buf_release(&expanded);
    command_output_release(&output);
    return status;
}
