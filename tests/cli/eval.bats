# assay eval: applying a model; scores and coverage of predictions.
load model_helpers

setup_file() {
    start_file
    mixed 240 >mixed.csv
    assay split -q --label label -o parts.csv mixed.csv
    assay train -q --hidden 8 --epochs 3 -m model --predict --probs \
        --keep words -o trained.csv parts.csv
    export MIXED=$BATS_FILE_TMPDIR/mixed.csv PARTS=$BATS_FILE_TMPDIR/parts.csv
    export MODEL=$BATS_FILE_TMPDIR/model
    export TRAINED=$BATS_FILE_TMPDIR/trained.csv
}

# apply OPTION... FILE: with the model of this file.
apply() {
    try assay eval -m "$MODEL" "$@"
}

# answers N FILE: the first N columns of predictions.
answers() {
    cut -d, -f"1-$1" "$2"
}

# ---- applying a model ----

@test "the predictions are train --predict's, to the byte" {
    apply --probs --keep words "$PARTS"
    expect eval 0 ""
    expect_file eval "$TRAINED" out
    for threads in 2 3 8; do
        OMP_NUM_THREADS=$threads apply --probs --keep words "$PARTS"
        expect_file "$threads threads" "$TRAINED" out
    done
}

@test "models without some inputs, or without any" {
    for net in "majority" "linear --features words" "mlp --features words" \
        "linear --features a,b" "mlp --features color"; do
        try assay train -q --epochs 2 --net $net -m small --predict --probs \
            "$PARTS"
        expect "$net" 0 ""
        expect_text "$net: rows" 241 "$(wc -l <out)"
        mv out trained
        try assay eval -q -m small --probs "$PARTS"
        expect "$net" 0 ""
        expect_file "$net" trained out
    done
}

@test "a row alone is the row in the stream" {
    apply --probs "$PARTS"
    expect_text rows 241 "$(wc -l <out)"
    mv out all
    mapfile -t data <"$PARTS"
    mapfile -t answer <all
    for row in 1 2 3 64 65 66 128 129 200 240; do
        printf '%s\n' "${data[0]}" "${data[row]}" >alone.csv
        apply --probs alone.csv
        expect "row $row" 0
        lines "row $row" "${answer[0]}" "${answer[row]}"
    done
}

@test "--unbuffered: the same bytes" {
    apply --unbuffered --probs --keep words "$PARTS"
    expect eval 0 ""
    expect_file eval "$TRAINED" out
}

@test "--unbuffered: answers while the input is open" {
    mkfifo in
    exec 9<>in
    assay eval -q -m "$MODEL" --unbuffered --probs --keep words in \
        >answers 3>&- 9>&- &
    eval=$!
    sed -n 1,3p "$PARTS" >&9
    until_true has_lines 3 answers
    sed -n 4p "$PARTS" >&9
    until_true has_lines 4 answers
    kill -0 $eval # it was open all the time
    kill $eval
    wait $eval || true
    exec 9>&-
    head -n 4 "$TRAINED" >wanted
    head -n 4 answers | expect_file answers wanted -
}

has_lines() { # N FILE
    [ "$(wc -l <"$2")" -ge "$1" ]
}

@test "columns in another order, and extra ones, change nothing" {
    awk -F, -v OFS=, '{ print $7, NR == 1 ? "more" : "x", $5, $4, $3, $2, $1, $6 }' \
        "$PARTS" >other.csv
    apply --probs --keep words other.csv
    expect eval 0 ""
    expect_file eval "$TRAINED" out
}

@test "a column that is missing" {
    cut -d, -f1,2,4- "$PARTS" >less.csv
    apply less.csv
    expect eval 1 "assay eval: less.csv: no column 'color' (there are: a, b, words, label, id, split)"
    expect_empty eval out
}

# changed N: what is said of training rows that were changed since.
changed() {
    echo "assay eval: warning: $1 of 192 rows called 'train' are not among those the model was trained on: their errors are no training errors"
}

