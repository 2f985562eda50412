# pipelines/debug.sh: the whole workflow; and make install.
load model_helpers

STREAMS="split.csv columns.csv model curve.csv pred.csv baselines.csv
    metrics.csv sources.csv pairs.csv classes.csv top.csv"

setup_file() {
    export ROOT
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)
}

debug() {
    NO_COLOR=1 COLUMNS=80 try sh "$ROOT/pipelines/debug.sh" "$@"
}

# expect_streams CASE FOLDER: all of them, none empty, and nothing else.
expect_streams() {
    for stream in $STREAMS; do
        [ -s "$2/$stream" ] || fail "$1: no $stream" "$(<err)"
    done
    expect_text "$1: files" "$(printf '%s\n' $STREAMS | sort)" \
        "$(ls "$2" | sort)"
}

@test "the British Library's titles: every stream, and what to try next" {
    debug --label genre --features title --keep title --goal .02 \
        --train '--epochs 3' "$DATA/bl_genre_books.csv.gz" result
    expect debug 0
    expect_streams debug result
    expect_text rows 1744 "$(sed 1d result/pred.csv | wc -l)"
    expect_text split \
        "id,split,label,pred,prob,loss,p:Fiction,p:Non-fiction,title" \
        "$(head -n 1 result/pred.csv)"
    expect_text epochs 3 "$(grep -c ',train,' result/curve.csv)"
    expect_text goal 0.02 "$(cell result/sources.csv value name=goal)"
    expect_text nets "linear majority mlp" \
        "$(column_of result/baselines.csv net | sort -u | xargs)"
    # better than the yardstick that always says Non-fiction
    awk -F, '$1 == "test" && $2 == "error" { error[$NF] = $4 }
        END { exit !(error["mlp"] < error["majority"]) }' \
        result/baselines.csv || fail "not better than majority"
    for step in 1 2 3 4 5 6 7; do
        grep -q "^$step\. " out || fail "no step $step"
    done
    grep -q "^gap     underfitting" out || fail "no gaps"
    grep -q "^next  1 " out || fail "no advice"
    if grep -q "$(printf '\033')" out; then fail "colour outside a terminal"; fi
    # the model that it names answers
    try assay eval -q -m result/model --probs --keep title result/split.csv
    expect_file "eval" result/pred.csv out
    # and the streams say the same as the tools alone
    try assay decompose --goal .02 -m result/model result/pred.csv
    expect_file sources result/sources.csv out
}

@test "labels with commas, in a file whose name has blanks" {
    awk 'BEGIN {
        print "x,words,label"
        for (i = 0; i < 120; i++)
            printf "%d,w%d a b,\"%s\"\n", i % 9, i % 5,
                i % 3 ? "on paper, print" : "say \"\"hi\"\""
    }' >"my data.csv"
    debug --label label --train '--epochs 2 --hidden 8' "my data.csv" "the result"
    expect debug 0
    expect_streams debug "the result"
    grep -q '"p:on paper, print","p:say ""hi"""' "the result/pred.csv" ||
        fail "names of the classes" "$(head -n 1 "the result/pred.csv")"
    expect_text classes 3 "$(wc -l <"the result/classes.csv")"
    expect_files "nothing else" "my data.csv" "the result"
}

@test "data that has a column split is used as it is" {
    mixed 120 | assay split -q --label label --parts train=.5,val=.2,test=.3 \
        >parts.csv
    debug --label label --train '--epochs 2 --hidden 8' parts.csv result
    expect debug 0
    expect_streams debug result
    expect_file split parts.csv result/split.csv
    gzip -k parts.csv
    debug --label label --train '--epochs 2 --hidden 8' parts.csv.gz zipped
    expect gzip 0
    expect_file "gzip: split" parts.csv zipped/split.csv
    expect_file "gzip: pred" result/pred.csv zipped/pred.csv
}

@test "the same bytes when it is run again, in another folder" {
    mixed 120 >mixed.csv
    for folder in one two; do
        debug --label label --exclude b --net linear --seed 5 \
            --train '--epochs 2' mixed.csv $folder
        expect $folder 0
    done
    for stream in $STREAMS; do
        expect_file "$stream" one/$stream two/$stream
    done
    if grep -q '^b,number,feature' one/columns.csv; then fail "--exclude"; fi
}

