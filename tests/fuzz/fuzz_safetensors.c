/* Any bytes as a file of tensors: an error, or values that can all be read. */
#include "memory_file.h"

#include "model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct memory_file input;
    unsigned sum = 0;
    struct tensors tensors = {0};
    struct err err = {0};

    if (tensors_load(&tensors, memory_file(&input, bytes, len), &err) != 0) {
        if (err.kind == ERR_NONE)
            abort();
        return 0;
    }
    for (size_t i = 0; i < tensors.n; i++)
        for (size_t k = 0; k < tensor_bytes(&tensors.items[i]); k++)
            sum += ((uint8_t *)tensors.items[i].data)[k];
    if (sum > UINT8_MAX * len) /* more bytes than there were */
        abort();
    tensors_release(&tensors);
    return 0;
}
