# assay decompose: goals from people and other predictions, metrics, weights,
# groups, and what tuning did to val.
load model_helpers

# rows: 100 train, 60 val, 40 test, errors of 5, 15 and 25 %; three persons who
# are wrong about every tenth row, each about others; w 1 to 3; groups of 5.
rows() {
    awk 'BEGIN {
        print "id,split,label,pred,loss,p:a,p:b,ann,bob,cyd,w,g"
        for (i = 1; i <= 200; i++) {
            part = i <= 100 ? "train" : i <= 160 ? "val" : "test"
            y = i % 2 ? "a" : "b"
            o = i % 2 ? "b" : "a"
            m = i % 20
            wrong = i <= 100 ? m < 1 : i <= 160 ? m < 3 : m < 5
            p = (y == "a") != wrong ? .8 : .2
            printf "%d,%s,%s,%s,%s,%.1f,%.1f,%s,%s,%s,%d,g%d\n", i, part, y,
                wrong ? o : y, wrong ? "1.6094379" : "0.2231436", p, 1 - p,
                i % 10 == 1 ? o : y, i % 10 == 4 ? o : y,
                i % 3 ? (i % 10 == 7 ? o : y) : "", 1 + i % 3, int(i / 5)
        }
    }'
}

# value NAME [COLUMN]: of an error or gap.
value() {
    cell out "${2:-value}" "name=$1"
}

note() {
    sed -n "s/^[a-z]*,$1,,[^,]*,[^,]*,[^,]*,[^,]*,//p" out | tr -d '"'
}

@test "two persons: their error from how often they disagree" {
    rows >pred.csv
    try assay decompose --annotators ann,bob pred.csv
    expect two 0 ""
    # disagreement .2; (1 - sqrt(1 - .4)) / 2, Wilson's ends of 40/200 alike
    near goal .1127017 "$(value goal)"
    near low .0829094 "$(value goal low)" .01
    expect_text n 200 "$(value goal n)"
    expect_text note "one person's, from two who disagree about 0.2 of the rows (equal and independent errors assumed)" "$(note goal)"
    # train is .05: the gap has the goal's uncertainty
    near gap -.0627017 "$(value underfitting)"
    awk -v a="$(value underfitting high)" -v b="$(value underfitting low)" \
        'BEGIN { exit !(a - b > .1) }' || fail "the gap is too narrow"
}

@test "three persons: Dawid and Skene, with judgements missing" {
    rows >pred.csv
    try assay decompose --annotators ann,bob,cyd pred.csv
    expect three 0 ""
    near goal .1 "$(value goal)" .02
    expect_text note "one person's, the mean of 3 (Dawid & Skene 1979; independent errors assumed)" "$(note goal)"
    mv out kept
    for threads in 1 3; do
        try assay decompose -j $threads --annotators ann,bob,cyd pred.csv
        expect_file "$threads threads" kept out
    done
    try assay decompose --annotators ann --annotators bob,cyd - <pred.csv
    expect_file "in parts, from a pipe" kept out
}

@test "one judgement a row, against the label" {
    rows >pred.csv
    try assay decompose --annotator cyd pred.csv
    expect one 0 ""
    # of the 134 rows that cyd judged 13 are wrong
    near goal .1044776 "$(value goal)"
    expect_text n 134 "$(value goal n)"
    expect_text note "one person's, 'cyd' against the label" "$(note goal)"
    try assay decompose --annotator cyd --metric balanced_error pred.csv
    near balanced .1044776 "$(value goal)" .01
    try assay decompose --annotator cyd --metric macro_f1 --group g pred.csv
    expect_text "rows of two passes" 134 "$(value goal n)"
}

@test "the goal of other predictions, on the ids that both have" {
    rows >pred.csv
    rows | cut -d, -f1-4 | awk -F, 'NR == 1 || $1 > 140' |
        sed 's/^200,/900,/' >base.csv
    try assay decompose --goal-from base.csv pred.csv
    expect base 0 ""
    expect_text n 59 "$(value goal n)"
    expect_text note "of base.csv, 59 held-out rows whose id is here (1 others left out)" "$(note goal)"
    cut -d, -f2- base.csv >other.csv
    try assay decompose --goal-from other.csv pred.csv
    expect_text "without ids" "of other.csv, 60 held-out rows" "$(note goal)"
    try assay decompose --goal-from other.csv --metric macro_f1 --group g pred.csv
    expect "no group" 1 "assay decompose: other.csv: no column 'g' (there are: split, label, pred)"
    rows | sed 's/^[0-9]*,/x&/' >other.csv
    try assay decompose --goal-from other.csv pred.csv
    expect "no id" 1 "assay decompose: other.csv: --goal-from: none of 100 held-out rows has an id that is here"
    rows | grep -E 'id|train' >other.csv
    try assay decompose --goal-from other.csv pred.csv
    expect "train only" 1 "assay decompose: other.csv: --goal-from: no labelled row but of split 'train'"
}