@test "values that training never saw have a place, and are counted" {
    sed '2,3s/,[rgbx],/,ultraviolet,/' "$PARTS" >unseen.csv
    apply --probs unseen.csv
    expect eval 0 "assay eval: column 'color': 2 cells with values that training never saw
$(changed 1)"
    # for the network every unseen value is the same
    sed '2,3s/ultraviolet/infrared/' unseen.csv >other.csv
    mv out kept
    apply --probs other.csv
    expect_file "another unseen value" kept out
    sed '3s/,ultraviolet,/,r,/' unseen.csv >unseen1.csv
    apply unseen1.csv
    expect one 0 "assay eval: column 'color': 1 cell with values that training never saw
$(changed 1)"
}

@test "a cell that is no number: an error, or missing" {
    sed '5s/^[^,]*/ten/;7s/^[^,]*/12 km/' "$PARTS" >bad.csv
    apply bad.csv
    expect error 1 "assay eval: bad.csv:5: column 'a' (field 1): not a number: 'ten' (--bad missing takes it for a missing one)"
    apply --bad missing bad.csv
    expect missing 0 "assay eval: column 'a': 2 cells not a number, taken for missing
$(changed 2)"
    mv out taken
    sed '5s/^[^,]*//;7s/^[^,]*//' "$PARTS" >empty.csv
    apply empty.csv
    expect empty 0 "$(changed 2)"
    expect_file "as if empty" out taken
    apply --bad ignore bad.csv
    expect option 2 "assay eval: --bad: 'ignore' is not error or missing"
}

@test "the rows before a bad one are not lost, and the stream says it failed" {
    { cat "$PARTS"; for i in 1 2 3 4 5; do sed 1d "$PARTS"; done
      echo 'ten,0,r,text,cat,9999,test'; } >bad.csv
    apply --unbuffered bad.csv
    expect eval 1
    expect_failed_stream eval out "$(sed 's/^assay eval:/assay eval failed:/' err)"
    apply -o kept.csv bad.csv
    expect "-o" 1
    [ ! -e kept.csv ] || fail "-o left a file behind"
}

@test "rows without a label, and data without columns label, split, id" {
    sed '2,3s/,[a-z]*,\([0-9]*,[a-z]*\)$/,,\1/' "$PARTS" >unlabelled.csv
    apply unlabelled.csv
    expect rows 0 ""
    answers 6 "$TRAINED" | sed 's/"//g' >wanted
    for row in 2 3; do
        expect_text "row $row" "$(sed -n ${row}p wanted |
            awk -F, -v OFS=, '{ $3 = $6 = ""; print }')" "$(sed -n ${row}p out)"
    done
    cut -d, -f1-4 "$MIXED" >bare.csv
    apply bare.csv
    expect bare 0
    expect_text "ids and splits" "$(seq -f '%g,test,' 240)" \
        "$(sed 1d out | cut -d, -f1-3)"
    expect_text losses "" "$(column_of out loss | sort -u)"
    expect_text preds "$(column_of wanted pred)" "$(column_of out pred)"
}

@test "a label that the model does not know: loss inf" {
    sed '2s/,cow,\|,cat,\|,dog,/,bird,/' "$PARTS" >bird.csv
    apply bird.csv
    expect eval 0 "assay eval: 1 row with labels that the model does not know: loss inf"
    expect_text bird "bird inf" "$(sed -n 2p out | cut -d, -f3,6 | tr , ' ')"
    expect_text others 1 "$(grep -c inf out)"
}

@test "rows it was trained on that are called val or test" {
    sed 's/,train$/,val/' "$PARTS" >leak.csv
    apply leak.csv
    expect leak 0 "assay eval: warning: 192 of 216 rows called 'val' stand among those the model was trained on, or equal one"
    apply "$MIXED"
    expect "no split" 0 "assay eval: warning: 192 of 240 rows called 'test' stand among those the model was trained on, or equal one"
    apply -q leak.csv
    expect quiet 0 ""
}

