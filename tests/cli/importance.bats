# assay eval --importance: what the metric loses without each feature.
load model_helpers

setup_file() {
    start_file
    mixed 240 >mixed.csv
    assay split -q --label label -o parts.csv mixed.csv
    assay train -q --hidden 8 --epochs 6 -m model -o curve parts.csv
    export PARTS=$BATS_FILE_TMPDIR/parts.csv MODEL=$BATS_FILE_TMPDIR/model
}

# importance OPTION... FILE: with the model of this file.
importance() {
    try assay eval --importance -m "$MODEL" "$@"
}

# two FILE: its header and the first two rows, which are val and test.
two() {
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "split") at = i }
        NR == 2 { $at = "val" } NR == 3 { $at = "test" } NR < 4' "$1"
}

# swapped FILE NAME: with the two cells of a column exchanged.
swapped() {
    awk -F, -v OFS=, -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; print; next }
        { row[NR] = $0; cell[NR] = $at }
        END { for (r = 2; r <= 3; r++) { $0 = row[r]; $at = cell[5 - r]; print } }' "$1"
}

# scored MODEL FILE: metrics of both rows together, by way of predictions.
scored() {
    assay eval -q -m "$1" --probs "$2" | sed 's/,val,/,test,/' |
        assay eval -q --metrics
}

# Two rows have one permutation: the drop is that of the exchanged file.
as_exchanged() { # MODEL FILE NAME...
    local model=$1 metric name metrics="error log_loss brier macro_f1 balanced_error"
    two "$2" >two.csv
    shift 2
    scored "$model" two.csv >before
    for metric in $metrics; do
        assay eval -q --importance --metric $metric --repeats 2 -m "$model" two.csv >drops.$metric
    done
    for name; do
        swapped two.csv "$name" >swapped.csv
        expect_other "$name" two.csv swapped.csv
        scored "$model" swapped.csv >after
        for metric in $metrics; do
            awk -v a="$(cell after value split=test "metric=$metric")" \
                -v b="$(cell before value split=test "metric=$metric")" -v metric=$metric \
                'BEGIN { printf "%.9f", metric == "macro_f1" ? b - a : a - b }' >wanted
            near "$name $metric" "$(<wanted)" \
                "$(cell drops.$metric drop "feature=$name")" 2e-6
        done
    done
}

@test "two rows: what eval says of the file with the cells exchanged" {
    as_exchanged "$MODEL" "$PARTS" a b color words
}

@test "two rows: texts as tokens, and a model of one feature" {
    assay train -q --net lstm --hidden 4 --epochs 2 --features words,color \
        --type color=text -m tokens -o curve "$PARTS"
    as_exchanged tokens "$PARTS" color words
    assay train -q --net linear --epochs 2 --features words -m one -o curve "$PARTS"
    as_exchanged one "$PARTS" words
}

@test "two rows: pixels, and files of images" {
    bars 60 255 60 parts >bars.csv
    assay train -q --net linear --shape 8x8x1 --epochs 2 -m pixels -o curve bars.csv
    as_exchanged pixels bars.csv p9 p18
    sed -n '1p;/val$/p' bars.csv >few.csv
    try assay eval --importance -q -m pixels few.csv
    expect pixels 0 ""
    expect_text rows 65 "$(wc -l <out)"
    awk -v OFS=, -v dir="$DATA/images" 'BEGIN { print "path,label,split"
        for (i = 0; i < 12; i++) print dir (i % 2 ? "/grey.jpg" : "/colour8.png"),
            i % 2, i < 2 ? "test" : "train" }' >files.csv
    assay train -q --net linear --shape 8x8x1 --epochs 2 -m files -o curve files.csv
    as_exchanged files files.csv path
}

@test "a feature that the model ignores drops nothing, to the last bit" {
    awk -F, -v OFS=, 'NR == 1 { print "still", $0; next }
        { print ($NF == "train" ? 7 : NR), $0 }' "$PARTS" >still.csv
    assay train -q --features still,a,color --type still=number --epochs 3 \
        -m still -o curve still.csv
    for metric in error log_loss macro_f1; do
        try assay eval -q --importance --metric $metric -m still still.csv
        expect $metric 0 ""
        expect_text $metric "still,$metric,0,0,0" "$(grep ^still out)"
    done
}

