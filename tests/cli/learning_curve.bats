# assay decompose --learning-curve: error by training size, and what follows.
load model_helpers

setup_file() {
    start_file
    sizes >sizes.csv
}

# sizes [A [B [C [SIZES]]]]: predictions of models whose error is A + B n^-C,
# three of each size, on 1000 held-out rows; 2 % of the training rows wrong.
sizes() {
    awk -v a="${1:-.05}" -v b="${2:-2}" -v c="${3:-.5}" \
        -v sizes="${4:-100 200 400 800}" 'BEGIN {
        print "id,split,label,pred,replica,train_size"
        k = split(sizes, size, " ")
        for (s = 1; s <= k; s++)
            for (r = 1; r <= 3; r++) {
                n = size[s]
                for (i = 0; i < 1000; i++)
                    print i "," (i % 2 ? "val" : "test") "," i % 2 "," \
                        ((i * 7919 + r * 31 + s * 17) % 1000 < \
                        1000 * (a + b / n ^ c) ? 1 - i % 2 : i % 2) "," r "," n
                for (i = 0; i < n; i++)
                    print "t" i ",train,1," (i % 50 ? 1 : 0) "," r "," n
            }
    }'
}

# row KIND NAME COLUMN
row() {
    cell out "$3" "kind=$1" "name=$2"
}

@test "the law is found, and the rows that a goal takes" {
    try assay decompose --learning-curve --goal .10 "$BATS_FILE_TMPDIR/sizes.csv"
    expect curve 0 "assay decompose: 12 models of 4 sizes, tested on 1000 rows"
    expect_text header "train_size,error,low,high,fitted,band_low,band_high,kind,name,class,value,n,note" \
        "$(head -n 1 out)"
    expect_text sizes "100 200 400 800 1600 3200" \
        "$(awk -F, '$8 == "size" { print $1 }' out | xargs)"
    near error .25 "$(row size 100 error)" .001
    near fitted .1207 "$(row size 800 fitted)" .002
    expect_text "nothing is measured beyond" ",beyond what was measured" \
        "$(row size 1600 error),$(row size 1600 note)"
    near asymptote .05 "$(row curve asymptote value)" .005
    near exponent .5 "$(row curve exponent value)" .03
    # (2 / .05)^2 = 1600
    near goal 1600 "$(row rows goal value)" 60
    [ "$(row rows goal low)" -lt 1600 ] || fail "low $(row rows goal low)"
    expect_like note "7?? more than the largest size*" "$(row rows goal note)"
    # gap .0307 + 2 n^-.5, less .02 on the training rows: .1007 at 800
    expect_like halve "no answer: beyond 4 times the largest size (3200 rows)" \
        "$(row rows halve_overfitting note)"
    expect_like next '*,next,,,1,,more training data: at this slope 800 rows more take 0.021 off an error of 0.121 (*)*: assay split --fill --label LABEL grown.csv' \
        "$(grep ',next,' out)"
}

@test "refusals: too far, never, too few sizes" {
    cp "$BATS_FILE_TMPDIR/sizes.csv" .
    try assay decompose --learning-curve --goal .08 sizes.csv
    expect_text beyond ",inf,no answer: beyond 4 times the largest size (3200 rows)" \
        "$(row rows goal value),$(row rows goal high),$(row rows goal note)"
    [ "$(row rows goal low)" -gt 800 ] || fail "at least $(row rows goal low)"
    try assay decompose --learning-curve --goal .04 sizes.csv
    expect_text never ",3200,no answer: the curve levels off above the goal" \
        "$(row rows goal value),$(row rows goal low),$(row rows goal note)"
    expect_like next "*more data of this kind is not the way: the curve levels off above the goal*: assay decompose pred.csv*" \
        "$(grep ',next,,,1,' out)"
    try assay decompose --learning-curve --goal .3 sizes.csv
    expect_text reached "100,the smallest size is enough" \
        "$(row rows goal value),$(row rows goal note)"
    expect_like enough "*more training data is not needed: with 800 rows the error of 0.12* (*) is below the goal of 0.3; use the model, or set a harder goal: assay eval --coverage pred.csv*" \
        "$(grep ',next,' out)"
    # no row is wrong: no curve, and no need of one
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
        NR > 1 { $c["pred"] = $c["label"] } 1' sizes.csv >right.csv
    try assay decompose --learning-curve --goal .05 right.csv
    expect_like right "*more training data is not needed: with 800 rows the error of 0 (0 - 0.00*) is below the goal of 0.05; *" \
        "$(grep ',next,' out)"
    sizes .05 2 .5 "100 800" >two.csv
    try assay decompose --learning-curve --goal .1 two.csv
    expect two 0 "assay decompose: 6 models of 2 sizes, tested on 1000 rows"
    expect_text two ",no answer: fewer than 3 training sizes" \
        "$(row rows goal value),$(row rows goal note)"
    expect_text "no law" "" "$(row size 100 fitted)$(grep ,curve, out)"
    expect_like next '*: assay train --label LABEL --train-sizes 20%,40%,60%,80%,100% --replicas 3 --predict data.csv | assay decompose --learning-curve"' \
        "$(grep ',next,' out)"
}

