# assay eval --compare: predictions of the same rows, joined by id.
load model_helpers

HEADER="metric,a,b,difference,low,high,p_value,p_adjusted,test,better,worse,n,model_a,model_b"

# table BOTH WORSE BETTER RIGHT: the files a.csv and b.csv with so many rows
# wrong in both, only in b, only in a, in none.  b's rows stand in another order.
table() {
    awk -v both="$1" -v worse="$2" -v better="$3" -v right="$4" 'BEGIN {
        n = both + worse + better + right
        print "id,label,pred,loss" > "a.csv"
        print "id,label,pred,loss" > "b.csv"
        for (i = 0; i < n; i++) {
            label = i % 3 ? "x" : "y"
            other = i % 3 ? "y" : "x"
            a = i < both || (i >= both + worse && i < both + worse + better)
            print "r" i "," label "," (a ? other : label) "," (a ? 1.5 : .25) > "a.csv"
        }
        for (k = 0; k < n; k++) {
            i = k * 7 % n
            label = i % 3 ? "x" : "y"
            other = i % 3 ? "y" : "x"
            b = i < both + worse
            print "r" i "," label "," (b ? other : label) "," (b ? 1.5 : .25) > "b.csv"
        }
    }'
}

@test "errors: McNemar, and Newcombe's interval" {
    table 2 12 31 304
    try assay eval --compare --metric error a.csv b.csv
    expect compare 0 "assay eval: 349 rows compared (test 349)
assay eval: 'b.csv' is better on 31 rows and worse on 12 of 349: the difference of 5.4 points is more than chance (exact McNemar p = 0.0054)"
    expect_text header "$HEADER" "$(head -n 1 out)"
    # scipy.stats.binomtest; Newcombe 1998, method 10 (tests/data/paired)
    near exact .005401572654591291 "$(cell out p_value test=mcnemar_exact)"
    near mid-p .0036577668278278394 "$(cell out p_value test=mcnemar_mid_p)"
    near low -.09306418341316736 "$(cell out low)"
    near high -.017467746377384845 "$(cell out high)"
    expect_text flips "31 12 349 a.csv b.csv" \
        "$(sed -n 2p out | cut -d, -f10- | tr , ' ')"
    near a "$(echo 33/349 | bc -l)" "$(cell out a)"
    near difference "$(echo -19/349 | bc -l)" "$(cell out difference)"
}

@test "the order of the rows does not matter, nor the number of threads" {
    table 20 30 10 140
    try assay eval -q --compare a.csv b.csv
    expect compare 0 ""
    expect_text rows "error error macro_f1 balanced_error log_loss" \
        "$(sed 1d out | cut -d, -f1 | xargs)"
    mv out first
    { head -n 1 b.csv; sed 1d b.csv | sort; } >sorted
    mv sorted b.csv
    for threads in 1 2 3; do
        try assay eval -q --compare -j $threads a.csv b.csv
        expect_file "$threads threads" first out
    done
    try assay eval -q --compare --seed 2 a.csv b.csv
    expect_other seed first out
}

@test "swapping the files swaps the sign" {
    table 20 30 10 140
    try assay eval -q --compare --metric error,macro_f1 a.csv b.csv
    near error .1 "$(cell out difference metric=error)"
    there=$(cell out difference metric=macro_f1)
    try assay eval -q --compare --metric macro_f1 b.csv a.csv
    near back "$(echo "-1 * $there" | bc -l)" "$(cell out difference)"
}

@test "words about another metric than the error" {
    table 20 30 10 140
    try assay eval --compare --metric log_loss --margin .5 a.csv b.csv
    expect log_loss 0 "assay eval: 200 rows compared (test 200)
assay eval: 'b.csv' is better on 10 rows and worse on 30 of 200; its log_loss is 0.12 higher, which is more than chance (permutation p = 0.005)
assay eval: the log_loss of 'a.csv' and 'b.csv' is the same within 0.5 (equivalence p < 1e-06)"
    try assay eval --compare --metric macro_f1,error a.csv b.csv
    expect_like error "*: the difference of 10 points is more than chance *" \
        "$(<err)"
    table 0 10 0 0
    try assay eval --compare --metric error a.csv b.csv
    expect_like all "*: the difference of 100 points is more than chance *" \
        "$(<err)"
}

