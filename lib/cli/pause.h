/*
 * pause: a training that is interrupted and goes on: --checkpoint, --every,
 * --time-limit, SIGINT and SIGTERM.
 */
#ifndef CLI_PAUSE_H
#define CLI_PAUSE_H

#include "cli/setup_options.h"
#include "model/checkpoint.h"
#include "model/runs.h"

enum {
    KEY_CHECKPOINT = KEY_SETUP_END,
    KEY_EVERY,
    KEY_TIME_LIMIT,
    KEY_PAUSE_END
};

/* What the options said, and what came of it.  {0} says nothing. */
struct pause {
    const char *path; /* --checkpoint; NULL: none */
    size_t every;     /* --every; 0: not given */
    double limit;     /* --time-limit, in seconds; 0: none */
    struct run_watch watch;
    struct checkpoint_identity identity;
};

/* Takes one option: 0, -1 with an error, 1 where the key is another's. */
int pause_take(struct pause *pause, int key, char *value, struct err *err);

/* Usage errors; `trains` is false where nothing is trained. */
void pause_check(const struct pause *pause, bool trains);

/*
 * Before the training: opens the checkpoint of what identity says, which is
 * taken over, and notes where it goes on; takes signals as a wish.
 */
void pause_begin(struct pause *pause,
                 const struct checkpoint_identity *identity);

/* After it: signals are as they were; a note of what came to an early end. */
void pause_tell(const struct pause *pause, const struct runs *runs);

/*
 * When all outputs are in place: the checkpoint is removed, but stays where
 * the same command would go on.
 */
void pause_end(struct pause *pause, const struct runs *runs);

#endif