@test "an error that does not fall" {
    sizes .2 0 >flat.csv
    try assay decompose --learning-curve --goal .1 flat.csv
    expect flat 0
    expect_like next "*,next,,,1,,*more data of this kind is not the way*" \
        "$(grep ',next,' out)"
    [[ "$(row rows goal value)" == "" ]] || fail "an answer"
}

@test "the same bytes at any order of rows, and by any seed its own" {
    cp "$BATS_FILE_TMPDIR/sizes.csv" .
    (head -n 1 sizes.csv && tail -n +2 sizes.csv | sort -r -t, -k1,1) >mixed.csv
    try assay decompose -q --learning-curve sizes.csv
    mv out first
    try assay decompose -q --learning-curve mixed.csv
    expect_text "fit" "$(grep ',curve,' first | cut -d, -f11)" \
        "$(grep ',curve,' out | cut -d, -f11)"
    try assay decompose -q -j 3 --learning-curve sizes.csv
    expect_file threads first out
    try assay decompose -q --seed 2 --learning-curve sizes.csv
    expect_other seed first out
}

@test "--on, folds, and rows that not all models have" {
    cp "$BATS_FILE_TMPDIR/sizes.csv" .
    try assay decompose --learning-curve --on val sizes.csv
    expect on 0 "assay decompose: 12 models of 4 sizes, tested on 500 rows"
    try assay decompose --learning-curve --on vla sizes.csv
    expect vla 1 "assay decompose: sizes.csv: --on: no row has the split 'vla' (there are: test, val, train)"
    try assay decompose --learning-curve --on train sizes.csv
    expect train 2 "assay decompose: --on: rows of 'train' do not show how a model does on others"
    sed '/^7,.*,3,800$/d' sizes.csv >hole.csv
    try assay decompose --learning-curve hole.csv
    expect hole 0 "assay decompose: 12 models of 4 sizes, tested on 999 rows
assay decompose: 1 row left out: not predicted by every model"
    # folds share out rows: their sizes differ by one
    awk -F, -v OFS=, 'NR == 1 { print $0, "fold"; next }
        $2 != "train" { f = $1 % 2; print $1, $2, $3, $4, $5, $6 + f, f }' \
        sizes.csv >folds.csv
    try assay decompose --learning-curve folds.csv
    expect folds 0 "assay decompose: 12 models of 4 sizes, tested on 1000 rows"
    try assay decompose folds.csv
    expect_text "both folds make the gaps" "1500 1500" \
        "$(cell out n kind=error name=val) $(cell out n kind=error name=test)"
}

@test "one model of each size; no training rows" {
    grep -v -e ',[23],[0-9]*$' -e ,train, "$BATS_FILE_TMPDIR/sizes.csv" |
        cut -d, -f1-4,6 >one.csv
    try assay decompose --learning-curve one.csv
    expect one 0 "assay decompose: 4 models of 4 sizes, tested on 1000 rows
assay decompose: warning: one model of each size: intervals leave out how much models differ (--replicas 3)"
    expect_text "no gap" "" "$(grep halve out || true)"
}

