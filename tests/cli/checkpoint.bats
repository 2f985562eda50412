# assay train: a training that is killed, stopped, and goes on.
load model_helpers

setup_file() {
    start_file
    bars 200 200 150 >bars.csv
    names 200 >names.csv
    mixed 300 >mixed.csv
    export MADE=$BATS_FILE_TMPDIR
}

# killed_when FILE COMMAND...: kills the command once FILE has changed.
killed_when() {
    local file=$1 old

    shift
    old=$(stat -c %i "$file" 2>/dev/null || echo none)
    "$@" >killed.out 2>killed.err &
    pid=$!
    until_true changed "$file" "$old" "$pid"
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" || :
}

changed() {
    [ "$(stat -c %i "$1" 2>/dev/null || echo none)" != "$2" ] ||
        ! kill -0 "$3" 2>/dev/null
}

# outputs FOLDER: options that put all results there.
outputs() {
    mkdir -p "$1"
    echo -o "$1/predictions" --predict --probs --curve "$1/curve"
}

# goes_on NAME STATE OPTION...: kills at three places, then the same bytes as
# at once, with one thread, and no checkpoint left.
goes_on() {
    local name=$1 state=$2 threads file

    shift 2
    try assay train -q "$@" $(outputs whole)
    expect "$name at once" 0 ""
    for threads in 1 2 3; do
        OMP_NUM_THREADS=$threads killed_when "$state" assay train -q \
            --checkpoint state --every 1 "$@" $(outputs parts)
    done
    OMP_NUM_THREADS=2 try assay train -q --checkpoint state --every 1 "$@" \
        $(outputs parts)
    expect "$name after kills" 0 ""
    for file in curve predictions; do
        expect_file "$name: $file" "whole/$file" "parts/$file"
    done
    expect_text "$name: files" "" "$(ls -d state* 2>/dev/null)"
    rm -r whole parts
}

@test "killed and gone on with: lenet, with running averages and a plateau" {
    goes_on lenet state --net lenet --shape 8x8x1 --kernel 3 --norm batch \
        --dropout .2 --schedule plateau --schedule-epochs 1 --epochs 30 \
        "$MADE/bars.csv"
}

@test "killed and gone on with: lstm of characters" {
    goes_on lstm state --net lstm --tokens char --type name=text --hidden 16 \
        --token-drop .1 --optimizer rmsprop --epochs 12 "$MADE/names.csv"
}

@test "killed and gone on with: folds, replicas, sizes" {
    goes_on folds state.2 --folds 3 --optimizer nesterov --learning-rate .01 \
        --epochs 20 --patience 3 "$MADE/mixed.csv"
    goes_on replicas state.3 --replicas 2 --train-sizes 50%,100% --epochs 10 \
        --mixup .2 --features a,b "$MADE/mixed.csv"
}

@test "the model too, and fine-tuning, whatever is not said of it" {
    assay train -q --epochs 2 -m start.model -o curve "$MADE/mixed.csv"
    set -- assay train -q --init-from start.model --freeze bag,hidden \
        --epochs 30 --learning-rate 1e-3 "$MADE/mixed.csv"
    try "$@" -m whole.model
    expect whole 0 ""
    mv out whole
    try "$@" --checkpoint state --time-limit 1e-9s -m part.model
    expect stopped 0 ""
    expect_text "one epoch" 3 "$(wc -l <out)"
    mv start.model other.name
    try "$@" --checkpoint state -m part.model
    expect "without the file" 1 "assay train: start.model: cannot open the model: No such file or directory"
    set -- "${@/start.model/other.name}"
    try "$@" --checkpoint state -m part.model -j 3 --progress never
    expect "gone on" 0 ""
    expect_file curve whole out
    expect_file model whole.model part.model
}

@test "what is over is not trained again" {
    set -- assay train --folds 3 --epochs 90 --patience 90 --checkpoint state \
        "$MADE/mixed.csv" --predict
    try "$@" --time-limit 1e-9s -o first
    expect stopped 0 "assay train: stopped by --time-limit: of 3 models 0 came to their end, 1 were cut short, 2 left out, and their folds' rows with them; the same command goes on from 'state'
assay train: mlp: 1 models"
    expect_text "one fold" 1 "$(column_of first fold | sort -u | wc -l)"
    expect_text "its state" "state state.1" "$(echo state*)"
    killed_when state.2 "$@" -o killed
    cp --preserve=timestamps state.1 over
    killed_when state.3 "$@" -o killed
    [ ! state.1 -nt over ] || fail "written again"
    cmp state.1 over
    try "$@" -o all
    expect "gone on" 0 "assay train: goes on from 'state'
assay train: mlp: 3 models"
    expect_text "all folds" 3 "$(column_of all fold | sort -u | wc -l)"
}