@test "several files: each against the first, Holm over them" {
    table 20 30 10 140
    cp a.csv c.csv
    try assay eval --compare --metric error a.csv b.csv c.csv
    expect compare 0 "assay eval: 200 rows compared (test 200)
assay eval: 'b.csv' is better on 10 rows and worse on 30 of 200: the difference of 10 points is more than chance (exact McNemar p = 0.0044 after Holm)
assay eval: 'c.csv' is better on 0 rows and worse on 0 of 200: the predictions are the same"
    p=$(cell out p_value model_b=b.csv)
    near holm "$(echo "2 * $p" | bc -l)" "$(cell out p_adjusted model_b=b.csv)"
    expect_text same "1 1" "$(cell out p_value model_b=c.csv) \
$(cell out p_adjusted model_b=c.csv)"
}

@test "--margin: equivalence" {
    table 20 10 12 307
    try assay eval --compare --margin .05 --metric error,macro_f1,log_loss a.csv b.csv
    expect compare 0 "assay eval: 349 rows compared (test 349)
assay eval: 'b.csv' is better on 12 rows and worse on 10 of 349: the difference of 0.57 points is within chance (exact McNemar p = 0.83)
assay eval: the errors of 'a.csv' and 'b.csv' are the same within 5 points (equivalence p = 0.0022)"
    # Tango's score with a rate that was searched for (tests/data/paired)
    near tango .002216141686840581 "$(cell out p_value metric=error test=equivalence)"
    expect_text tests "mcnemar_exact mcnemar_mid_p equivalence permutation permutation equivalence" \
        "$(sed 1d out | cut -d, -f9 | xargs)"
    try assay eval --compare --margin .05 --metric macro_f1 a.csv b.csv
    expect usage 2 "assay eval: --margin is for error, log_loss and brier"
}

@test "ids that only one file has, and their splits" {
    cat >a.csv <<'END'
id,split,label,pred
1,train,x,x
k1,val,x,x
k2,val,y,x
k3,test,x,x
k4,test,y,y
END
    cat >b.csv <<'END'
id,split,label,pred
k4,test,y,x
k3,val,x,x
k2,val,y,y
k5,test,x,x
k6,train,x,x
k1,val,x,x
END
    try assay eval --compare --metric error a.csv b.csv
    expect compare 0 "assay eval: 3 rows compared (val 2, test 1), training rows left out (--on train)
assay eval: 1 row of 'a.csv' left out, not in the other file (test 1)
assay eval: 2 rows of 'b.csv' left out, not in the other file (val 1, test 1)
assay eval: 1 of them is there under another split, fold, replica or train_size
assay eval: 'b.csv' is better on 1 row and worse on 1 of 3: the difference of 0 points is within chance (exact McNemar p = 1)"
    try assay eval --compare --on val --metric error a.csv b.csv
    expect on 0
    expect_text n 2 "$(cell out n)"
    try assay eval --compare --on tset a.csv b.csv
    expect on 1 "assay eval: a.csv: --on: no row has the split 'tset' (there are: train, val, test)"
}

@test "a file without splits has rows of all" {
    printf 'id,split,label,pred\nt1,train,x,x\nk1,val,x,x\nk2,test,y,x\n' >a.csv
    printf 'id,label,pred\nk2,y,y\nt1,x,y\nk1,x,x\n' >b.csv
    try assay eval --compare --metric error a.csv b.csv
    expect first 0 "assay eval: 2 rows compared (val 1, test 1), training rows left out (--on train)
assay eval: 'b.csv' is better on 1 row and worse on 0 of 2: the difference of 50 points is within chance (exact McNemar p = 1)"
    try assay eval --compare --metric error b.csv a.csv
    expect second 0 "assay eval: 2 rows compared (test 2), training rows left out (--on train)
assay eval: 'a.csv' is better on 0 rows and worse on 1 of 2: the difference of 50 points is within chance (exact McNemar p = 1)"
    try assay eval -q --compare --metric error --on train,val a.csv b.csv
    expect on 0 ""
    expect_text n 2 "$(cell out n)"
    sed -i '/k[12]/d' a.csv
    try assay eval --compare b.csv a.csv
    expect train 1 "assay eval: b.csv: no row is in all files, training rows left out"
}

