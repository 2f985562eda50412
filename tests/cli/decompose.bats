# assay decompose: gaps, their noise, and what to try next.
load model_helpers

# lecture: the table of the lecture; with N, its rows.
lecture() {
    if [ $# -eq 0 ]; then
        printf '%s\n' split,error train,.20 val,.27 test,.28
    else
        printf '%s\n' split,error,n train,.20,10000 val,.27,1000 test,.28,1000
    fi
}

# table SPLIT,ERROR,N...
table() {
    printf '%s\n' split,error,n "$@" >table.csv
}

# gap NAME [COLUMN]
gap() {
    cell out "${2:-value}" kind=gap "name=$1"
}

# advice: rank and what to try, without the command.
advice() {
    sed -n 's/^next,[a-z_]*,,\([0-9]*\),,,,"*\([^:"(]*[^:"( ]\) *[:(].*/\1 \2/p' out
}

@test "the lecture's example: .19, .07 and .01, exactly" {
    lecture >table.csv
    try assay decompose --goal .01 table.csv
    expect decompose 0 ""
    expect_text header "kind,name,class,value,low,high,n,note" \
        "$(head -n 1 out)"
    expect_text errors "error,goal,,0.01,,,,
error,train,,0.2,,,,number of rows not known
error,val,,0.27,,,,number of rows not known
error,test,,0.28,,,,number of rows not known" "$(grep ^error, out)"
    expect_text gaps "gap,underfitting,,0.19,,,,largest; noise not known
gap,overfitting,,0.07,,,,noise not known
gap,val_overfitting,,0.01,,,,noise not known" "$(grep ^gap, out)"
    near "they add up" .28 \
        "$(awk -F, '/^gap/ { s += $4 } END { print s + .01 }' out)"
}

@test "with numbers of rows every value has an interval" {
    lecture n >table.csv
    try assay decompose --goal .01 table.csv
    expect decompose 0 ""
    golden decompose_lecture.csv out
    # Wilson of 2000/10000 less the goal; Newcombe 10 of 270 and 2000
    near "underfitting low" .1822760 "$(gap underfitting low)"
    near "underfitting high" .1979544 "$(gap underfitting high)"
    near "overfitting low" .0422384 "$(gap overfitting low)"
    near "overfitting high" .0993910 "$(gap overfitting high)"
}

@test "without --goal it is 0, and marked as assumed" {
    lecture >table.csv
    try assay decompose table.csv
    expect_text goal "error,goal,,0,,,,assumed" "$(sed -n 2p out)"
    near underfitting .2 "$(gap underfitting)"
}

@test "four sets: shift has a gap of its own" {
    table train,.02,10000 trainval,.05,1000 testval,.20,1000 test,.21,1000
    try assay decompose --goal .01 table.csv
    expect decompose 0 ""
    golden decompose_four.csv out
    expect_text order "underfitting overfitting shift val_overfitting" \
        "$(awk -F, '/^gap/ { print $2 }' out | xargs)"
    near shift .15 "$(gap shift)"
    expect_text largest shift "$(grep 'largest beyond' out | cut -d, -f2)"
}

@test "no val: overfitting goes from train to test" {
    table train,.02,10000 test,.21,1000
    try assay decompose --goal .01 table.csv
    expect decompose 0 ""
    expect_text gaps "underfitting overfitting" \
        "$(awk -F, '/^gap/ { print $2 }' out | xargs)"
    near overfitting .19 "$(gap overfitting)"
}

@test "no train: says that the gaps cannot be told apart" {
    table val,.20,1000 test,.21,1000
    try assay decompose table.csv
    expect decompose 0 ""
    expect_text gaps val_overfitting \
        "$(awk -F, '/^gap/ { print $2 }' out | xargs)"
    expect_like next "next,*,,1,,,,*no rows of split 'train'*assay *" \
        "$(grep ^next, out)"
}

@test "the goal is reached" {
    table train,.02,1000 val,.02,1000 test,.02,1000
    try assay decompose --goal .05 table.csv
    expect decompose 0 ""
    expect_text note "the goal is reached" "$(gap underfitting note)"
    expect_like next 'next,*,,1,,,,*the goal is reached*assay *' \
        "$(grep ^next, out)"
}

@test "nothing beyond noise: says how many rows it would take" {
    table train,.02,100 val,.04,100 test,.05,100
    try assay decompose --goal .02 table.csv
    expect decompose 0 ""
    expect_text notes "within noise,within noise" \
        "$(gap overfitting note),$(gap val_overfitting note)"
    # Fleiss: two proportions .02 and .04, power .8, two-sided .05
    expect_like next "next,*,,1,,,,*beyond noise*0.02*1141 rows*assay *" \
        "$(grep ^next, out)"
    # one proportion, .04 against .02: of the training rows alone
    table train,.04,50 val,.04,50 test,.04,50
    try assay decompose --goal .02 table.csv
    expect_text underfitting "next,,,1,,,,no gap is beyond noise: to tell whether underfitting of 0.02 is real takes about 483 training rows: assay split --fill --label LABEL grown.csv" \
        "$(grep ^next, out)"
}

@test "a gap below 0 beyond noise is questioned" {
    table train,.20,1000 val,.10,1000 test,.10,1000
    try assay decompose --goal .01 table.csv
    expect_text note "below 0 beyond noise: are the rows comparable?" \
        "$(gap overfitting note)"
}

# One row per step of the lecture that this version has a command for.
@test "the advice for each largest gap, in the lecture's order" {
    table train,.2,10000 val,.21,1000 test,.21,1000
    try assay decompose table.csv
    expect_text underfitting "1 bigger model
2 less regularisation, longer training
3 error analysis on the training rows
4 another kind of model
5 tune, the learning rate first
6 more features" "$(advice)"
    table train,.01,10000 val,.2,1000 test,.2,1000
    try assay decompose table.csv
    expect_text overfitting "1 more training data
2 normalisation
3 augmentation
4 more regularisation
5 error analysis on the held-out rows
6 another kind of model
7 tune, the learning rate first
8 stop earlier
9 fewer features, one at a time
10 smaller model" "$(advice)"
    table train,.01,10000 trainval,.02,1000 testval,.2,1000 test,.2,1000
    try assay decompose table.csv
    expect_text shift "1 look at the errors on 'testval' and collect such rows
2 train on some of them too
3 synthesise such rows
4 domain adaptation" "$(advice)"
    table train,.01,10000 val,.02,1000 test,.2,1000
    try assay decompose table.csv
    expect_text val_overfitting "1 divide the data anew
2 larger validation and test sets
3 choose by folds, which test every row once" "$(advice)"
}

@test "every advice has a command that assay takes" {
    local tables=("train,.2,10000 val,.21,1000 test,.21,1000"
        "train,.01,10000 val,.2,1000 test,.2,1000"
        "train,.01,9999 trainval,.02,999 testval,.2,999 test,.2,999"
        "train,.01,10000 val,.02,1000 test,.2,1000"
        "train,.02,100 val,.04,100 test,.05,100" "val,.2,100 test,.3,100"
        "train,0,100 val,0,100")
    local n=0 command=': assay ([^("]+)'

    for parts in "${tables[@]}"; do
        table $parts
        try assay decompose table.csv
        expect "$parts" 0 ""
        grep '^next,' out >>next || fail "$parts: no advice"
    done
    for tool in split train eval confuse decompose; do
        assay $tool --help >$tool.help
    done
    while read -r line; do
        [[ $line =~ $command ]] || fail "no command: $line"
        set -- ${BASH_REMATCH[1]}
        [ -s "$1.help" ] || fail "no tool $1: $line"
        local tool=$1
        for word; do
            [[ $word != decompose ]] || tool=decompose # behind a |
            [[ $word != --* ]] || grep -q -e "$word\b" "$tool.help" ||
                fail "$tool has no $word: $line"
        done
        n=$((n + 1))
    done < <(sort -u next)
    [ $n -ge 23 ] || fail "only $n commands"
}

# ---- predictions ----

# predictions: 40 train (4 wrong), 20 val (6 wrong), 20 test (8 wrong).
predictions() {
    awk 'BEGIN {
        print "id,split,label,pred"
        for (i = 1; i <= 80; i++) {
            part = i <= 40 ? "train" : i <= 60 ? "val" : "test"
            k = (i - 1) % 20
            wrong = i <= 40 ? k < 2 : i <= 60 ? k < 6 : k < 8
            label = i % 2 ? "a" : "b"
            print i "," part "," label "," \
                (!wrong ? label : label == "a" ? "b" : "a")
        }
    }'
}