@test "a checkpoint of another training is refused by what differs" {
    set -- --checkpoint state --epochs 5 "$MADE/mixed.csv"
    assay train -q --time-limit 1e-9s "$@" >out
    cp state before
    wants() {
        local message=$1

        shift
        try assay train "$@"
        expect "$*" 1 "assay train: state: the checkpoint was made $message (remove it to begin anew)"
    }
    wants "with --seed 1, not 2" --seed 2 "$@"
    wants "with --epochs 5, not 6" "$@" --epochs 6
    wants "with --net mlp, not linear" --net linear "$@"
    wants "with --hidden 128, not 64,32" --hidden 64,32 "$@"
    wants "without --features a,b" --features a,b "$@"
    wants "without --folds 3" --folds 3 "$@"
    mixed 299 >fewer.csv
    wants "of 300 rows, not 299" "${@/*mixed.csv/fewer.csv}"
    sed '7s/new/old/' "$MADE/mixed.csv" >other.csv
    wants "of other data" "${@/*mixed.csv/other.csv}"
    sed '7s/cat$/cow/' "$MADE/mixed.csv" >other.csv
    wants "of other data" "${@/*mixed.csv/other.csv}"
    cmp before state
    try assay train -q -j 2 --progress never --predict -o p --curve c -m m "$@"
    expect "what does not matter" 0 ""
}

@test "a checkpoint that is damaged is refused" {
    set -- --checkpoint state --epochs 5 "$MADE/mixed.csv"
    assay train -q --time-limit 1e-9s "$@" >out
    cp state whole
    size=$(wc -c <whole)
    broken="assay train: state: the checkpoint is damaged or cut short (remove it to begin anew)"
    for cut in 0 10 19 30 1000 $((size - 1)); do
        head -c "$cut" whole >state
        try assay train "$@"
        expect "cut at $cut" 1 "$broken"
    done
    for at in 25 500 $((size / 2)) $((size - 1)); do
        cp whole state
        byte=$(od -An -tu1 -j "$at" -N 1 whole)
        printf "\\$(printf %o $((byte ^ 4)))" |
            dd of=state bs=1 seek="$at" conv=notrunc status=none
        try assay train "$@"
        expect "another byte at $at" 1 "$broken"
    done
    echo "name,label" >state
    try assay train "$@"
    expect "no checkpoint" 1 "assay train: state: is not a checkpoint of this version of assay"
    expect_text "left alone" "name,label" "$(cat state)"
}

@test "a checkpoint in use, in no folder, of nothing" {
    assay train -q --checkpoint state --epochs 100000 --patience 100000 \
        "$MADE/mixed.csv" >first &
    until_true test -s state
    try assay train --checkpoint state --epochs 100000 --patience 100000 \
        "$MADE/mixed.csv"
    kill -KILL $!
    expect "in use" 1 "assay train: state: the checkpoint is in use by another run"
    try assay train --checkpoint no/state "$MADE/mixed.csv"
    expect "no folder" 1 "assay train: no/state: cannot write: No such file or directory"
    try assay train --every 2 "$MADE/mixed.csv"
    expect every 2 "assay train: --every needs --checkpoint"
    try assay train --checkpoint state --lr-range "$MADE/mixed.csv"
    expect lr-range 2 "assay train: --checkpoint: nothing is trained"
    try assay train --checkpoint state -o state "$MADE/mixed.csv"
    expect "the same file" 2 "assay train: -o and --checkpoint are to be different files"
    try assay train --checkpoint - "$MADE/mixed.csv"
    expect stream 2 "assay train: --checkpoint: name a file"
}

@test "a failed output leaves the checkpoint" {
    try assay train -q --checkpoint state --epochs 3 -o /dev/full \
        "$MADE/mixed.csv"
    expect "disk full" 1 "assay train: /dev/full: cannot write: No space left on device"
    [ -s state ]
    try assay train -q --checkpoint state --epochs 3 --timings /dev/full \
        "$MADE/mixed.csv"
    expect timings 1 "assay train: /dev/full: cannot write: No space left on device"
    [ -s state ]
    try assay train --checkpoint state --epochs 3 -o curve "$MADE/mixed.csv"
    expect "gone on" 0 "assay train: goes on from 'state'
assay train: mlp: 270 rows, 7139 values learned, best epoch 3"
    [ ! -e state ]
}

# ---- time and signals ----

