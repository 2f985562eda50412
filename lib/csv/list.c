#include "csv/list.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void list_release(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

static void add_bytes(struct list *list, const char *item, size_t len)
{
    list->items =
        mem_grow(list->items, &list->capacity, list->n + 1, sizeof(char *));
    list->items[list->n++] = mem_strndup(item, len);
}

void list_add(struct list *list, const char *item)
{
    add_bytes(list, item, strlen(item));
}

bool list_has(const struct list *list, const char *item)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i], item) == 0)
            return true;
    return false;
}

static void on_item(void *text, size_t len, void *list)
{
    add_bytes(list, text ? text : "", len);
}

static int keep_blanks(unsigned char c)
{
    (void)c;
    return 0;
}

bool list_add_cells(struct list *list, const char *record)
{
    struct csv_parser parser;
    size_t len = strlen(record);
    bool good;

    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_space_func(&parser, keep_blanks);
    good = csv_parse(&parser, record, len, on_item, NULL, list) == len &&
           csv_fini(&parser, on_item, NULL, list) == 0;
    csv_free(&parser);
    return good;
}

int list_add_record(struct list *list, const char *record, struct err *err)
{
    size_t before = list->n;
    bool failed = !list_add_cells(list, record);

    for (size_t i = before; i < list->n; i++)
        failed |= !*list->items[i];
    if (failed || list->n == before)
        return err_set(err, ERR_USAGE, "not a list: '%s'", record);
    return 0;
}

char *list_split_pair(char *item, bool last)
{
    char *at = last ? strrchr(item, '=') : strchr(item, '=');

    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}
