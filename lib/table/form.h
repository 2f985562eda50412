/*
 * form: what a network reads of a row, found from the types of its features.
 */
#ifndef TABLE_FORM_H
#define TABLE_FORM_H

#include "table/schema.h"

/*
 * Sets the schema's form, shape, tokens and all that belongs to them, as
 * schema_infer says; `file` is named in errors about the data.  Columns that
 * name images nobody can read are no features any more, which notes say.
 */
int form_find(struct schema *schema, const struct schema_request *request,
              const char *file, struct buf *notes, struct err *err);

#endif