@test "--on, --keep, --id and --label" {
    apply --on val,test "$PARTS"
    expect "--on" 0 "assay eval: 192 rows of other splits left out"
    expect_text splits "24 test 24 val" \
        "$(column_of out split | sort | uniq -c | xargs)"
    answers 6 "$TRAINED" | grep -E '^(id|[0-9]*,(val|test)),' >wanted
    expect_file "the same rows" wanted out
    apply --id words --keep color,a "$PARTS"
    expect "--id" 0 ""
    expect_text header "id,split,label,pred,prob,loss,color,a" "$(head -n 1 out)"
    awk -F, 'NR > 1 { print $4 "," $3 "," $1 }' "$PARTS" >wanted
    sed 1d out | cut -d, -f1,7,8 | expect_file "id and kept" wanted -
    sed '1s/label/truth/' "$PARTS" >renamed.csv
    apply --label truth --probs --keep words renamed.csv
    expect "--label" 0 ""
    expect_file "--label" "$TRAINED" out
    local there="(there are: a, b, color, words, label, id, split)"
    for option in keep id label; do
        apply --$option nope "$PARTS"
        expect "--$option nope" 1 "assay eval: $PARTS: no column 'nope' $there"
        expect_empty "--$option nope" out
    done
    apply --keep label "$PARTS"
    expect "--keep label" 2 \
        "assay eval: --keep: predictions have a column 'label' of their own"
}

@test "a model that is damaged, cut short, or none at all" {
    size=$(stat -c %s "$MODEL")
    for n in 0 3 8 2000; do
        head -c $n "$MODEL" >short
        try assay eval -m short "$PARTS"
        expect "$n bytes" 1 \
            "assay eval: short: not a model file: it is cut short or of another kind"
        expect_empty "$n bytes" out
    done
    head -c $((size - 1)) "$MODEL" >short
    try assay eval -m short "$PARTS"
    expect "a byte less" 1 \
        "assay eval: short: not a model file: its header and its data disagree"
    { head -c 30 "$MODEL"; printf 'XXXX'; tail -c +35 "$MODEL"; } >damaged
    try assay eval -m damaged "$PARTS"
    expect damaged 1 \
        "assay eval: damaged: not a model file: its header is not JSON"
    try assay eval -m "$PARTS" "$PARTS"
    expect "a table" 1 \
        "assay eval: $PARTS: not a model file: it is cut short or of another kind"
    try assay eval -m nothing "$PARTS"
    expect "no file" 1 \
        "assay eval: nothing: cannot open the model: No such file or directory"
    header='{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    printf '\66\0\0\0\0\0\0\0%s1234' "$header" >other
    try assay eval -m other "$PARTS"
    expect "another safetensors" 1 \
        "assay eval: other: not a model file: its header has no entry 'assay'"
}

# ---- metrics ----

# fixed: the hand-made predictions of the golden table; -ln .8 and so on.
fixed() {
    cat <<'EOF'
id,split,label,pred,prob,loss,p:n,p:y
1,val,y,y,.9,.10536051565782628,.1,.9
2,val,y,y,.6,.5108256237659907,.4,.6
3,val,y,n,.6,.916290731874155,.6,.4
4,val,n,y,.6,.916290731874155,.4,.6
5,val,n,n,.8,.2231435513142097,.8,.2
6,val,n,n,.6,.5108256237659907,.6,.4
7,test,y,y,.9,.10536051565782628,.1,.9
8,test,n,n,.8,.2231435513142097,.8,.2
9,test,n,y,.9,2.3025850929940455,.1,.9
EOF
}

@test "--metrics: the golden table" {
    fixed >pred.csv
    try assay eval --metrics pred.csv
    expect eval 0 ""
    golden eval_metrics.csv out
}

# value METRIC COLUMN: of val.
value() {
    cell out "$2" split=val "metric=$1"
}

@test "--metrics: values computed by hand" {
    fixed >pred.csv
    try assay eval --metrics pred.csv
    near error .3333333 "$(value error value)"
    near accuracy .6666667 "$(value accuracy value)"
    near log_loss .5304561 "$(value log_loss value)"
    # 2 x (.01 + .16 + .36 + .36 + .04 + .16) / 6, both classes counted
    near brier .3633333 "$(value brier value)"
    near macro_f1 .6666667 "$(value macro_f1 value)"
    near balanced_error .3333333 "$(value balanced_error value)"
    # p of y: .9 .6 .4 against .6 .2 .4: pairs 3 + 2.5 + 1.5 of 9
    near auroc .7777778 "$(value auroc value)"
    # bins at .6 (4 rows, half right), .8 and .9: (4 x .1 + .2 + .1) / 6
    near ece .1166667 "$(value ece value)"
    expect_text n 6 "$(value error n)"
    expect_text "class of auroc" y "$(value auroc class)"
}