@test "predictions: errors are counted by split" {
    predictions >pred.csv
    try assay decompose pred.csv
    expect decompose 0 ""
    expect_text errors "train 0.1 40
val 0.3 20
test 0.4 20" "$(awk -F, '/^error/ && $7 { print $2, $4, $7 }' out)"
    expect_text gaps "0.1 0.2 0.1" \
        "$(awk -F, '/^gap/ { print $4 }' out | xargs)"
    # the table of the same numbers says the same
    mv out kept
    table train,.1,40 val,.3,20 test,.4,20
    try assay decompose table.csv
    expect_file table kept out
    try assay decompose - <pred.csv
    expect_file stdin kept out
}

@test "predictions of train itself, through a pipe" {
    mixed 120 >mixed.csv
    assay split -q --label label mixed.csv >parts.csv
    assay train -q --hidden 8 --epochs 3 --predict parts.csv |
        expect_pipe "error goal train val test gap underfitting overfitting val_overfitting"
    assay train -q --hidden 8 --epochs 3 --folds 2 --predict parts.csv |
        expect_pipe "error goal val gap"
    expect_text "rows of the folds" 108 "$(cell out n kind=error name=val)"
}

expect_pipe() { # NAMES: of the rows before the advice
    try assay decompose
    expect "$1" 0 ""
    expect_text rows "$1" "$(echo error $(awk -F, '/^error/ { print $2 }' out) \
        gap $(awk -F, '/^gap/ { print $2 }' out))"
}