@test "the largest drop first; what is not needed is named" {
    importance --metric log_loss "$PARTS"
    expect eval 0
    expect_text header "feature,metric,drop,low,high" "$(head -n 1 out)"
    expect_text features "a b color words" "$(column_of out feature | sort | xargs)"
    sed 1d out | cut -d, -f3 >drops
    sort -gr drops | expect_file order drops -
    awk -F, 'NR > 1 && !($4 <= $3 && $3 <= $5) { exit 1 }' out ||
        fail "not in its interval" "$(<out)"
    needless=$(awk -F, 'NR > 1 && $4 <= 0 { printf "%s%s", n++ ? "," : "", $1 }' out)
    [ -n "$needless" ] || fail "none is needless" "$(<out)"
    expect_like notes "assay eval: 192 training rows left out (--on train)
assay eval: log_loss 0.* on 48 rows" "$(head -n 2 err)"
    expect_like needless "assay eval: * of 4 features show no drop beyond noise (or stand in for each other)
assay eval: to see: assay train --exclude $needless ..." "$(sed -n 3,4p err)"
    # before: the metric as eval has it
    assay eval -q -m "$MODEL" --probs --on val,test "$PARTS" | sed 's/,val,/,test,/' |
        assay eval -q --metrics >metrics
    near before "$(cell metrics value metric=log_loss)" \
        "$(sed -n 's/.*log_loss \(.*\) on.*/\1/p' err)" 1e-3
}

@test "names in the advice are words of the shell and cells of a list" {
    awk -F, -v OFS=, 'NR == 1 { print "\"x, it'\''s\"", "y z", $0; next }
        { print NR * 7 % 11 / 11, NR * 5 % 13, $0 }' "$PARTS" >odd.csv
    assay train -q --net linear --epochs 1 -m odd -o curve odd.csv
    try assay eval --importance --metric macro_f1 -m odd odd.csv
    expect eval 0
    expect_like quoted "*assay train --exclude '*\"x, it'\\\\''s\"*' ..." "$(tail -n 1 err)"
}

@test "few rows: no end that cannot be, and a feature is left" {
    awk 'NR == 1 || /test$/ && n++ < 2' "$PARTS" >two.csv
    expect_text rows 3 "$(wc -l <two.csv)"
    for metric in error macro_f1 brier; do
        importance --metric $metric two.csv
        expect $metric 0
        awk -F, -v most=$([ $metric = brier ] && echo 2 || echo 1) \
            'NR > 1 && !(-most <= $4 && $4 <= $3 && $3 <= $5 && $5 <= most) \
            { exit 1 }' out || fail "$metric" "$(<out)"
    done
    importance two.csv
    expect_like all "*assay eval: 4 of 4 features show no drop beyond noise (or stand in for each other)
assay eval: to see: assay train --exclude $(sed 1,2d out | cut -d, -f1 | paste -sd,) ..." "$(<err)"
}

@test "the same bytes with any number of threads; another seed, others" {
    importance -q "$PARTS"
    mv out one
    for threads in 2 3 8; do
        importance -q -j $threads "$PARTS"
        expect_file "$threads threads" one out
    done
    importance -q --seed 2 "$PARTS"
    expect_other seed one out
    importance -q --repeats 11 "$PARTS"
    expect_other repeats one out
    importance -q --repeats 10 --metric error "$PARTS"
    expect_file defaults one out
}

@test "which rows: --on, without a label, with one that is unknown" {
    importance --on test "$PARTS"
    expect "--on" 0
    expect_like "--on" "assay eval: 216 rows of other splits left out
assay eval: error * on 24 rows*" "$(<err)"
    awk -F, -v OFS=, '$NF == "test" { n++; if (n < 3) $(NF - 2) = n < 2 ? "" : "bird" }
        1' "$PARTS" >odd.csv
    importance --on test odd.csv
    expect odd 0
    expect_like odd "assay eval: 216 rows of other splits left out
assay eval: 1 row without a label left out
assay eval: 1 row with labels that the model does not know left out
assay eval: error * on 22 rows*" "$(<err)"
    importance --on train "$PARTS"
    expect train 0
}