@test "rows are joined by fold and replica where all files have them" {
    printf 'id,label,pred,replica\nk,x,x,1\nk,x,y,2\nm,y,y,1\nm,y,y,2\n' >a.csv
    printf 'id,label,pred,replica\nm,y,x,2\nm,y,y,1\nk,x,x,2\nk,x,x,1\n' >b.csv
    try assay eval --compare --metric error a.csv b.csv
    expect compare 0 "assay eval: 4 rows compared (test 4)
assay eval: warning: predictions of several models: a row counts once for each, so intervals are too narrow (score one model at a time)
assay eval: 'b.csv' is better on 1 row and worse on 1 of 4: the difference of 0 points is within chance (exact McNemar p = 1)"
    try assay eval -q --compare --metric error --group id a.csv b.csv
    expect group 0 ""
    expect_text test permutation "$(cell out test)"
    printf 'id,label,pred\nk,x,x\nm,y,y\n' >b.csv
    try assay eval --compare a.csv b.csv
    expect twice 1 "assay eval: a.csv:3: id 'k' occurs twice (not all files have a column 'replica')"
}

@test "an id that occurs twice" {
    table 1 1 1 3
    echo r2,x,x,1 >>b.csv
    try assay eval --compare a.csv b.csv
    expect second 1 "assay eval: b.csv:8: id 'r2' occurs twice"
    try assay eval --compare b.csv a.csv
    expect first 1 "assay eval: b.csv:8: id 'r2' occurs twice"
    table 1 1 1 3
    printf 'other,x,x,1\nother,x,x,1\n' >>b.csv
    try assay eval --compare a.csv b.csv
    expect stray 1 "assay eval: b.csv:9: id 'other' occurs twice"
}

@test "without ids" {
    table 1 1 1 3
    cut -d, -f2- b.csv >c.csv
    try assay eval --compare a.csv c.csv
    expect none 1 "assay eval: c.csv:1: no column 'id': rows are joined by it, never by their order (--columns id=COLUMN names another)"
    sed 's/^r3,/,/' b.csv >c.csv
    try assay eval --compare a.csv c.csv
    expect empty 1 "assay eval: c.csv:5: column 'id' (field 1): no id"
    printf 'id,label,pred\nq1,x,x\n' >c.csv
    try assay eval --compare a.csv c.csv
    expect other 1 "assay eval: a.csv: no row is in all files: id 'q1' is only in 'c.csv'"
}

@test "ids that are only the numbers of the rows" {
    printf 'id,label,pred\n1,x,x\n2,y,x\n3,y,y\n' >a.csv
    head -n 3 a.csv >b.csv
    try assay eval --compare a.csv b.csv
    expect lengths 1 "assay eval: b.csv: the ids are only the numbers of the rows, 2 here and 3 in 'a.csv': they do not say which rows are the same (assay split adds an id that stays with its row)"
    try assay eval --compare --metric error a.csv a.csv
    expect same 0 "assay eval: 3 rows compared (test 3)
assay eval: the ids are the numbers of the rows: that they are the same rows shows in their labels only, which agree
assay eval: 'a.csv' is better on 0 rows and worse on 0 of 3: the predictions are the same"
    printf 'id,label,pred\n1,x,x\n2,x,x\n3,y,y\n' >b.csv
    try assay eval --compare a.csv b.csv
    expect label 1 "assay eval: b.csv:3: id '2': label 'x', but 'y' in 'a.csv' (the ids are the numbers of the rows: are they the same rows?)"
    # an id that stayed with its row is no such number
    printf 'id,label,pred\n2,y,x\n3,y,y\n' >b.csv
    try assay eval -q --compare --metric error a.csv b.csv
    expect filtered 0 ""
    expect_text n 2 "$(cell out n)"
}

