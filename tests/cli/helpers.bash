# helpers: what all command-line tests share.
#
# Every test starts in an empty folder of its own with the tools on PATH.  A
# test that loops over tools works with cases (below), and every check takes
# the name of the case first, so that a failure says which tool it was.
bats_require_minimum_version 1.5.0

setup() {
    ASSAY_BIN=${ASSAY_BIN:-$BATS_TEST_DIRNAME/../../.build/bin}
    PATH=$(realpath "$ASSAY_BIN"):$PATH
    DATA=$BATS_TEST_DIRNAME/../data
    GOLDEN=$BATS_TEST_DIRNAME/golden
    export LC_ALL=C
    export OMP_NUM_THREADS=1
    unset TMPDIR
    cd "$BATS_TEST_TMPDIR" || return 1
}

# ---- data ----

# small_books [N]: title,genre,year; every third row is Fiction.
small_books() {
    awk -v n="${1:-60}" 'BEGIN {
        print "title,genre,year"
        for (i = 1; i <= n; i++)
            printf "%s %d,%s,%d\n",
                i % 3 ? "A history of the county" : "A novel tale of heart",
                i, i % 3 ? "Non-fiction" : "Fiction", 1800 + i % 7
    }'
}

# small_labels: of the 60 books.
small_labels() {
    small_books | awk -F, 'NR == 1 { print "shelf,title" }
        NR > 1 { print NR % 5 "," $1 }'
}

# small_predictions [N]: one row in seven is predicted `a`, right or wrong.
small_predictions() {
    awk -v n="${1:-60}" 'BEGIN {
        print "id,split,label,pred,prob,loss"
        for (i = 1; i <= n; i++) {
            split_ = i % 5 == 0 ? "test" : i % 5 == 1 ? "val" : "train"
            label = i % 3 ? "b" : "a"
            pred = i % 7 ? label : "a"
            printf "%d,%s,%s,%s,.75,%s\n", i, split_, label, pred,
                pred == label ? "0.2876821" : "1.3862944"
        }
    }'
}

# small_model FILE: fitted to small_books.
small_model() {
    small_books >"$1.csv"
    assay train -q --label genre --features title --net linear --epochs 2 \
        -m "$1" -o "$1.curve" "$1.csv"
}

# ---- cases: every tool, eval in both of its roles ----

READERS="pair split check train eval decompose confuse shift tune"
TOOLS="$READERS synth"
CASES="pair split check train predict eval metrics decompose confuse shift
tune"

# use CASE: sets `cmd`, the tool's name, and `input`, a file that it accepts
# (made in the current folder).  Needs $MODEL for eval.
use() {
    # linear: a net with a hidden layer takes 60 ms to start.
    local fit=(--label genre --features title --net linear --epochs 2)

    tool=$1
    input=books.csv
    case $1 in
    pair)
        cmd=(assay pair --labels-from labels.csv --key title --allow-unmatched)
        [ -e labels.csv ] || small_labels >labels.csv
        ;;
    synth) cmd=(assay synth) input=blobs ;;
    split) cmd=(assay split --label genre) ;;
    check) cmd=(assay check --columns) ;;
    train) cmd=(assay train "${fit[@]}") ;;
    shift) cmd=(assay shift --by genre --features title,year) ;;
    tune)
        cmd=(assay tune "${fit[@]}" --trials 2 --repeat 0 --workers 1
            --method random)
        ;;
    predict) tool=train cmd=(assay train "${fit[@]}" --predict) ;;
    eval) cmd=(assay eval -m "$MODEL") ;;
    metrics) tool=eval cmd=(assay eval --metrics) input=predictions.csv ;;
    decompose) cmd=(assay decompose) input=predictions.csv ;;
    confuse) cmd=(assay confuse) input=predictions.csv ;;
    *) fail "$1: no such case" ;;
    esac
    if [ ! -e "$input" ]; then
        case $input in
        books.csv) small_books >books.csv ;;
        predictions.csv) small_predictions >predictions.csv ;;
        esac
    fi
}

# ---- running and checking ----

fail() {
    printf '%s\n' "$@" >&2
    return 1
}

# try COMMAND...: output in the files out and err, exit status in `status`.
try() {
    status=0
    "$@" >out 2>err || status=$?
}

# expect CASE STATUS [STDERR]: how the last try ended; STDERR is exact.
expect() {
    [ "$status" -eq "$2" ] ||
        fail "$1: exit status $status, not $2" "$(<err)"
    [ $# -lt 3 ] || expect_text "$1: stderr" "$3" "$(<err)"
}

expect_text() { # CASE WANTED GOT
    [ "$2" = "$3" ] || fail "$1" "wanted: $2" "got:    $3"
}

# expect_like CASE PATTERN TEXT: a shell pattern.
expect_like() {
    # shellcheck disable=SC2053
    [[ $3 == $2 ]] || fail "$1" "pattern: $2" "text:    $3"
}

expect_file() { # CASE WANTED GOT
    cmp -s "$2" "$3" ||
        fail "$1: $3 differs from $2" "$(diff "$2" "$3" | head -8)"
}

expect_other() { # CASE A B: files that must differ
    if cmp -s "$2" "$3"; then
        fail "$1: $2 and $3 are the same"
    fi
}

expect_empty() { # CASE FILE
    [ ! -s "$2" ] || fail "$1: $2 is not empty" "$(head -8 "$2")"
}

# expect_golden NAME FILE; ASSAY_REMAKE=1 makes the golden file anew.
expect_golden() {
    [ -z "$ASSAY_REMAKE" ] || cp "$2" "$GOLDEN/$1"
    expect_file "$1" "$GOLDEN/$1" "$2"
}

# expect_files CASE NAME...: all that is in the folder, besides what the
# helpers put there.
expect_files() {
    local name=$1 got

    shift
    got=$(find . -mindepth 1 -maxdepth 1 ! -name out ! -name err \
        ! -name books.csv ! -name labels.csv ! -name predictions.csv \
        -printf '%f\n' | sort)
    expect_text "$name: files" "$(printf '%s\n' "$@" | sort)" "$got"
}

# expect_failed_stream CASE FILE MESSAGE: rows, then the record of a failure,
# which is the only quote in it and stays open.
expect_failed_stream() {
    [ "$(wc -l <"$2")" -gt 1 ] || fail "$1: no rows before the failure"
    expect_text "$1: last line" "\"$3" "$(tail -n 1 "$2")"
    expect_text "$1: quotes" 1 "$(tr -dc '"' <"$2" | wc -c)"
}

# until_true COMMAND...: tries for five seconds.
until_true() {
    local i

    for ((i = 0; i < 250; i++)); do
        "$@" && return 0
        sleep .02
    done
    fail "waited in vain for: $*"
}