@test "every metric, on its own scale" {
    rows >pred.csv
    while read -r metric train test; do
        try assay decompose --metric "$metric" pred.csv
        expect "$metric" 0 ""
        near "$metric train" "$train" "$(value train)"
        near "$metric test" "$test" "$(value test)"
        near "$metric goal" 0 "$(value goal)"
        expect_like "$metric" "*$metric" "$(note train)"
    done <<'EOF'
log_loss .2924583 .5697172
brier .14 .38
balanced_error .05 .25
macro_f1 .0501253 .2506266
EOF
    try assay decompose --metric macro_f1 --goal .9 pred.csv
    near "a macro F1 of .9" .1 "$(value goal)"
    expect_text note "1 - macro_f1" "$(note goal)"
    try assay decompose --metric log_loss --goal 1.5 pred.csv
    near "a log loss of 1.5" 1.5 "$(value goal)"
    try assay decompose --metric brier --goal 2.5 pred.csv
    expect brier 2 "assay decompose: --goal: '2.5' is not a number from 0 to 2"
    try assay decompose --metric error --goal 1.5 pred.csv
    expect error 2 "assay decompose: --goal: '1.5' is not a number from 0 to 1"
}

@test "a model that never says the rare class: its balanced error has noise" {
    awk 'BEGIN {
        print "split,label,pred"
        for (i = 0; i < 50; i++) print "test," (i < 4 ? "rare" : "often") ",often"
    }' >never.csv
    try assay decompose --metric balanced_error never.csv
    expect balanced 0 ""
    # z = 1.96: half of 4 / (4 + z^2), and half of 1 + z^2 / (46 + z^2)
    expect_text value 0.5 "$(value test)"
    expect_text ends "0.2551 0.5385" \
        "$(printf '%.4f %.4f' "$(value test low)" "$(value test high)")"
}

@test "losses that are inf, or none" {
    printf '%s\n' split,label,pred,loss train,a,a,.1 train,a,b,.3 test,a,a,.2 \
        test,b,b,inf test,b,b,.1 >pred.csv
    try assay decompose --metric log_loss pred.csv
    expect inf 0 ""
    expect_text test "inf 0 inf" \
        "$(value test) $(value test low) $(value test high)"
    expect_text note "inf: a label has a probability of 0" "$(note overfitting)"
    expect_like next "*inf*: assay confuse --top-losses 20 pred.csv" \
        "$(grep ^next out)"
    sed -i 's/inf/-inf/' pred.csv
    try assay decompose --metric log_loss pred.csv
    expect "-inf" 1 "assay decompose: pred.csv:5: column 'loss' (field 4): not a loss from 0 to inf"
    sed -i 's/-inf//' pred.csv
    try assay decompose --metric log_loss pred.csv
    expect none 1 "assay decompose: pred.csv:5: column 'loss' (field 4): no loss"
}

@test "weights: equal ones change nothing, others count" {
    rows >pred.csv
    try assay decompose pred.csv
    mv out plain
    sed '1s/$/,one/; 2,$s/$/,2.5/' pred.csv >equal.csv
    try assay decompose --weight one equal.csv
    near low "$(cell plain low name=val)" "$(value val low)" 1e-12
    near high "$(cell plain high name=overfitting)" "$(value overfitting high)" 1e-12
    try assay decompose --weight w pred.csv
    near train "$(awk -F, '$2 == "train" { n += $11; k += $11 * ($3 != $4) }
        END { print k / n }' pred.csv)" "$(value train)"
    sed '3s/,[0-9]*,\(g[0-9]*\)$/,-1,\1/' pred.csv >bad.csv
    try assay decompose --weight w bad.csv
    expect negative 1 "assay decompose: bad.csv:3: column 'w' (field 11): not a weight from 0 to 1e100: '-1'"
    sed '3s/,[0-9]*,\(g[0-9]*\)$/,,\1/' pred.csv >bad.csv
    try assay decompose --weight w bad.csv
    expect empty 1 "assay decompose: bad.csv:3: column 'w' (field 11): not a weight from 0 to 1e100: ''"
}

