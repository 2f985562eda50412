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

# bars N [HIGH [NOISE [parts]]]: images of 8x8 with a column or row of HIGH
# among noise, and the part of each.
bars() {
    awk -v n="$1" -v high="${2:-255}" -v noise="${3:-60}" -v parts="$4" 'BEGIN {
        srand(1)
        for (p = 0; p < 64; p++) printf "p%d,", p
        print "label" (parts ? ",split" : "")
        for (i = 0; i < n; i++) {
            at = int(i / 2) * 3 % 8
            for (p = 0; p < 64; p++)
                printf "%d,", (i % 2 ? p % 8 : int(p / 8)) == at ? high \
                    : int(noise * rand())
            printf "%s", i % 2 ? "column" : "row"
            print parts ? "," (i % 10 < 8 ? "train" : "val") : ""
        }
    }'
}

# names N: words whose first letter says the class.
names() {
    awk -v n="$1" 'BEGIN {
        srand(3)
        print "name,label"
        for (i = 0; i < n; i++) {
            word = substr("abxy", i % 4 + 1, 1)
            for (k = 0; k < 2 + i % 5; k++)
                word = word substr("abxy", 1 + int(4 * rand()), 1)
            print word "," (i % 4 < 2 ? "early" : "late")
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
