# A failure travels down the pipe: what breaks in one tool ends them all, and
# spoils no result of an earlier run.
load helpers

setup_file() {
    export MODEL=$BATS_FILE_TMPDIR/small.model
    PATH=${ASSAY_BIN:-$BATS_TEST_DIRNAME/../../.build/bin}:$PATH
    small_model "$MODEL"
    # Long enough that rows have left when the end is read.
    { small_books 4000 && echo 1,2; } >"$BATS_FILE_TMPDIR/ragged.csv"
    small_predictions 20000 >"$BATS_FILE_TMPDIR/long_predictions.csv"
}

RAGGED="ragged.csv:4002: expected 3 fields (header line 1), got 2"

# pipe UPSTREAM... '|' DOWNSTREAM...: statuses in `first` and `last`, output
# of the second in out, messages in err1 and err2.
pipe() {
    local up=()

    ln -sf "$BATS_FILE_TMPDIR/ragged.csv" ragged.csv
    while [ "$1" != '|' ]; do
        up+=("$1")
        shift
    done
    shift
    last=0
    { first=0; "${up[@]}" 2>err1 || first=$?; echo "$first" >first; } |
        "$@" >out 2>err2 || last=$?
    first=$(<first)
}

# travels CASE TOOL MESSAGE DOWNSTREAM_TOOL: both have failed as they should.
travels() {
    expect_text "$1: upstream" "assay $2: $3" "$(<err1)"
    expect_text "$1: downstream" "assay $4: <stdin>: assay $2 failed: $3" \
        "$(<err2)"
    expect_text "$1: statuses" "1 1" "$first $last"
    expect_empty "$1" out
}

old_results() {
    for name in old.model old.csv old.curve history; do
        echo old >$name
    done
}

untouched() { # CASE
    echo old >wanted
    for name in old.model old.csv old.curve history; do
        expect_file "$1" wanted $name
    done
    expect_text "$1: temporary files" "" "$(find . -name '.?*')"
}

FIT="--label genre --features title --net linear --epochs 1"

@test "split | train: train fails and leaves model, output, history alone" {
    old_results
    # shellcheck disable=SC2086
    pipe assay split -q --hash title ragged.csv '|' \
        assay train -q $FIT -m old.model -o old.csv --append history -
    travels train split "$RAGGED" train
    untouched train
    # shellcheck disable=SC2086
    pipe assay split -q --hash title ragged.csv '|' \
        assay train -q $FIT --predict --curve old.curve -m old.model -o old.csv
    travels predict split "$RAGGED" train
    untouched predict
    # shellcheck disable=SC2086
    pipe assay split -q --hash title ragged.csv '|' \
        assay train -q $FIT --folds 2 --predict -o old.csv
    travels folds split "$RAGGED" train
    untouched folds
}

@test "split that reads twice fails before its first row: train fails too" {
    old_results
    # shellcheck disable=SC2086
    pipe assay split -q --label genre ragged.csv '|' \
        assay train -q $FIT -m old.model -o old.csv
    expect_text split "assay split: $RAGGED" "$(<err1)"
    expect_text train "assay train: <stdin>: empty input: no header row (did \
what writes it fail?)" "$(<err2)"
    expect_text statuses "1 1" "$first $last"
    untouched train
}

@test "split | eval, split | split" {
    old_results
    pipe assay split -q --hash title ragged.csv '|' \
        assay eval -q -m "$MODEL" -o old.csv --append history
    travels eval split "$RAGGED" eval
    untouched eval
    for mode in "--replace" "--replace --label genre" "--fill" \
        "--replace --hash title"; do
        # shellcheck disable=SC2086
        pipe assay split -q --hash title ragged.csv '|' \
            assay split -q $mode -o old.csv
        travels "split $mode" split "$RAGGED" split
        untouched "split $mode"
    done
}

