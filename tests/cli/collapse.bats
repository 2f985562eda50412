# assay confuse --collapse, and what assay split --recode makes of its plan.
load model_helpers

# confused: 12 classes of different size, more often taken for a neighbour.
confused() {
    awk 'BEGIN {
        srand(5)
        print "id,label,pred"
        for (i = 1; i <= 3000; i++) {
            k = int(12 * rand() * rand())
            to = rand() < .7 ? k : int(rand() * 3) + k - 1
            to = rand() < .1 ? int(12 * rand()) : to < 0 ? 0 : to > 11 ? 11 : to
            print i ",c" k ",c" to
        }
    }'
}

# recode N: the predictions with N steps of the plan applied to both columns.
recode() {
    assay split -q --label label --parts test=1 --recode plan.csv --steps "$1" \
        pred.csv |
        assay split -q --label pred --fill --recode plan.csv --steps "$1"
}

@test "--collapse: by hand" {
    { echo label,pred
      awk 'BEGIN {
          n["a,a"] = 50; n["a,b"] = 3; n["b,a"] = 2; n["b,b"] = 40
          n["b,c"] = 1; n["c,b"] = 1; n["c,c"] = 10
          for (pair in n) for (i = 0; i < n[pair]; i++) print pair
      }'; } >pred.csv
    try assay confuse --collapse pred.csv
    expect collapse 0 "assay confuse: 7 of 107 rows are wrong
assay confuse: the labels say 1.368 bits"
    lines collapse step,class,into,error_before,error_after,low,high,bits_lost \
        1,b,a,0.06542056074766354,0.018691588785046728,0.005140964836175377,0.06560385306972287,0.8901610422915074
    try assay confuse -q --view --collapse pred.csv
    lines view "step  class  into  error    low   high  bits lost" \
        "   1  b      a     1.9 %  0.5 %  6.6 %     0.8902"
}

@test "--collapse: ties go to the merge that loses less, then by name" {
    printf '%s\n' label,pred z,y y,z b,a a,b q,q z,z z,z b,b >pred.csv
    try assay confuse -q --collapse pred.csv
    expect bits 0 ""
    expect_text bits "1,a,b 2,y,z" "$(sed 1d out | cut -d, -f1-3 | xargs)"
    printf '%s\n' label,pred z,y y,z b,a a,b q,q z,z b,b >pred.csv
    try assay confuse -q --collapse pred.csv
    expect_text names "1,a,b 2,y,z" "$(sed 1d out | cut -d, -f1-3 | xargs)"
}

@test "--collapse: nothing to merge" {
    printf '%s\n' label,pred a,a b,b c,c >pred.csv
    try assay confuse --collapse pred.csv
    expect right 0 "assay confuse: 0 of 3 rows are wrong
assay confuse: the labels say 1.585 bits; no merge would lower the error"
    lines right step,class,into,error_before,error_after,low,high,bits_lost
    printf '%s\n' label,pred a,a b,c c,c >pred.csv
    try assay confuse --collapse pred.csv
    expect few 0 "assay confuse: 1 of 3 rows are wrong
assay confuse: the labels say 1.585 bits
assay confuse: warning: few rows for 3 classes: the error of new rows is \
higher than the plan says (judge it on others)"
    printf '%s\n' label,pred a,b b,b >pred.csv
    try assay confuse --collapse pred.csv
    expect two 0 "assay confuse: 1 of 2 rows are wrong
assay confuse: the labels say 1 bits; no merge would lower the error"
}