@test "labels that differ" {
    printf 'id,label,pred,loss,p:x,p:y\nr1,x,x,.2231436,.8,.2\nr2,y,y,.1053605,.1,.9\n' >a.csv
    printf 'id,label,pred,loss,p:x,p:y\nr1,y,y,.6931472,.5,.5\nr2,y,x,1.2039728,.7,.3\n' >b.csv
    try assay eval --compare a.csv b.csv
    expect differ 1 "assay eval: b.csv:2: id 'r1': label 'y', but 'x' in 'a.csv' (--labels-from says which one counts)"
    try assay eval -q --compare --labels-from A --metric error,log_loss a.csv b.csv
    expect A 0 ""
    expect_text errors "0 1" "$(cell out a) $(cell out b)"
    near "log loss of b by a's labels" .94856 "$(cell out b metric=log_loss)"
    cp out first
    for name in 1 a.csv; do
        try assay eval -q --compare --labels-from $name --metric error,log_loss a.csv b.csv
        expect_file $name first out
    done
    try assay eval -q --compare --labels-from b.csv --metric error,log_loss a.csv b.csv
    expect B 0 ""
    expect_text errors "0.5 0.5" "$(cell out a) $(cell out b)"
    near "log loss of a by b's labels" .857399 "$(cell out a metric=log_loss)"
    try assay eval --compare --labels-from C a.csv b.csv
    expect C 2 "assay eval: --labels-from: 'C' is none of the files, nor the number or letter of one"
    # without p: columns the loss by another label is not known
    cut -d, -f1-4 a.csv >c.csv
    try assay eval --compare --labels-from B c.csv b.csv
    expect "not known" 0
    grep -q "^assay eval: no log_loss: 'c.csv' has no loss of every row$" err
    try assay eval --compare --labels-from B --metric log_loss c.csv b.csv
    expect "asked for" 1 "assay eval: c.csv: --metric log_loss needs a column loss, or p: columns, of every row"
}

@test "rows without a label" {
    printf 'id,label,pred\nr1,x,x\nr2,,x\nr3,y,x\n' >a.csv
    printf 'id,label,pred\nr1,,x\nr2,x,x\nr3,y,y\n' >b.csv
    try assay eval --compare --metric error a.csv b.csv
    expect compare 0 "assay eval: 2 rows compared (test 2)
assay eval: 1 row without a label left out
assay eval: 'b.csv' is better on 1 row and worse on 0 of 2: the difference of 50 points is within chance (exact McNemar p = 1)"
    printf 'id,label,pred\nr1,,x\nr2,,x\n' >a.csv
    try assay eval --compare a.csv b.csv
    expect none 1 "assay eval: a.csv: no row with a label is in all files"
}

@test "infinite losses, and a single row" {
    printf 'id,label,pred,loss\nr1,x,x,inf\nr2,y,x,1\n' >a.csv
    printf 'id,label,pred,loss\nr1,x,x,1\nr2,y,x,1\n' >b.csv
    try assay eval --compare --metric log_loss a.csv b.csv
    expect infinite 0 "assay eval: 2 rows compared (test 2)
assay eval: 'b.csv' is better on 0 rows and worse on 0 of 2: the predictions are the same
assay eval: a value of log_loss could not be tested: infinite losses, or a single row"
    lines infinite "$HEADER" "log_loss,inf,1,-inf,,,,,permutation,0,0,2,a.csv,b.csv"
    try assay eval -q --compare --metric log_loss a.csv a.csv
    lines both "$HEADER" "log_loss,inf,inf,,,,,,permutation,0,0,2,a.csv,a.csv"
    printf 'id,label,pred,loss\nr1,x,x,2\n' >a.csv
    try assay eval -q --compare --metric macro_f1,log_loss --margin .1 a.csv b.csv
    expect single 0 ""
    lines single "$HEADER" "macro_f1,1,1,0,,,1,1,permutation,0,0,1,a.csv,b.csv" \
        "log_loss,2,1,-1,,,1,1,permutation,0,0,1,a.csv,b.csv" \
        "log_loss,2,1,-1,,,,,equivalence,0,0,1,a.csv,b.csv"
}