@test "--metrics: all right or all wrong is not certain" {
    { echo label,pred; yes a,a | head -n 10; yes b,b | head -n 40; } >pred.csv
    try assay eval --metrics -q pred.csv
    # Wilson's of 10/10 and 40/40: .7224672, .9123784; as J: 2 J / (1 + J)
    near recalls "$(echo '1 - (.7224672 + .9123784) / 2' | bc -l)" \
        "$(cell out high metric=balanced_error)"
    near f1 "$(echo '.7224672 / 1.7224672 + .9123784 / 1.9123784' | bc -l)" \
        "$(cell out low metric=macro_f1)"
    expect_text ends "0 1" \
        "$(cell out low metric=balanced_error) $(cell out high metric=macro_f1)"
    sed -i 's/a,a/a,b/; s/b,b/b,a/' pred.csv
    try assay eval --metrics -q pred.csv
    near wrong "$(echo '(.7224672 + .9123784) / 2' | bc -l)" \
        "$(cell out low metric=balanced_error)"
    expect_text ends "1 0" \
        "$(cell out high metric=balanced_error) $(cell out low metric=macro_f1)"
    expect_text method 2 "$(grep -c '"wilson, mean of classes"$' out)"
}

@test "--metrics: rows without a loss or prob are named; brier is at most 2" {
    printf 'label,pred,prob,loss\na,a,.5,1\na,b,,1\nb,b,.5,\n' >pred.csv
    try assay eval --metrics pred.csv
    expect empty 0 "assay eval: no log_loss of 'test': 1 of 3 rows without a loss
assay eval: no ece of 'test': 1 of 3 rows without a prob
assay eval: no p: columns (--probs): no brier, no auroc"
    printf 'label,p:a,p:b\na,.9,.1\na,0,1\n' >pred.csv
    try assay eval --metrics pred.csv
    expect_text brier 2 "$(cell out high metric=brier)"
}

@test "--metrics: Wilson's interval, and ln 2 for p = .5" {
    awk 'BEGIN {
        print "label,pred,prob,p:a,p:b"
        for (i = 0; i < 1000; i++) print (i < 870 ? "a" : "b") ",a,.5,.5,.5"
    }' >pred.csv
    try assay eval --metrics pred.csv
    expect eval 0 ""
    near accuracy .87 "$(cell out value metric=accuracy)"
    near low .847732 "$(cell out low metric=accuracy)"
    near high .889436 "$(cell out high metric=accuracy)"
    near "error's low" .110564 "$(cell out low metric=error)"
    near log_loss .69314718 "$(cell out value metric=log_loss)"
    near brier .5 "$(cell out value metric=brier)"
    near "auroc, all ties" .5 "$(cell out value metric=auroc)"
    expect_text "no split is test" test "$(column_of out split | sort -u)"
    # 0 of 20
    awk 'BEGIN { print "label,pred"; for (i = 0; i < 20; i++) print "a,a" }' \
        >pred.csv
    try assay eval --metrics pred.csv
    near "0 of 20" .161125 "$(cell out high metric=error)"
}

@test "--metrics: several classes: auroc of each against the rest, and a mean" {
    cat >pred.csv <<'EOF'
label,p:a,p:b,p:c
a,.6,.3,.1
a,.4,.5,.1
b,.3,.6,.1
b,.5,.4,.1
c,.1,.2,.7
c,.2,.2,.6
EOF
    try assay eval --metrics pred.csv
    expect eval 0 ""
    # a: .6 .4 against .3 .5 .1 .2: 7 of 8 pairs
    near a .875 "$(cell out value metric=auroc class=a)"
    near b .875 "$(cell out value metric=auroc class=b)"
    near c 1 "$(cell out value metric=auroc class=c)"
    near mean .9166667 "$(cell out value metric=auroc class=)"
    near error .3333333 "$(cell out value metric=error)"
}