@test "--collapse: the error of recoded predictions is what the plan says" {
    confused >pred.csv
    assay confuse -q --collapse pred.csv >plan.csv
    [ "$(sed 1d plan.csv | wc -l)" = 10 ] || fail "$(<plan.csv)"
    for n in 1 2 3 5 8 10; do
        recode "$n" >recoded.csv
        wanted=$(awk -F, -v n="$n" '$1 == n { printf "%.0f", $5 * 3000 }' plan.csv)
        wrong=$(awk -F, 'NR > 1 && $2 != $3 { n++ } END { print n + 0 }' recoded.csv)
        expect_text "$n: errors" "$wanted" "$wrong"
        try assay confuse --matrix recoded.csv
        expect "$n" 0 "assay confuse: $wanted of 3000 rows are wrong"
        expect_text "$n: classes" $((12 - n)) "$(sed 1d out | wc -l)"
    done
    awk -F, 'NR > 2 && ($5 >= last || $8 <= bits || $4 != last) { exit 1 }
        { last = $5; bits = $8 }' plan.csv || fail "the error rises" "$(<plan.csv)"
    # all steps are those without --steps
    recode 10 >all.csv
    assay split -q --label label --parts test=1 --recode plan.csv pred.csv |
        assay split -q --label pred --fill --recode plan.csv >whole.csv
    expect_file "without --steps" all.csv whole.csv
}

@test "--collapse=bits: most errors for each bit" {
    { echo label,pred
      awk 'BEGIN {
          n["a,a"] = 500; n["a,b"] = 30; n["b,b"] = 400
          n["c,d"] = 6; n["d,c"] = 3; n["c,c"] = 10; n["d,d"] = 8
          for (pair in n) for (i = 0; i < n[pair]; i++) print pair
      }'; } >pred.csv
    try assay confuse -q --collapse pred.csv
    expect error 0 ""
    expect_text error "1,b,a 2,d,c" "$(sed 1d out | cut -d, -f1-3 | xargs)"
    try assay confuse -q --collapse=error pred.csv
    expect_text named "1,b,a 2,d,c" "$(sed 1d out | cut -d, -f1-3 | xargs)"
    try assay confuse -q --collapse=bits pred.csv
    expect_text bits "1,d,c 2,b,a" "$(sed 1d out | cut -d, -f1-3 | xargs)"
    try assay confuse --collapse=entropy pred.csv
    expect wrong 2 "assay confuse: --collapse: 'entropy' is not error or bits"
}

@test "--collapse: gates, by step" {
    printf '%s\n' label,pred a,a a,b b,c c,c >pred.csv
    try assay confuse -q --collapse --gate '1<=.25' --gate '1.bits_lost<2' pred.csv
    expect open 0 ""
    try assay confuse -q --collapse --gate '1<.1' pred.csv
    expect closed 3 "assay confuse: gate '1<.1' is closed: 1 = 0.25"
    try assay confuse -q --collapse --gate '2<.1' pred.csv
    expect none 2 "assay confuse: gate '2<.1': no such row; there are: '1'"
    try assay confuse --collapse --by-class pred.csv
    expect two 2 \
        "assay confuse: --collapse and --by-class are one table each: ask for one"
}

@test "split --steps: what it refuses, and what it warns of" {
    printf 'l\na\nb\nc\n' >table.csv
    printf '%s\n' step,class,into 1,a,b 2,b,c >plan.csv
    try assay split --label l --parts p=1 --recode plan.csv --steps 1 table.csv
    expect one 0 "assay split: 3 rows, 3 assigned: p 3
assay split: 1 label recoded"
    lines one l,id,split b,1,p b,2,p c,3,p
    try assay split --label l --parts p=1 --recode plan.csv --steps 3 table.csv
    expect beyond 0 "assay split: 3 rows, 3 assigned: p 3
assay split: 2 labels recoded
assay split: warning: --steps: the table of --recode ends at step 2"
    lines beyond l,id,split c,1,p c,2,p c,3,p
    try assay split --label l --steps 1 table.csv
    expect alone 2 "assay split: --steps needs --recode"
    try assay split --label l --recode plan.csv --steps 0 table.csv
    expect zero 2 \
        "assay split: --steps: '0' is not a whole number from 1 to 1000000000"
    printf '%s\n' step,class,into 1,a,b two,b,c >bad.csv
    try assay split --label l --recode bad.csv --steps 1 table.csv
    expect bad 1 "assay split: bad.csv:3: column 'step' (field 1): not a whole \
number from 1: 'two'"
    printf '%s\n' class,into a,b >bare.csv
    try assay split --label l --recode bare.csv --steps 1 table.csv
    expect bare 1 \
        "assay split: bare.csv: no column 'step' (there are: class, into)"
}