@test "--group: rows that belong together" {
    table 20 30 10 140
    for f in a b; do
        awk -F, 'NR == 1 { print $0 ",page"; next } { print $0 ",p" int(substr($1, 2) / 10) }' $f.csv >$f
        mv $f $f.csv
    done
    try assay eval -q --compare --metric error,macro_f1 --group page a.csv b.csv
    expect group 0 ""
    expect_text tests "permutation permutation" "$(sed 1d out | cut -d, -f9 | xargs)"
    wide=$(cell out high metric=error)
    try assay eval -q --compare --metric error a.csv b.csv
    [ "$(echo "$wide > $(cell out high)" | bc)" = 1 ]
    awk -F, -v OFS=, '{ print $0, NR == 1 ? "book" : NR % 2 }' a.csv >books.csv
    try assay eval --compare --metric error --group book books.csv b.csv
    expect_like few "*
assay eval: warning: 2 groups of 'book' are few: intervals are too narrow, and no permutation's p is below 0.5
*" "$(<err)"
    try assay eval --compare --group nope a.csv b.csv
    expect nope 1 "assay eval: a.csv: no column 'nope' (there are: id, label, pred, loss, page)"
    sed -i '3s/,p.*/,/' a.csv
    try assay eval --compare --group page a.csv b.csv
    expect empty 1 "assay eval: a.csv:3: column 'page' (field 5): no group"
}

@test "gates" {
    table 2 12 31 304
    try assay eval -q --compare --gate 'error.difference<=0' \
        --gate 'error.mcnemar_exact.p_value<.01' --gate 'b.csv.error.high<0' a.csv b.csv
    expect open 0 ""
    try assay eval -q --compare --gate 'error.mcnemar_mid_p.difference<-.1' a.csv b.csv
    expect closed 3 "assay eval: gate 'error.mcnemar_mid_p.difference<-.1' is closed: b.csv.error.mcnemar_mid_p = -0.054441260744985676"
    try assay eval -q --compare --gate 'eror<0' a.csv b.csv
    expect unknown 2
}

@test "wrong usage" {
    table 1 1 1 3
    try assay eval --compare a.csv
    expect one 2 "assay eval: --compare needs two files or more"
    try assay eval --compare - -
    expect pipes 2 "assay eval: --compare: only one file can be '-', standard input"
    try assay eval --compare --metrics a.csv b.csv
    expect both 2 "assay eval: one of -m MODEL, --metrics, --coverage and --compare is needed"
    try assay eval --compare --metric accuracy a.csv b.csv
    expect metric 2 "assay eval: --metric: 'accuracy' is not error, log_loss, brier, macro_f1 or balanced_error"
    try assay eval --compare --metric error,error a.csv b.csv
    expect metric 2 "assay eval: --metric: 'error' occurs twice"
    try assay eval --compare --margin 2 a.csv b.csv
    expect_like margin "assay eval: --margin: '2' is not a number from *" "$(<err)"
    try assay eval --metrics --metric error a.csv
    expect metric 2 "assay eval: --metric needs --compare or --importance"
    for option in "--margin .1" "--group id" "--labels-from A"; do
        # shellcheck disable=SC2086 # an option and its value
        try assay eval --metrics $option a.csv
        expect "$option" 2 "assay eval: ${option%% *} needs --compare"
    done
}

@test "from a pipe, gzip, and other names" {
    table 2 12 31 304
    try assay eval -q --compare --metric error a.csv b.csv
    mv out first
    gzip <b.csv >b.csv.gz
    try assay eval -q --compare --metric error a.csv b.csv.gz
    expect gzip 0 ""
    sed 's/b\.csv/b.csv.gz/' first >named
    expect_file gzip named out
    status=0
    assay eval -q --compare --metric error a.csv - <b.csv >out 2>err || status=$?
    expect pipe 0 ""
    sed 's/b\.csv/-/' first >named
    expect_file pipe named out
    sed -i '1s/id,label/key,truth/' a.csv b.csv
    try assay eval -q --compare --metric error --columns id=key,label=truth a.csv b.csv
    expect_file columns first out
}

@test "--view fits 80 columns" {
    table 2 12 31 304
    cp b.csv "a file with quite a long name.csv"
    export COLUMNS=80 LC_ALL=C.UTF-8 NO_COLOR=1
    try assay eval -q --view --compare --margin .1 a.csv b.csv
    golden compare.txt out
    try assay eval -q --view --compare a.csv b.csv "a file with quite a long name.csv"
    golden compare_several.txt out
}
