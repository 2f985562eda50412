# tune_helpers: what the tests of searches by many workers share.
load helpers

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)

# pipeline NAME ARGUMENTS...
pipeline() {
    local script=$1

    shift
    try sh "$ROOT/pipelines/$script" "$@"
}

# states LOG: "trial state" of the last event of each trial, one a line.
states() {
    awk -F, '/^[0-9]+,/ { state[$1] = $2 }
        END { for (trial in state) print trial, state[trial] }' "$1" |
        sort -n
}

# events LOG STATE: how many there are.
events() {
    grep -c "^[0-9]*,$2," "$1"
}

# expect_over CASE LOG N: N trials are done, each once.
expect_over() {
    expect_text "$1: states" "$(seq "$3" | sed 's/$/ done/')" "$(states "$2")"
    expect_text "$1: told" "$3" "$(events "$2" done)"
}

# expect_best CASE LOG FILE: of an objective that is x itself.
expect_best() {
    expect_text "$1: best" "$(grep ,done, "$2" | cut -d, -f3 | sort -g |
        head -n 1)" "$(sed -n 's/^\([^,]*\).*/\1/; 2p' "$3")"
}