@test "--metrics --on: those splits only" {
    fixed >pred.csv
    try assay eval --metrics pred.csv
    sed '/^test,/d' out >wanted
    expect_text rows 9 "$(wc -l <wanted)"
    try assay eval --metrics --on val pred.csv
    expect eval 0 ""
    expect_file eval wanted out
}

@test "predictions made elsewhere: --columns, and what is missing" {
    printf 'y_true,y_pred\na,a\nb,a\nb,b\n' >other.csv
    try assay eval --metrics --columns label=y_true,pred=y_pred other.csv
    expect eval 0 "assay eval: no p: columns (--probs): no brier, no auroc; no prob: no ece
assay eval: no loss column: no log_loss"
    expect_text metrics "error accuracy macro_f1 balanced_error" \
        "$(column_of out metric | xargs)"
    near error .3333333 "$(cell out value metric=error)"
    try assay eval --metrics other.csv
    expect "without --columns" 1 \
        "assay eval: other.csv: no column 'label' (there are: y_true, y_pred)"
    try assay eval --metrics --columns label=y_true other.csv
    expect "without pred" 1 \
        "assay eval: other.csv: no column 'pred' (there are: y_true, y_pred)"
    try assay eval --metrics --columns label=y,pred=y_pred other.csv
    expect "another name" 1 \
        "assay eval: other.csv: no column 'y' (there are: y_true, y_pred)"
    try assay eval --metrics --columns truth=y_true other.csv
    expect "not a name" 2 "assay eval: --columns: 'truth=y_true' is not NAME=COLUMN with NAME one of id, split, label, pred, prob, loss, fold, replica, train_size"
}

@test "predictions that cannot be right" {
    while IFS='|' read -r text message; do
        printf "$text" >pred.csv
        try assay eval --metrics pred.csv
        expect "$text" 1 "assay eval: $message"
        expect_empty "$text" out
    done <<'EOF'
label,pred,p:a,p:b\na,a,.6,.6\n|pred.csv:2: the p: columns sum to 1.2, not 1
label,pred,p:a,p:b\na,a,.6,x\n|pred.csv:2: column 'p:b' (field 4): not a number: 'x'
label,pred,p:a,p:b\na,a,1.5,-.5\n|pred.csv:2: column 'p:a' (field 3): not a probability
label,pred,p:a\nb,b,1\n|pred.csv:2: column 'pred' (field 2): class 'b' has no p: column
label,pred,prob\na,a,.5\na,b,2\n|pred.csv:3: column 'prob' (field 3): not a probability
label,pred\na,a\na,\n|pred.csv:3: column 'pred' (field 2): no prediction
label,pred\n1,1.0\n2,2.0\n|pred.csv: labels and predictions share no value (label '1', prediction '1.0')
label,pred\n|pred.csv: no rows after the header
|pred.csv: empty input: no header row (did what writes it fail?)
EOF
}

@test "--metrics: gates" {
    fixed >pred.csv
    for gate in 'test.error.high<.9' 'val.error<=.34' 'error<.5' \
        'val.auroc.y.low>.2'; do
        try assay eval --metrics -q --gate "$gate" pred.csv
        expect "$gate" 0 ""
    done
    try assay eval --metrics --gate 'val.error<.3' -o kept.csv pred.csv
    expect closed 3 "assay eval: gate 'val.error<.3' is closed: val.error = 0.3333333333333333"
    golden eval_metrics.csv kept.csv
    try assay eval --metrics --gate 'val.nothing<.3' pred.csv
    expect "names nothing" 2
    try assay eval --metrics --gate 'val.error.class<1' pred.csv
    expect "empty" 1
    try assay eval --metrics --gate 'val.error' pred.csv
    expect "no comparison" 2 "assay eval: gate 'val.error': no comparison; write '[ROW.]NAME[.COLUMN] OP NUMBER', OP one of < <= > >= == !="
}

