/*
 * dict: distinct strings, numbered 0, 1, … in the order they were first seen.
 *
 * Strings are bytes with a length (NUL-terminated copies are kept).  {0} is a
 * valid empty dictionary.
 */
#ifndef BASE_DICT_H
#define BASE_DICT_H

#include <stddef.h>
#include <stdint.h>

#define DICT_NONE SIZE_MAX

struct dict {
    char **text; /* [count], owned */
    size_t *len; /* [count] bytes of each, without the NUL */
    size_t count, capacity;
    size_t *slots; /* [n_slots] number + 1, 0 where free */
    size_t n_slots;
};

void dict_release(struct dict *dict);

/* The number of the string, added if it is new. */
size_t dict_add(struct dict *dict, const char *text, size_t len);

/* The number of the string, or DICT_NONE. */
size_t dict_find(const struct dict *dict, const char *text, size_t len);

/*
 * Writes to order[0..count) the numbers in the order of the strings' bytes:
 * the one order in which classes, levels and parts are listed.
 */
void dict_sorted(const struct dict *dict, size_t *order);

#endif
