#include "cli/version.h"

#include "cli/report.h"

#ifndef ASSAY_VERSION
#define ASSAY_VERSION "unknown"
#endif
#ifndef ASSAY_FLAGS
#define ASSAY_FLAGS "unknown"
#endif

void version_print(FILE *out, version_library *const *libraries)
{
    fprintf(out, "%s %s\n", report_name(), ASSAY_VERSION);
    fprintf(out, "compiler: %s; flags: %s\n", __VERSION__, ASSAY_FLAGS);
    for (int i = 0; libraries && libraries[i]; i++)
        fprintf(out, "%s%s", i ? ", " : "libraries: ", libraries[i]());
    fputs(libraries ? "\n" : "", out);
    fputs("licence: GPL-3.0-or-later\n", out);
}

const char *version_number(void)
{
    return ASSAY_VERSION;
}