@test "a split without any weight is missed" {
    printf 'split,label,pred,w\ntrain,a,a,1\nval,a,b,2\ntest,a,b,0\n' >w.csv
    try assay decompose --weight w w.csv
    expect weightless 0 "assay decompose: warning: split 'test' left out: all its rows have a weight of 0"
}

@test "--skip-bad counts in a table of errors and in --goal-from too" {
    printf 'split,error\ntrain,.1\nval,.2,3\ntest,.3\n' >table.csv
    try assay decompose --skip-bad table.csv
    expect table 0 "assay decompose: 1 bad record left out"
    rows >pred.csv
    { cat pred.csv && echo bad; } >other.csv
    try assay decompose --skip-bad --goal-from other.csv pred.csv
    expect_like other "*; 1 bad record left out" "$(note goal)"
}

@test "groups: rows of one are one unit; those without are alone" {
    rows >pred.csv
    try assay decompose pred.csv
    mv out plain
    for metric in error log_loss macro_f1 balanced_error; do
        try assay decompose --metric $metric --group g pred.csv
        expect "$metric" 0 ""
        mv out kept
        try assay decompose --metric $metric --group g <pred.csv
        expect_file "$metric from a pipe" kept out
    done
    try assay decompose --group g pred.csv
    near value "$(cell plain value name=test)" "$(value test)"
    awk -v a="$(value test high)" -v b="$(cell plain high name=test)" \
        'BEGIN { exit !(a > b + .01) }' || fail "no wider than without groups"
    # every row its own group: as without, but for t in place of z
    sed '2,$s/,g[0-9]*$/,/' pred.csv >alone.csv
    try assay decompose --group g alone.csv
    near alone "$(cell plain high name=train)" "$(value train high)" .01
}

@test "several models: rows of one id are a group" {
    rows | cut -d, -f1-4 | awk -F, 'NR == 1 { print $0 ",replica"; next }
        { for (r = 1; r <= 4; r++) print $0 "," r }' >pred.csv
    try assay decompose pred.csv
    expect models 0 "assay decompose: predictions of several models: errors are those of one model on average; rows of one id count as one group
assay decompose: bias and variance are of 100 rows of val, test pooled, 4 replicas"
    mv out kept
    rows >one.csv
    try assay decompose one.csv
    # four models that are one say no more than one
    near low "$(value test low)" "$(cell kept low name=test)" .012
    near high "$(value test high)" "$(cell kept high name=test)" .012
    cut -d, -f2- pred.csv >anonymous.csv
    try assay decompose anonymous.csv
    expect "no id" 0 "assay decompose: warning: predictions of several models without an id: a row counts once for each, so intervals are too narrow
assay decompose: no bias and variance without a column id to join the replicas by"
}

@test "--tuned: how much too low val may be" {
    rows >pred.csv
    try assay decompose --tuned 20 pred.csv
    expect tuned 0 ""
    # e = .15 + 1.8674751 sqrt(e (1 - e) / 60), solved
    near optimism .1057 "$(value optimism)" .001
    expect_text low 0 "$(value optimism low)"
    expect_text n 20 "$(value optimism n)"
    expect_text kind part "$(cell out kind name=optimism)"
    expect_text note "at most: if all trials are equally good and their luck is independent" "$(note optimism)"
    expect_text val "up to 0.11 too low: chosen as the best of 20" "$(note val)"
    try assay decompose --tuned 20 --gate 'optimism<.05' pred.csv
    expect gate 3
    printf 'split,error,n\ntrain,.1,1000\nval,.15,60\ntest,.2,60\n' >table.csv
    try assay decompose --tuned 20 table.csv
    near "of a table" .1057 "$(value optimism)" .001
    printf 'split,error\ntrain,.1\nval,.15\n' >table.csv
    try assay decompose --tuned 20 table.csv
    expect "no n" 1 "assay decompose: --tuned: the noise of val is not known"
    rows | grep -v ,val, >pred.csv
    try assay decompose --tuned 20 pred.csv
    expect "no val" 1 "assay decompose: --tuned: no row of split val, trainval or testval"
}