@test "gates, and the drawn table" {
    importance -q --gate 'words.drop>0' --gate 'words.low>0' "$PARTS"
    expect open 0 ""
    importance -q --gate 'words.high<=0' "$PARTS"
    expect closed 3
    importance -q --view "$PARTS"
    expect view 0 ""
    expect_like header "feature *metric *drop *low *high*" "$(head -n 1 out)"
    expect_like percent "words *error *%*" "$(sed -n 2p out)"
    importance -q --view --metric log_loss "$PARTS"
    expect_like plain "words *log_loss *0.*" "$(grep ^words out)"
}

@test "a table of long rows" {
    awk 'BEGIN { print "series,step,x,y,label,split"
        for (s = 0; s < 40; s++) for (t = 0; t < 3; t++)
            printf "s%d,%d,%d,%d,%s,%s\n", s, t, s * (t + 1) % 7 + 5 * (s % 2), s % 5,
                s % 2 ? "up" : "down", s % 4 ? "train" : "test" }' >long.csv
    assay train -q --net lstm --hidden 4 --epochs 2 --sequence series --exclude step \
        -m long -o curve long.csv
    try assay eval --importance --sequence series -m long long.csv
    expect eval 0
    expect_text rows "sequence" "$(column_of out feature | xargs)"
}

@test "what cannot be done" {
    importance "$MODEL"
    expect "not a table" 1
    try assay eval --importance --metrics "$PARTS"
    expect "no model" 2 "assay eval: --importance needs a model: -m MODEL"
    try assay eval --metrics --metric error "$PARTS"
    expect metric 2 "assay eval: --metric needs --compare or --importance"
    try assay eval --metrics --repeats 3 "$PARTS"
    expect repeats 2 "assay eval: --repeats needs --importance"
    importance --metric accuracy "$PARTS"
    expect accuracy 2 "assay eval: --metric: 'accuracy' is not error, log_loss, brier, macro_f1 or balanced_error"
    importance --repeats 0 "$PARTS"
    expect none 2
    importance --probs "$PARTS"
    expect probs 2 "assay eval: --probs: importance is no table of predictions"
    importance --keep a "$PARTS"
    expect keep 2 "assay eval: --keep: importance is no table of predictions"
    importance --id a "$PARTS"
    expect id 2 "assay eval: --id: importance names no rows"
    importance --unbuffered "$PARTS"
    expect unbuffered 2 "assay eval: --unbuffered: importance needs all rows"
    sed 's/,val$/,train/;s/,test$/,train/' "$PARTS" >train.csv
    importance train.csv
    expect "no held-out row" 1 "assay eval: train.csv: all rows are training rows (--on train takes them)"
    importance --on nope "$PARTS"
    expect "no such split" 1 "assay eval: --on: no row has the split 'nope'"
    sed '1s/label/truth/' "$PARTS" >truth.csv
    importance truth.csv
    expect "no labels" 1 "assay eval: truth.csv: no column 'label': the labels are needed (--label names another)"
    importance -q --label truth truth.csv
    expect "--label" 0 ""
    sed '2,$s/,[a-z]*,\([0-9]*,[a-z]*\)$/,,\1/' "$PARTS" >empty.csv
    importance empty.csv
    expect "empty labels" 1 "assay eval: empty.csv: no row has a label that the model knows"
    { head -n 1 "$PARTS"; grep 'test$' "$PARTS" | head -n 1; } >one.csv
    importance one.csv
    expect "one row" 1 "assay eval: one.csv: one row only: there is nothing to permute"
    assay train -q --net majority -m most -o curve "$PARTS"
    try assay eval --importance -m most "$PARTS"
    expect majority 1 "assay eval: the model reads no features"
    sed '5s/^[^,]*/ten/;5s/train$/test/' "$PARTS" >bad.csv
    importance bad.csv
    expect "bad cell" 1 "assay eval: bad.csv:5: column 'a' (field 1): not a number: 'ten' (--bad missing takes it for a missing one)"
    importance -q --bad missing bad.csv
    expect "--bad missing" 0 ""
}