@test "unknown splits are left out with a note; no split is test" {
    printf '%s\n' split,label,pred train,a,a train,b,b holdout,a,b \
        archive,a,a ,b,a ,a,a >pred.csv
    try assay decompose pred.csv
    expect decompose 0 "assay decompose: 2 rows left out: the split is not train, trainval, val, testval or test"
    near test .5 "$(cell out value kind=error name=test)"
    printf '%s\n' split,label,pred holdout,a,b holdout,b,b >pred.csv
    try assay decompose pred.csv
    expect "none is known" 1
    expect_empty "none is known" out
}

@test "unlabelled rows are left out and counted" {
    predictions | sed '2,3s/,\(a\|b\),/,,/' >pred.csv
    try assay decompose pred.csv
    expect decompose 0 "assay decompose: 2 rows without a label left out"
    expect_text rows 38 "$(cell out n kind=error name=train)"
}

@test "--columns, and predictions that lack a column" {
    printf 'y_true,y_pred\na,a\nb,a\nb,b\nb,b\n' >other.csv
    try assay decompose --columns label=y_true,pred=y_pred other.csv
    expect decompose 0 ""
    near test .25 "$(cell out value kind=error name=test)"
    try assay decompose other.csv
    expect plain 1 \
        "assay decompose: other.csv: no column 'label' (there are: y_true, y_pred)"
}

@test "what is refused" {
    lecture >table.csv
    try assay decompose --goal 20 table.csv
    expect "--goal" 2 "assay decompose: --goal: '20' is not a number from 0 to 1"
    try assay decompose --goal 2% table.csv
    expect "--goal" 2 "assay decompose: --goal: '2%' is not a number from 0 to 1"
    while IFS='|' read -r text message; do
        printf "$text" >table.csv
        try assay decompose table.csv
        expect "$text" 1 "assay decompose: $message"
        expect_empty "$text" out
    done <<'EOF'
split,error\ntrain,20\n|table.csv:2: column 'error' (field 2): not an error from 0 to 1: '20'
split,error\ntrain,\n|table.csv:2: column 'error' (field 2): not an error from 0 to 1: ''
split,error\ntrain,.2\ntrain,.3\n|table.csv:3: column 'split' (field 1): occurs twice: 'train'
split,error\nfoo,.2\n|table.csv:2: column 'split' (field 1): not train, trainval, val, testval or test: 'foo'
split,error,n\ntrain,.2,0\n|table.csv:2: column 'n' (field 3): not a number of rows: '0'
error,n\n.2,10\n|table.csv: no column 'split' (there are: error, n)
label,pred\n1,1.0\n0,0.0\n|table.csv: labels and predictions share no value (label '1', prediction '1.0')
split,error\n|table.csv: no rows after the header
EOF
}

