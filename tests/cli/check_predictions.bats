# assay check --predictions: anybody's labels and predictions.
load helpers

# status CHECK [SUBJECT]: of its first finding in out
finding() {
    awk -F, -v check="$1" -v subject="$2" \
        '$1 == check && (subject == "" || $2 == subject) { print $3; exit }' out
}

# table LABEL PRED: 300 rows by two formulas of i in awk; 9 in 10 right: r
table() {
    awk "BEGIN {
        srand(1)
        print \"id,split,label,pred\"
        for (i = 0; i < 300; i++) {
            l[i] = int(4 * rand())
            r[i] = i % 10 ? l[i] : (l[i] + 1 + i % 3) % 4
        }
        for (i = 0; i < 300; i++)
            printf \"%d,%s,%s,%s\n\", i, i < 200 ? \"train\" : \"test\", $1, $2
    }"
}

# by CHECK STATUS ADVICE: of table.csv
by() {
    try assay check -q --predictions table.csv
    expect "$1" 0 ""
    expect_text "$1" "$2" "$(finding "$1")"
    grep -q "^$1,.*$3" out || fail "$1" "$(<out)"
}

@test "predictions: ours are clean" {
    assay synth blobs --rows 600 --classes 3 | assay split -q |
        assay train -q --net linear --learning-rate .05 --predict --probs >pred.csv
    try assay check --strict --predictions pred.csv
    expect ours 0 "assay check: 0 failed, 0 warned, 0 undecided, 19 ok"
    cut -d, -f1,3 out | sed 1d | sort -u >some
    printf '%s,ok\n' alignment calibration certain class_order collapse columns \
        constant floor ids labels largest names never parts probabilities \
        softmax >wanted
    expect_file ours wanted some
    assay check -q --predictions - <pred.csv >again
    expect_file "standard input" out again
}

@test "predictions: order and names" {
    table 'l[i]' 'r[(i + 297) % 300]' >table.csv
    by alignment fail "a row stands 3 rows below it: move the predictions up"
    table 'l[i]' 'r[(i + 1) % 300]' >table.csv
    by alignment fail "a row stands 1 row above it: move the predictions down"
    table 'l[i]' 'r[299 - i]' >table.csv
    by alignment fail "reverse order"
    table 'l[i]' 'r[i < 200 ? i : 200 + (i + 3) % 100]' >table.csv
    by alignment fail "3 rows above it"
    expect_text part fail "$(finding alignment test)"
    table 'l[i]' '(r[i] + 1) % 4' >table.csv
    by class_order fail "predicted '1' is label '0', "
    expect_text "nothing of what follows" "" "$(finding floor)"
    table 'l[i]' '1 + r[i] ".0"' >table.csv
    by names fail "spelled in two ways"
    table 'l[i]' '"class " r[i]' >table.csv
    by names fail "share no value"
    table 'l[i]' 'r[i * 7 % 300]' >table.csv
    by floor fail "tell nothing of the labels"
}

@test "predictions: classes, rows, parts" {
    table 'l[i]' 2 >table.csv
    by collapse fail "all rows are predicted as '2'"
    table 'l[i]' 'r[i] == 3 ? 1 : r[i]' >table.csv
    by never warn "never predicted"
    grep -q '^never,3,warn' out
    table 'l[i]' 'i < 200 ? l[i] : (l[i] + i % 2) % 4' >table.csv
    by parts warn "assay decompose"
    table 'l[i]' '200 < i ? l[i] : (l[i] + (i % 4 == 0)) % 4' >table.csv
    by parts warn "far better than train"
    { table 'l[i]' 'r[i]'; table 'l[i]' 'r[i]' | sed -n '2,40p'; } >table.csv
    by ids warn "rows that are there twice"
    { table 'l[i]' 'r[i]'; table 'l[i]' 'r[i]' | sed -n '2,40s/train/test/p'; } >table.csv
    by ids fail "the same rows stand in several parts"
    table 'i % 9 ? l[i] : ""' 'i % 8 ? r[i] : ""' >table.csv
    by labels warn "left out"
    by predicted warn "was a batch forgotten"
}

@test "predictions: probabilities" {
    local probs='
        BEGIN { FS = OFS = "," }
        NR == 1 { print $0, "p:0,p:1,p:2,p:3"; next }
        { line = $0
          for (k = 0; k < 4; k++) {
              p = $4 == k ? .91 : .03
              line = line "," (FORM)
          }
          print line }'
    while IFS='|' read -r form check wanted advice; do
        table 'l[i]' 'r[i]' | awk "${probs/FORM/$form}" >table.csv
        by "$check" "$wanted" "$advice"
    done <<'END'
p|calibration|ok|
100 * p|probabilities|fail|divide by 100
log(p)|probabilities|fail|logits
k == 2 \&\& NR == 9 ? "" : p|probabilities|fail|1 row has a p: that is empty
.25|constant|fail|does not depend on the input
$4 == k ? .97 : .01|calibration|ok|
$4 == k ? .997 : .001|certain|warn|certain and wrong
$4 == k ? .46 : .18|softmax|fail|softmax was taken twice
$4 == (k + 1) % 4 ? .91 : .03|largest|fail|another order than their names
$3 == k ? .91 : .03|largest|fail|columns are swapped
END
    table 'l[i]' 'r[i]' | sed '1s/$/,prob/; 2,$s/$/,.75/' >table.csv
    by calibration ok ""
    table 'l[i]' '(l[i] + i % 2) % 4' | sed '1s/$/,prob/; 2,$s/$/,.95/' >table.csv
    by calibration fail "too sure"
}

@test "predictions: names, models, what is refused" {
    table 'l[i]' 'r[i]' | sed '1s/label,pred/truth,guess/' >odd.csv
    try assay check -q --predictions odd.csv
    expect "no label" 1 "assay check: odd.csv: no column 'label' (there are: id, split, truth, guess)"
    try assay check -q --predictions odd.csv --rename label=truth,pred=guess
    expect renamed 0 ""
    try assay check --predictions odd.csv --rename lable=truth
    expect "no name" 2 "assay check: --rename: 'lable=truth' is not NAME=COLUMN with NAME one of id, split, label, pred, prob, loss, fold, replica, train_size"
    { echo label,pred,replica; for i in $(seq 60); do
        echo "$((i % 2)),$((i % 2)),$((i % 3))"; done; } >models.csv
    try assay check --predictions models.csv
    expect models 0 "assay check: several models: the first one's 20 rows are looked at, 40 left out
assay check: 0 failed, 0 warned, 0 undecided, 6 ok"
    { echo split,label,pred,prob,replica; for i in $(seq 60); do
        echo "train,$((i % 2)),$((i % 2)),.9,1"; done
        for part in val test other; do echo "$part,0,0,.9,2"; done; } >parts.csv
    try assay check -q --predictions parts.csv
    expect "parts of models that are left out" 0 ""
    expect_text "one part" ok "$(finding calibration)"
    printf 'label,pred,p:a\na,a,x\n' >bad.csv
    try assay check --predictions bad.csv
    expect "no number" 1 "assay check: bad.csv:2: column 'p:a' (field 3): not a number: 'x'"
    printf 'label,pred\n,a\n,b\n' >none.csv
    try assay check -q --predictions none.csv
    expect unlabelled 0 ""
    expect_text unlabelled undecided "$(finding labels)"
}