@test "what is refused" {
    while IFS='|' read -r text message; do
        printf "$text" >t.csv
        try assay decompose --learning-curve t.csv
        expect "$text" 1 "assay decompose: t.csv$message"
        expect_empty "$text" out
    done <<'EOF'
id,label,pred\n1,a,a\n|: no column 'train_size' (there are: id, label, pred)
label,pred,train_size\na,a,10\n|: no column 'id' (there are: label, pred, train_size)
id,label,pred,train_size\n1,a,a,10\n2,a,a,\n|:3: column 'train_size' (field 4): no training size
id,label,pred,train_size\n1,a,a,10\n2,a,a,x\n|:3: column 'train_size' (field 4): not a number: 'x'
id,label,pred,train_size\n1,a,a,10\n1,a,b,10\n|:3: column 'id' (field 1): predicted twice by one model: '1'
EOF
    printf 'id,split,label,pred,train_size\n1,train,a,a,9\n' >t.csv
    try assay decompose --learning-curve t.csv
    expect train 1 "assay decompose: no held-out row that has a label and a training size"
    printf 'id,label,pred,train_size\n1,a,a,9\n2,a,a,5\n' >t.csv
    try assay decompose --learning-curve t.csv
    expect disjoint 1 "assay decompose: no row was predicted by all 2 models"
    try assay decompose --learning-curve --by-row t.csv
    expect two 2 "assay decompose: --by-row and --learning-curve are one table each: ask for one"
    for option in "--metric brier" "--tuned 3" "--by-class" "--group id" "--annotator label"; do
        # shellcheck disable=SC2086 # an option and its value
        try assay decompose --learning-curve $option t.csv
        expect "$option" 2 "assay decompose: ${option%% *} does not go with --learning-curve"
    done
}

@test "train makes the stream, and a gate closes on it" {
    small_books 120 | assay split -q --label genre >data.csv
    assay train -q --label genre --features title --net linear --epochs 3 \
        --train-sizes 30%,60%,100% --replicas 2 --predict data.csv >pred.csv
    try assay decompose --learning-curve --goal .1 \
        --gate 'size.96.error<=1' pred.csv
    expect train 0 "assay decompose: 6 models of 3 sizes, tested on 24 rows"
    expect_text "all right" ",no answer: fewer than 5 held-out rows are wrong" \
        "$(row rows goal value),$(row rows goal note)"
    expect_like next "*too few held-out rows are wrong for a curve: test on more: assay split --replace*" \
        "$(grep ',next,' out)"
    try assay decompose -q --learning-curve --goal .1 --gate 'rows.goal<2000' \
        "$BATS_FILE_TMPDIR/sizes.csv"
    expect open 0
    try assay decompose -q --learning-curve --goal .1 --gate 'rows.goal<1000' \
        "$BATS_FILE_TMPDIR/sizes.csv"
    expect closed 3
    try assay decompose -q --learning-curve --goal .04 \
        --gate 'rows.goal<1000' "$BATS_FILE_TMPDIR/sizes.csv"
    expect "no answer" 1 "assay decompose: gate 'rows.goal<1000' cannot be computed: 'rows.goal' is empty"
}

@test "--view: a plot in 80 columns, in 40, and in ASCII" {
    cp "$BATS_FILE_TMPDIR/sizes.csv" .
    export NO_COLOR=1
    for columns in 80 40 20; do
        COLUMNS=$columns LC_ALL=C.UTF-8 try assay decompose -q \
            --learning-curve --goal .1 --view sizes.csv
        expect $columns 0 ""
        grep -v '^ *assay \|^  *--\|grown.csv' out >drawn
        if LC_ALL=C.UTF-8 grep -E "^.{$((columns + 1))}" drawn; then
            fail "wider than $columns"
        fi
        [ $columns -ne 80 ] || golden learning_view.txt out
    done
    COLUMNS=80 LC_ALL=C try assay decompose -q --learning-curve --goal .1 \
        --view sizes.csv
    if LC_ALL=C grep -q '[^ -~]' out; then fail "not ASCII"; fi
    golden learning_ascii.txt out
}