@test "gates" {
    lecture n >table.csv
    while IFS='|' read -r gate status message; do
        try assay decompose --goal .01 --gate "$gate" table.csv
        expect "$gate" "$status"
        expect_like "$gate" "$message" "$(<err)"
        [ "$status" -ne 0 ] && [ "$status" -ne 3 ] ||
            golden decompose_lecture.csv out
    done <<'EOF'
gap.underfitting<0.2|0|
underfitting<0.02|3|assay decompose: gate 'underfitting<0.02' is closed: gap.underfitting = 0.19
gap.underfitting<0.02|3|assay decompose: gate 'gap.underfitting<0.02' is closed: gap.underfitting = 0.19
gap.overfitting.high<.1|0|
gap.overfitting.high<.05|3|assay decompose: gate 'gap.overfitting.high<.05' is closed: gap.overfitting.high = 0.0993910*
overfitting.high<.05|3|assay decompose: gate 'overfitting.high<.05' is closed: gap.overfitting.high = 0.0993910*
test.high<=0.05|3|assay decompose: gate 'test.high<=0.05' is closed: error.test.high = 0.308630*
test.high <= 0.31|0|
test>.28|3|assay decompose: gate 'test>.28' is closed: error.test = 0.28
shift<.1|2|assay decompose: gate 'shift<.1': no such row; there are: 'error.goal', 'error.train'*
test.noise<.1|2|assay decompose: gate 'test.noise<.1': no such column; there are: *
goal.low<1|1|assay decompose: gate 'goal.low<1' cannot be computed: 'error.goal.low' is empty
EOF
    # the rows of advice have no part in it
    table train,.015,10000 val,.016,1000 test,.016,1000
    try assay decompose --goal 0 --gate 'underfitting<0.02' table.csv
    expect "gap below, advice on it" 0 ""
    grep -q '^gap,underfitting.*largest' out || fail "it is not the largest"
    # two gates, each closed: both are told
    lecture n >table.csv
    try assay decompose --gate 'test<.1' --gate 'val<.1' table.csv
    expect two 3
    expect_text two 2 "$(wc -l <err)"
}

@test "--append and --stamp keep a history" {
    lecture n >table.csv
    for day in monday tuesday; do
        try assay decompose --stamp "day=$day" --append history.csv table.csv
        expect "$day" 0 ""
    done
    expect_text header "kind,name,class,value,low,high,n,note,day" \
        "$(head -n 1 history.csv)"
    expect_text header "kind,name,class,value,low,high,n,note,day" \
        "$(head -n 1 out)"
    expect_text days "2 test,monday test,tuesday" "$(grep -c 'error,val' \
        history.csv) $(sed -n 's/^error,\(test\),.*,\([a-z]*\)$/\1,\2/p' \
        history.csv | xargs)"
    expect_text headers 1 "$(grep -c ^kind, history.csv)"
}

# ---- the screen ----

@test "--view: a screen of 80 columns" {
    lecture n >table.csv
    export COLUMNS=80 NO_COLOR=1
    LC_ALL=C.UTF-8 try assay decompose --goal .01 --view table.csv
    expect unicode 0 ""
    golden decompose_view.txt out
    LC_ALL=C try assay decompose --goal .01 --view table.csv
    expect ascii 0 ""
    golden decompose_ascii.txt out
    if LC_ALL=C grep -q '[^ -~]' out; then fail "not ASCII"; fi
    if LC_ALL=C.UTF-8 grep -E '^.{81}' \
        "$BATS_TEST_DIRNAME"/golden_model/decompose_*.txt; then
        fail "wider than 80"
    fi
    try assay decompose --goal .01 --csv table.csv
    golden decompose_lecture.csv out
}

@test "one wrong row is no error" {
    printf 'id,split,label,pred,prob,loss\n1,test,a,b,.6,.9\n' >pred.csv
    for tool in decompose confuse "eval --metrics"; do
        try assay $tool -q pred.csv
        expect "$tool" 0 ""
    done
}

@test "a few rows without an error do not reach a goal" {
    table train,0,4 val,0,1
    try assay decompose table.csv
    expect_like few "next,*no gap is seen, but the rows of val are too few to tell: their error may be as large as 0.79: assay *" "$(grep ^next, out)"
}