@test "--time-limit" {
    try assay train --time-limit 1e-9s -m model --epochs 50 "$MADE/mixed.csv"
    expect "at once" 0 "assay train: stopped after epoch 1 by --time-limit
assay train: mlp: 270 rows, 7139 values learned, best epoch 1"
    expect_text curve 3 "$(wc -l <out)"
    try assay eval -q -m model "$MADE/mixed.csv"
    expect "the model" 0 ""
    for time in 90 30s 10m 2h 1.5h 1d; do
        try assay train -q --epochs 1 --time-limit "$time" "$MADE/mixed.csv"
        expect "$time" 0 ""
    done
    for time in "" 0 -1 h 1w 1hh 1e99; do
        try assay train --time-limit "$time" "$MADE/mixed.csv"
        expect "$time" 2 "assay train: --time-limit: '$time' is not a time like 90, 30s, 10m or 1.5h"
    done
    try assay train --replicas 3 --epochs 2 --time-limit 1e-9s "$MADE/mixed.csv"
    expect "many models" 0 "assay train: stopped by --time-limit: of 3 models 0 came to their end, 1 were cut short, 2 left out
assay train: mlp: 1 models"
}

# signalled NAME SIGNAL...: sends it to an endless training.
signalled() {
    local name=$1 signal

    shift
    rm -f state
    assay train --checkpoint state --epochs 1000000 --patience 1000000 \
        -o "$name" -m "$name.model" "$MADE/mixed.csv" 2>err &
    until_true test -s state
    sleep .3
    for signal; do
        kill -s "$signal" $!
    done
    status=0
    wait $! || status=$?
}

@test "SIGINT and SIGTERM end a training well, once" {
    # A shell without job control has its background processes ignore SIGINT.
    set -m
    for signal in INT TERM; do
        signalled "$signal" "$signal"
        expect_text "$signal: status" 0 "$status"
        sed -i 's/epoch [0-9]*/epoch N/' err
        expect_text "$signal: words" "assay train: stopped after epoch N by SIG$signal; the same command goes on from 'state'
assay train: mlp: 270 rows, 7139 values learned, best epoch N" "$(cat err)"
        assay eval -q -m "$signal.model" "$MADE/mixed.csv" >predictions
        [ "$(wc -l <"$signal")" -gt 2 ]
        [ -s state ]
    done
}

@test "a second signal ends at once, with nothing half-written" {
    set -m
    OMP_NUM_THREADS=1 assay train --epochs 3 -q --net lstm --type words=text \
        --features words --hidden 512 --epochs 100000 -m model -o curve \
        "$MADE/mixed.csv" 2>err &
    sleep .5
    kill -s INT $!
    kill -s TERM $!
    status=0
    wait $! || status=$?
    [ "$status" -gt 128 ] || fail "status $status"
    expect_text files "err" "$(ls -A)"
}

# ---- memory ----

@test "--explain says how much memory, and that is what it takes" {
    command -v /usr/bin/time >/dev/null || skip "no GNU time"
    if ldd "$(command -v assay-train)" | grep -q asan; then
        skip "sanitizers take memory of their own"
    fi
    for options in "--hidden 1024,1024" "--net lenet --kernel 3" \
        "--folds 3 --hidden 512,512"; do
        set -- --shape 8x8x1 $options --epochs 1 "$MADE/bars.csv"
        try assay train --explain --csv "$@"
        expect "$options" 0
        about=$(sed -n 's/.*memory: about \([0-9]*\) MB, of which .*/\1/p' err)
        /usr/bin/time -f %M -o peak assay train -q -o curve "$@"
        awk -v about="$about" -v peak="$(cat peak)" 'BEGIN {
            peak *= 1024 / 1e6
            exit !(about > .7 * peak && about < 1.4 * peak) }' ||
            fail "$options: about $about MB, was $(cat peak) kB"
    done
}

@test "what does not fit is refused before it is trained" {
    if ldd "$(command -v assay-train)" | grep -q asan; then
        skip "sanitizers take terabytes of address space"
    fi
    limited() {
        (ulimit -v "$1" && shift && exec assay train "$@")
    }
    try limited 400000 --hidden 16384,16384 -m model "$MADE/mixed.csv"
    [ "$status" -eq 1 ]
    grep -qxE 'assay train: the network needs about [0-9]+ MB of memory, but ulimit -v allows 410 MB' err
    try limited 200000 -j 200 --epochs 1 "$MADE/mixed.csv"
    [ "$status" -eq 1 ]
    grep -qxE 'assay train: the training needs about [0-9]+ MB of memory, but ulimit -v allows 205 MB' err
    expect_files "nothing is left"
}