@test "predictions: gates on the errors by split" {
    apply -q --gate 'test.error<=1' "$PARTS"
    expect open 0 ""
    apply -q --gate 'test.error<0' "$PARTS"
    expect closed 3
    expect_like closed "assay eval: gate 'test.error<0' is closed: test*" \
        "$(<err)"
    answers 6 "$TRAINED" >wanted
    expect_file "the rows are there" wanted out
    apply -q --gate 'nope.error<0' "$PARTS"
    expect "no such row" 2
}

# ---- coverage ----

# confident: 1,000 rows, confidence .5 to 1; the 100 least confident are wrong.
confident() {
    awk 'BEGIN {
        print "label,pred,prob"
        for (i = 0; i < 1000; i++)
            print "a," (i < 100 ? "b" : "a") "," .5 + i / 2000
    }'
}

@test "--coverage: from the most confident rows to all" {
    confident >pred.csv
    try assay eval --coverage pred.csv
    expect eval 0 "assay eval: 1000 rows of 'test'"
    expect_text header "threshold,coverage,error,low,high,n" "$(head -n 1 out)"
    awk -F, 'NR == 1 { next }
        # what the threshold leaves: errors only below .55
        {
            n = int((1 - $1) * 2000 + .5)
            error = n > 900 ? (n - 900) / n : 0
            if ($6 != n || ($2 - n / 1000) ^ 2 > 1e-9 ||
                ($3 - error) ^ 2 > 1e-9 || !($4 <= $3 && $3 <= $5) ||
                (NR > 2 && !($1 < before)))
                bad = bad $0 "\n"
            before = $1
        }
        END { printf "%s", bad; exit bad != "" }' out || fail "wrong points"
    tail -n 1 out | awk -F, '{ exit !($2 == 1 && $3 == .1 && $6 == 1000) }' ||
        fail "the last row is not all rows"
    near low .0829 "$(cell out low n=1000)" 1e-4
    # a threshold is a value of prob, as it was written
    sed 1d out | cut -d, -f1 | while read -r threshold; do
        grep -qE ",$threshold\$" <(sed 's/,0*\./,0./' pred.csv) ||
            fail "no row has the prob $threshold"
    done
}

@test "--coverage --goal: the share that can be promised" {
    confident >pred.csv
    try assay eval --coverage --goal .02 pred.csv
    expect eval 0
    expect_text rows 2 "$(wc -l <out)"
    # not more than is right in the rows themselves, and not much less
    awk -F, 'NR == 2 && !($2 >= .89 && $2 <= .918 && $3 <= .02) { exit 1 }' \
        out || fail "not the share" "$(<out)"
    share=$(sed -n 2p out | awk -F, '{ printf "%.1f", 100 * $2 }')
    expect_text notes "assay eval: 1000 rows of 'test'
assay eval: $share % of rows can be decided unattended: their error is at most 0.02 with 95 % confidence
assay eval: without that confidence it is 91.8 % (threshold 0.541), chosen on the rows it is judged by" "$(<err)"
    { head -n 1 pred.csv; tail -n 29 pred.csv; } >few.csv
    try assay eval --coverage --goal .02 few.csv
    expect few 0
    expect_text few ",0,,,,0" "$(sed -n 2p out)"
    expect_text "few: note" "assay eval: no share of these 29 rows can be promised an error of at most 0.02" "$(sed -n 2p err)"
    try assay eval --coverage --goal 2 pred.csv
    expect "a percentage" 2 \
        "assay eval: --goal: '2' is not a number from 0 to 1"
}

@test "--coverage --goal: gates" {
    confident >pred.csv
    try assay eval -q --coverage --goal .02 --gate 'coverage>.5' pred.csv
    expect open 0 ""
    try assay eval -q --coverage --goal .02 --gate 'coverage>.95' pred.csv
    expect closed 3 "assay eval: gate 'coverage>.95' is closed: coverage = $(sed -n 2p out | cut -d, -f2)"
}

