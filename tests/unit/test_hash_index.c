#include "base/hash_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

enum { MANY = 5000 };

static uint64_t hash_of(size_t i)
{
    return hash_bytes(&i, sizeof(i));
}

/* In the order they came, in another one, and whatever the hash. */
static void hash_index__numbers(void **state)
{
    struct hash_index index = {0};

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(hash_index_add(&index, hash_of(i)), i);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(hash_index_add(&index, hash_of(i)), i);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(hash_index_add(&index, hash_of(i * 7 % MANY)),
                         i * 7 % MANY);
    assert_int_equal(index.count, MANY);
    assert_int_equal(hash_index_add(&index, 0), MANY);
    assert_int_equal(hash_index_add(&index, UINT64_MAX), MANY + 1);
    assert_int_equal(hash_index_add(&index, 0), MANY);
    hash_index_release(&index);
    assert_int_equal(hash_index_add(&index, 5), 0);
    hash_index_release(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hash_index__numbers)};

    return cmocka_run_group_tests_name("hash_index", tests, NULL, NULL);
}