@test "--trial-log: the same from how much the trials differ" {
    rows >pred.csv
    printf '%s\n' trial,state,val_error,val_loss 0,asked,, 0,done,.3,.6 \
        1,done,.15,.5 2,asked,, 3,done,.16,.4 3,done,.4,.4 4,failed,, \
        >log.csv
    printf '5,do' >>log.csv
    try assay decompose --trial-log log.csv pred.csv
    expect log 0 "assay decompose: log.csv: the last line is torn and left out
assay decompose: log.csv: 2 trials are not done"
    expect_text n 3 "$(value optimism n)"
    awk -v o="$(value optimism)" -v m="$(value optimism high)" \
        'BEGIN { exit !(o > 0 && o < .5 * m) }' ||
        fail "trials that differ leave little to luck"
    expect_like val "about * too low: chosen as the best of 3" "$(note val)"
    try assay decompose -q --trial-log log.csv --metric log_loss pred.csv
    expect log_loss 0 ""
    printf '\n6,done,.2,.5\n' >>log.csv
    try assay decompose --trial-log log.csv pred.csv
    expect "torn within" 1 "assay decompose: log.csv:9: expected 4 fields (header line 1), got 2"
    printf '%s\n' trial,state,val_error 1,failed, >log.csv
    try assay decompose --trial-log log.csv pred.csv
    expect "none done" 1 "assay decompose: log.csv: no trial is done"
    printf '%s\n' trial,state,val_error 1,done,x >log.csv
    try assay decompose --trial-log log.csv pred.csv
    expect "no number" 1 "assay decompose: log.csv:2: column 'val_error' (field 3): not an error from 0: 'x'"
}

@test "what does not go together" {
    rows >pred.csv
    printf 'split,error,n\ntrain,.1,1000\nval,.2,200\n' >table.csv
    while IFS='|' read -r options status message; do
        try assay decompose $options
        expect "$options" "$status" "assay decompose: $message"
        expect_empty "$options" out
    done <<'EOF'
--annotators ann,bob --goal .1 pred.csv|2|one of --goal, --annotators, --annotator and --goal-from is enough
--annotator ann --goal-from pred.csv pred.csv|2|one of --goal, --annotators, --annotator and --goal-from is enough
--annotators ann pred.csv|2|--annotators needs two columns or more (--annotator: one against the label)
--annotators ann,bob,ann pred.csv|2|--annotators: 'ann' occurs twice
--tuned 3 --trial-log log.csv pred.csv|2|--tuned and --trial-log say the same: one is enough
--tuned 0 pred.csv|2|--tuned: '0' is not a whole number from 1 to 1000000000
--metric accuracy pred.csv|2|--metric: 'accuracy' is not error, log_loss, brier, macro_f1 or balanced_error
--annotators ann,bob --metric brier pred.csv|2|--annotators has no goal for --metric brier: people give no probabilities and no scores of classes
--annotator ann --metric log_loss pred.csv|2|--annotator has no goal for --metric log_loss: people give no probabilities
--trial-log log.csv --metric brier pred.csv|2|--trial-log has errors and log losses, no brier
--goal-from -|2|--goal-from: standard input can be read once
--annotators ann,dan pred.csv|1|pred.csv: no column 'dan' (there are: id, split, label, pred, loss, p:a, p:b, ann, bob, cyd, w, g)
--annotators ann,bob table.csv|1|--annotators needs predictions, not a table of errors
--weight w table.csv|1|--weight needs predictions, not a table of errors
--group g table.csv|1|--group needs predictions, not a table of errors
--metric brier table.csv|1|--metric needs predictions, not a table of errors
EOF
    cut -d, -f1-4 pred.csv >short.csv
    try assay decompose --metric log_loss short.csv
    expect log_loss 1 "assay decompose: short.csv: --metric log_loss needs a column loss, or p: columns"
    try assay decompose --metric brier short.csv
    expect brier 1 "assay decompose: short.csv: --metric brier needs p: columns (--probs)"
    sed 's/$/,/; 1s/,$/,dan/' pred.csv >empty.csv
    try assay decompose --annotator dan empty.csv
    expect nobody 1 "assay decompose: --annotator: no judgement in 'dan'"
    try assay decompose --annotators ann,dan empty.csv
    expect alone 1 "assay decompose: --annotators: no row was judged by two of them"
    try assay decompose --annotators ann,bob,dan empty.csv
    expect "two of three" 1 "assay decompose: --annotators: 3 columns, but only two have judgements: name these"
}

@test "the screen: values that are no fractions, goals with their interval" {
    rows >pred.csv
    export COLUMNS=80 NO_COLOR=1
    try assay decompose --metric log_loss --view pred.csv
    expect_like "log loss" "*train*0.2925*0.245 - 0.3935*" "$(cat out)"
    try assay decompose --annotators ann,bob --tuned 9 --view pred.csv
    expect_like goal "error   goal             11.3 %*" "$(head -1 out)"
    expect_like part "*part    optimism*" "$(cat out)"
    if grep -E '^.{81}' out; then fail "wider than 80"; fi
}