@test "--coverage: test's rows, else those that were not trained on" {
    { echo "split,label,pred,prob"
      awk 'BEGIN { for (i = 0; i < 60; i++) print \
          (i < 30 ? "train" : i < 50 ? "val" : "test") ",a,a," .5 + i / 200 }'
    } >pred.csv
    try assay eval --coverage pred.csv
    expect_text test "assay eval: 10 rows of 'test'" "$(<err)"
    grep -v ^test pred.csv >val.csv
    try assay eval --coverage val.csv
    expect_text val "assay eval: 20 rows that are not 'train'" "$(<err)"
    grep -v ^val val.csv >train.csv
    try assay eval --coverage train.csv
    expect_text train "assay eval: 30 rows of 'train': too good to be true" \
        "$(<err)"
    try assay eval --coverage --on val,test pred.csv
    expect "--on" 0
    expect_text "--on" 30 "$(tail -n 1 out | cut -d, -f6)"
    printf 'label,pred\na,a\n' >pred.csv
    try assay eval --coverage pred.csv
    expect "no prob" 1 \
        "assay eval: pred.csv: no row has a label and a probability"
}

@test "exactly one of -m, --metrics and --coverage" {
    fixed >pred.csv
    try assay eval -m "$MODEL" --append "$MODEL"
    expect model 2 "assay eval: --append: '$MODEL' is read too: name another file"
    local one="assay eval: one of -m MODEL, --metrics, --coverage and --compare is needed"

    try assay eval pred.csv
    expect none 2 "$one"
    try assay eval --metrics --coverage pred.csv
    expect two 2 "$one"
    apply --metrics pred.csv
    expect "model and metrics" 2 "$one"
    apply --goal .1 "$PARTS"
    expect "--goal" 2 "assay eval: --goal needs --coverage"
    apply --columns label=y "$PARTS"
    expect "--columns" 2 \
        "assay eval: --columns is for predictions, not for data"
}

@test "options for data are refused where predictions are read" {
    fixed >pred.csv
    local run option
    for run in --metrics --coverage "--compare pred.csv"; do
        for option in --probs "--keep a" "--bad missing" "--bad error" \
            --unbuffered "--sequence id" "--root ."; do
            # shellcheck disable=SC2086 # an option and its value
            try assay eval $run $option pred.csv
            expect "$run $option" 2 \
                "assay eval: ${option%% *} is for data: -m MODEL"
        done
        for option in id label; do
            # shellcheck disable=SC2086 # --compare and a file
            try assay eval $run --$option key pred.csv
            expect "$run --$option" 2 \
                "assay eval: --$option is for data: -m MODEL (else --columns $option=COLUMN)"
        done
    done
    try assay eval --metrics --goal .1 pred.csv
    expect "--goal" 2 "assay eval: --goal needs --coverage"
}

@test "eval --metrics: nothing to score is an error" {
    printf 'label,pred\na,b\nb,b\n' >pred.csv
    try assay eval --metrics --on nope pred.csv
    expect "--on" 1
    printf 'label,pred\n,b\n' >pred.csv
    try assay eval --metrics pred.csv
    expect unlabelled 1
}

@test "gates look at the splits that are written" {
    awk 'BEGIN { print "x,label"; for (i = 0; i < 60; i++) print i % 7 "," i % 2 }' >data.csv
    assay train -q --net majority -m m.bin data.csv >/dev/null
    awk -F, 'NR == 1 { print $0 ",split" } NR > 1 { print $0 "," (NR < 40 ? "train" : NR < 50 ? "test" : "") }' data.csv >parts.csv
    try assay eval -q -m m.bin --gate 'train.error<=1' --gate 'test.n==22' parts.csv
    expect splits 0
}

@test "--coverage says which rows it cannot count" {
    printf 'label,pred,prob\na,a,.9\nb,a,\n,a,.8\n' >pred.csv
    try assay eval --coverage pred.csv
    expect_like left "*2 rows without a label or a probability left out: coverage is of the others" "$(<err)"
}

@test "a loss below 0 is none" {
    printf 'id,label,pred,loss\na,x,x,-3\nb,y,y,.1\n' >loss.csv
    try assay eval --metrics loss.csv
    expect "negative" 1 "assay eval: loss.csv:2: column 'loss' (field 4): not a loss from 0 to inf"
}
