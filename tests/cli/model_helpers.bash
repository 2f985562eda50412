# model_helpers: what the tests of train, eval, decompose, confuse and the
# workflow share on top of helpers: data with something to learn from every
# type of column, and checks of cells.
load helpers

# start_file: for setup_file, the tools on PATH, in the folder of the file.
start_file() {
    ASSAY_BIN=${ASSAY_BIN:-$BATS_TEST_DIRNAME/../../.build/bin}
    PATH=$(cd "$ASSAY_BIN" && pwd):$PATH
    export LC_ALL=C OMP_NUM_THREADS=1
    cd "$BATS_FILE_TMPDIR" || return 1
}

# mixed [N]: two numbers, a category and a text, three classes that show in
# all of them, with noise.
mixed() {
    awk -v n="${1:-240}" 'BEGIN {
        split("cat dog cow", name, " ")
        split("r g b x", color, " ")
        print "a,b,color,words,label"
        for (i = 1; i <= n; i++) {
            k = i % 3
            printf "%.3f,%.3f,%s,%s %s of %d,%s\n",
                k + i * 7919 % 1000 / 700, i * 104729 % 997 / 997,
                color[i * 31 % 10 < 6 ? k + 1 : 4],
                k ? "the old" : "a new", i % 7 < 4 ? "house" : "ship",
                i * 13 % 40, name[k + 1]
        }
    }'
}

# golden NAME FILE: as expect_golden, beside these tests.
golden() {
    GOLDEN=$BATS_TEST_DIRNAME/golden_model expect_golden "$@"
}

# lines CASE TEXT...: the file out is these lines.
lines() {
    local name=$1

    shift
    expect_text "$name: output" "$(printf '%s\n' "$@")" "$(cat out)"
}

# cell FILE COLUMN [NAME=VALUE...]: that cell of the first row with these
# values; no cell up to there may be quoted.
cell() {
    local file=$1 column=$2

    shift 2
    awk -F, -v column="$column" -v keys="$*" '
        NR == 1 {
            for (i = 1; i <= NF; i++) at[$i] = i
            n = split(keys, key, " ")
            next
        }
        {
            for (i = 1; i <= n; i++) {
                split(key[i], pair, "=")
                if ($at[pair[1]] != pair[2]) next
            }
            print $at[column]
            exit
        }' "$file"
}

# near CASE WANTED GOT [TOLERANCE]: numbers, to 1e-6 unless said.
near() {
    awk -v a="$2" -v b="$3" -v t="${4:-1e-6}" 'BEGIN {
        d = a - b
        exit !(b != "" && b == b + 0 && d <= t && -d <= t)
    }' || fail "$1: wanted $2, got '$3'"
}

# column_of FILE NAME: all cells of a column, without quoted cells before it.
column_of() {
    awk -F, -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
        { print $at }' "$1"
}