@test "eval | every reader of predictions" {
    old_results
    for reader in decompose confuse "confuse --matrix" "confuse --by-class" \
        "confuse --top-losses 5" "eval --metrics" "eval --coverage"; do
        # shellcheck disable=SC2086
        pipe assay eval -q -m "$MODEL" ragged.csv '|' \
            assay $reader -q -o old.csv --append history --timings old.curve
        travels "$reader" eval "$RAGGED" "${reader%% *}"
        untouched "$reader"
    done
}

@test "a gate is not judged on half a stream" {
    for gate in 'error.test<=1' 'error.test<0'; do
        pipe assay eval -q -m "$MODEL" ragged.csv '|' \
            assay decompose --gate "$gate"
        travels "$gate" eval "$RAGGED" decompose
    done
}

@test "train --predict and results: a failure before the first row" {
    for reader in decompose confuse "eval --metrics"; do
        # shellcheck disable=SC2086
        pipe assay train -q $FIT --predict ragged.csv '|' assay $reader
        expect_text "$reader: train" "assay train: $RAGGED" "$(<err1)"
        expect_text "$reader" "assay ${reader%% *}: <stdin>: empty input: no \
header row (did what writes it fail?)" "$(<err2)"
        expect_text "$reader" "1 1" "$first $last"
        expect_empty "$reader" out
    done
}

@test "a failure goes through a pipe of three" {
    ln -sf "$BATS_FILE_TMPDIR/ragged.csv" ragged.csv
    echo old >old.csv
    status=0
    assay split -q --hash title ragged.csv 2>err1 |
        assay eval -q -m "$MODEL" 2>err2 |
        assay decompose -o old.csv 2>err || status=$?
    expect decompose 1 "assay decompose: <stdin>: assay eval failed: <stdin>: \
assay split failed: $RAGGED"
    expect_text old old "$(<old.csv)"
}

# The tools that hold their result back cannot fail half way through it; each
# of them must still understand what any of them may say.
@test "every tool understands the word of every other" {
    for from in split train eval decompose confuse; do
        for to in "split --label genre" "split --hash title" "train $FIT" \
            "eval -m $MODEL"; do
            { small_books 5 && printf '"assay %s failed: a.csv:7: why\n' $from; } \
                >broken
            # shellcheck disable=SC2086
            try assay $to -q -o result broken
            expect "$from to $to" 1 "assay ${to%% *}: broken: assay $from \
failed: a.csv:7: why"
        done
        for to in "eval --metrics" decompose confuse; do
            { small_predictions 5 &&
                printf '"assay %s failed: a.csv:7: why\n' $from; } >broken
            # shellcheck disable=SC2086
            try assay $to -q -o result broken
            expect "$from to $to" 1 "assay ${to%% *}: broken: assay $from \
failed: a.csv:7: why"
        done
        [ ! -e result ] || fail "$from: a result of half a stream"
    done
}

@test "the failure is the last record and stays open" {
    ln -sf "$BATS_FILE_TMPDIR/ragged.csv" ragged.csv
    try assay split -q --hash title ragged.csv
    expect split 1 "assay split: $RAGGED"
    expect_failed_stream split out "assay split failed: $RAGGED"
    # All rows before it are whole.
    expect_text fields "5" "$(sed '$d' out | awk -F , '{ print NF }' | sort -u)"
    try assay eval -q -m "$MODEL" ragged.csv
    expect eval 1 "assay eval: $RAGGED"
    expect_failed_stream eval out "assay eval failed: $RAGGED"
}

@test "a failure through a FIFO as output" {
    ln -sf "$BATS_FILE_TMPDIR/ragged.csv" ragged.csv
    mkfifo fifo
    timeout 10 cat fifo >got 3>&- &
    try timeout 10 assay split -q --hash title -o fifo ragged.csv
    wait $!
    expect fifo 1 "assay split: $RAGGED"
    expect_failed_stream fifo got "assay split failed: $RAGGED"
}

# ---- signals ----