@test "--help, and wrong usage" {
    debug --help
    expect help 0 ""
    expect_like help "Usage: debug.sh --label COLUMN *" "$(<out)"
    mv out help
    mixed 20 >mixed.csv
    while read -r line; do
        debug $line
        expect "'$line'" 2
        expect_empty "'$line'" out
        expect_file "'$line'" help err
    done <<'EOF'

mixed.csv result
--label label
--label label mixed.csv
--label label mixed.csv result more
EOF
    debug --label
    expect "no value" 2 "debug.sh: --label needs a value"
    debug --nonsense mixed.csv result
    expect nonsense 2 \
        "debug.sh: unknown option '--nonsense' (see debug.sh --help)"
    expect_files "nothing was made" help mixed.csv
}

@test "a step that fails stops it" {
    mixed 60 >mixed.csv
    debug --label nope mixed.csv result
    expect "no label" 1
    expect_like "no label" "assay split: mixed.csv: no column 'nope' *" \
        "$(tail -n 1 err)"
    expect_text "no further step" 1 "$(grep -c '^[0-9]\. ' out)"
    debug --label label --train '--nonsense' mixed.csv result
    [ "$status" -ne 0 ] || fail "--nonsense: exit status 0"
    [ ! -e result/pred.csv ] || fail "--nonsense: it has predictions"
    debug --label label nofile.csv result
    expect "no file" 1
    # whichever tool it is
    mkdir bin
    cat >bin/assay <<EOF
#!/bin/sh
[ "\$1" != "\$BROKEN" ] || { echo "assay \$1: broken" >&2; exit 1; }
exec "$(command -v assay)" "\$@"
EOF
    chmod +x bin/assay
    for tool in split train eval confuse decompose; do
        rm -rf result
        PATH=$PWD/bin:$PATH BROKEN=$tool debug --label label \
            --train '--epochs 1 --hidden 8' mixed.csv result
        [ "$status" -ne 0 ] || fail "$tool: exit status 0"
        grep -q "assay $tool: broken" err || fail "$tool: no message"
        if grep -q "^All streams are in" out; then
            fail "$tool: it says that it is done"
        fi
    done
}

@test "make install: tools, pipelines and pages, and debug.sh works from there" {
    [ "$(cd "$ASSAY_BIN" && pwd -P)" = "$ROOT/.build/bin" ] ||
        skip "not the usual build"
    root=$BATS_TEST_TMPDIR/root
    # what is built is tested, not built: make leaves `all` alone
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$ROOT" -o all \
        install DESTDIR="$root" PREFIX=/usr >out 2>err || fail "$(<err)"
    for name in assay assay-pair assay-split assay-train assay-eval \
        assay-decompose assay-confuse; do
        expect_file $name "$ASSAY_BIN/$name" "$root/usr/bin/$name"
        [ -x "$root/usr/bin/$name" ] || fail "$name cannot be run"
    done
    expect_text tools 11 "$(ls "$root/usr/bin" | wc -l)"
    for page in "$ROOT"/man/*.[15]; do
        section=${page##*.}
        expect_file page "$page" \
            "$root/usr/share/man/man$section/${page##*/}"
    done
    for page in assay.1 assay-pair.1 assay-split.1 assay-train.1 \
        assay-eval.1 assay-decompose.1 assay-confuse.1 assay-csv.5 assay-model.5; do
        [ -s "$root/usr/share/man/man${page##*.}/$page" ] || fail "no $page"
    done
    script=$root/usr/share/assay/pipelines/debug.sh
    [ -x "$script" ] || fail "no debug.sh that can be run"
    mixed 60 >mixed.csv
    PATH=$root/usr/bin:/usr/bin:/bin try "$script" --label label \
        --train '--epochs 1 --hidden 8' mixed.csv result
    expect debug 0
    expect_streams debug result
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$ROOT" uninstall \
        DESTDIR="$root" PREFIX=/usr
    expect_text "after uninstall" "" "$(find "$root" -type f)"
}

@test "a split column behind a byte order mark" {
    { printf '\357\273\277'; mixed 60 | assay split -q --label label |
        awk -F, -v OFS=, '{ print $7, $1, $2, $5 }'; } >bom.csv
    try sh "$BATS_TEST_DIRNAME/../../pipelines/debug.sh" --label label \
        --train '--epochs 1' bom.csv result
    expect debug 0
}