# start COMMAND...: runs it on the FIFO `slow`, which stays open as 8, with
# the FILE $feed in it; returns when all but a pipe's worth is read.  The
# signals are set back: a shell lets its background jobs ignore some.
start() {
    rm -f slow
    mkfifo slow
    env --default-signal=INT,TERM,HUP "$@" slow >out 2>err 3>&- 8>&- &
    pid=$!
    exec 8<>slow
    timeout 10 cat "$feed" >&8
}

# stop SIGNAL: sends it, ends the input and waits.
stop() {
    kill -s "$1" "$pid"
    exec 8>&-
    status=0
    wait "$pid" || status=$?
}

@test "SIGTERM and SIGINT end a stream with the failure record" {
    feed=$BATS_FILE_TMPDIR/rows.csv
    small_books 8000 >"$feed"
    for tool in "split --hash title" "eval -m $MODEL"; do
        for signal in TERM INT HUP; do
            # shellcheck disable=SC2086
            start assay $tool -q
            until_true test -s out
            stop $signal
            expect "$tool, $signal" $((128 + $(kill -l $signal))) ""
            expect_failed_stream "$tool, $signal" out \
                "assay ${tool%% *} failed: it was stopped"
        done
        cp out stopped
        try assay split -q --replace -o result stopped
        expect "$tool" 1 "assay split: stopped: assay ${tool%% *} failed: it \
was stopped"
    done
}

@test "a signal removes the unfinished file and keeps the old one" {
    feed=$BATS_FILE_TMPDIR/rows.csv
    small_books 8000 >"$feed"
    for tool in "split --hash title" "eval -m $MODEL"; do
        for signal in TERM INT; do
            echo old >result
            # shellcheck disable=SC2086
            start assay $tool -q -o result
            ls -A | grep -q '^\.result\.' || fail "$tool: no file aside"
            stop $signal
            expect "$tool, $signal" $((128 + $(kill -l $signal))) ""
            expect_text "$tool, $signal" old "$(<result)"
            expect_empty "$tool" out
            expect_text "$tool, $signal: files" "" "$(find . -name '.?*')"
        done
    done
}

@test "a signal to a tool that spools leaves TMPDIR empty" {
    feed=$BATS_FILE_TMPDIR/rows.csv
    small_books 8000 >"$feed"
    mkdir spool
    old_results
    for tool in "split --label genre" "train $FIT -m old.model"; do
        # shellcheck disable=SC2086
        TMPDIR=$PWD/spool start assay $tool -q -o old.csv
        stop TERM
        expect "$tool" 143 ""
        expect_empty "$tool" out
        untouched "$tool"
        expect_text "$tool" "" "$(ls -A spool)"
    done
}

@test "a signal to a tool that sums leaves nothing" {
    feed=$BATS_FILE_TMPDIR/long_predictions.csv
    old_results
    for tool in "eval --metrics" decompose "confuse --top-losses 3"; do
        # shellcheck disable=SC2086
        start assay $tool -q -o old.csv --append history
        stop TERM
        expect "$tool" 143 ""
        expect_empty "$tool" out
        untouched "$tool"
    done
}

@test "a reader that stops early stops the pipe, without a word" {
    small_books 20000 >rows.csv
    assay split -q --hash title rows.csv 2>err1 |
        assay eval -q -m "$MODEL" 2>err2 | head -n 2 >out
    expect_text statuses "141 141 0" "${PIPESTATUS[*]}"
    expect_empty split err1
    expect_empty eval err2
}

@test "the message upstream is repeated without doubled quotes" {
    printf 'id,label,pred\n1,a,a\n"assay split failed: x:1: bad ""q""\n' >broken
    try assay decompose broken
    expect quotes 1 'assay decompose: broken: assay split failed: x:1: bad "q"'
}

@test "a failure that cuts a record in two is still understood" {
    for cut in '2,"ab' '2,ab'; do
        printf 'id,label,pred\n1,a,a\n%s"assay split failed: x:1: bad\n' "$cut" \
            >broken
        try assay decompose broken
        expect "$cut" 1 'assay decompose: broken: assay split failed: x:1: bad'
    done
}
