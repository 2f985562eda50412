#!/usr/bin/env bats
# assay confuse --label-issues: which labels are likely to be wrong.
load model_helpers

# mnist: out-of-sample probabilities of 10,000 digits, as predictions.
mnist() {
    gzip -dc "$DATA/issues/mnist_test_probs.csv.gz" |
        sed '1s/^index/id/; 1s/,p/,p:/g'
}

# wrong_digits: those whose label fewer than 3 voters were for.
wrong_digits() {
    gzip -dc "$DATA/issues/mnist_test_mturk.csv.gz" |
        awk -F, 'NR > 1 && $4 < 3 { print $1 }'
}

# random_case NAME: a case of rows.txt as predictions; id is the number of the
# row, `flags` what prunes it.
random_case() {
    awk -v name="$1" '
        $1 == "case" {
            on = $2 == name
            if (on) {
                printf "id,label,flags"
                for (k = 0; k < $4; k++) printf ",p:%d", k
                print ""
            }
            next
        }
        on && $1 !~ /[a-z]/ {
            printf "%d,%s,%s", ++n, $1, $2
            for (k = 3; k <= NF; k++) printf ",%s", $k
            print ""
        }' "$DATA/issues/rows.txt"
}

# few: two labels that the model contradicts, one of them clearly.
few() {
    cat <<'EOF'
id,split,label,p:a,p:b,"a, title"
1,val,a,.9,.1,t1
2,val,a,.8,.2,t2
3,val,a,.1,.9,"3, a t"
4,val,b,.2,.8,t4
5,test,b,.1,.9,t5
6,test,b,.55,.45,t6
7,val,b,.05,.95,t7
8,val,a,.95,.05,t8
9,train,b,.9,.1,t9
EOF
}

@test "label issues: MNIST, as published; the rows that voters confirm" {
    mnist >pred.csv
    wrong_digits >wrong
    expect_text voters 15 "$(grep -c . wrong)"
    while read -r how listed confirmed; do
        try assay confuse -q --label-issues --prune=$how pred.csv
        expect $how 0 ""
        column_of out id | sort >listed
        expect_text "$how: listed" $listed "$(grep -c . listed)"
        expect_text "$how: confirmed" $confirmed \
            "$(sort wrong | comm -12 - listed | grep -c .)"
    done <<'EOF'
noise_rate 15 7
class 15 7
both 15 7
off_diagonal 15 7
argmax 87 15
EOF
    try assay confuse --label-issues pred.csv
    expect confuse 0 "assay confuse: 87 of 10000 rows are wrong
assay confuse: about 0 of these 15 labels are wrong (0 to 15)
assay confuse: about 0 % of all 10000 labels are wrong (0 to 0.214 %): of the 5375 rows that the model is surest of 0 have another label"
    expect_text first "2597,5,3,0.000209761,0.000209761,0.999768" \
        "$(sed -n 2p out)"
}

@test "label issues: random data as numpy has it, also through a pipe" {
    for name in two unbalanced ties vague vague_ties never_given many; do
        random_case $name >pred.csv
        while read -r how bits; do
            awk -F, -v bits=$bits 'NR > 1 {
                for (has = 1; has <= bits; has *= 2)
                    if (int(bits / has) % 2 && !(int($3 / has) % 2)) next
                print $1 }' pred.csv | sort >wanted
            [ -s wanted ]
            try assay confuse -q --label-issues --prune=$how pred.csv
            expect "$name $how" 0 ""
            column_of out id | sort >got
            expect_file "$name $how" wanted got
        done <<'EOF'
noise_rate 1
class 2
both 3
off_diagonal 4
argmax 8
EOF
        assay confuse -q --label-issues pred.csv >file.csv
        # shellcheck disable=SC2002
        cat pred.csv | assay confuse -q --label-issues >pipe.csv
        expect_file "$name: a pipe" file.csv pipe.csv
    done
}

@test "label issues: columns, scores, kept columns, order" {
    few >pred.csv
    try assay confuse --label-issues --prune argmax pred.csv
    expect self 0 "assay confuse: 2 of 8 rows are wrong (training rows left out; --on train)
assay confuse: about 1 of these 2 labels are wrong (0 to 2)
assay confuse: about 16.7 % of all 8 labels are wrong (3.02 to 59.1 %): of the 5 rows that the model is surest of 1 have another label"
    lines self 'id,label,suggested,score,prob_label,prob_suggested,"a, title"' \
        '3,a,b,0.1,0.1,0.9,"3, a t"' "6,b,a,0.45,0.45,0.55,t6"
    try assay confuse -q --label-issues --prune argmax --score margin pred.csv
    lines margin \
        'id,label,suggested,score,prob_label,prob_suggested,"a, title"' \
        '3,a,b,0.1,0.1,0.9,"3, a t"' "6,b,a,0.45,0.45,0.55,t6"
    try assay confuse -q --label-issues pred.csv
    expect_text "noise rate" "3" "$(column_of out id | xargs)"
    # three classes: the scores rank otherwise
    printf 'label,p:a,p:b,p:c,n\na,.1,.5,.4,1\na,.2,.8,0,2\nb,.1,.8,.1,3\nc,0,.1,.9,4\n' >pred.csv
    try assay confuse -q --label-issues --prune argmax pred.csv
    expect_text self "1 2" "$(cut -d, -f7 out | sed 1d | xargs)"
    try assay confuse -q --label-issues --prune argmax --score margin pred.csv
    expect_text margin "2 1" "$(cut -d, -f7 out | sed 1d | xargs)"
    expect_text "no id: its number; margin, score" "2,a,b,0.2,0.2,0.8,2" "$(sed -n 2p out)"
}

@test "label issues: ties stand in the order of the rows" {
    { echo id,label,p:a,p:b
      for i in 1 2 3 4 5 6; do echo "$i,a,.2,.8"; done
      for i in 7 8 9; do echo "$i,b,.1,.9"; done; } >pred.csv
    try assay confuse -q --label-issues --prune argmax pred.csv
    expect_text ties "1 2 3 4 5 6" "$(column_of out id | xargs)"
}

@test "label issues: training rows are refused, out-of-fold ones are not" {
    few >pred.csv
    try assay confuse --label-issues --on train,val pred.csv
    expect train 1 "assay confuse: 2 of 7 rows are wrong
assay confuse: pred.csv:10: column 'split' (field 2): the model has seen this row, so it cannot judge the label: assay train --folds 5 --predict --probs, or --out-of-fold if it has not"
    expect_empty train out
    grep -e id -e train pred.csv >train.csv
    try assay confuse --label-issues train.csv
    expect alone 1 "assay confuse: 1 of 1 rows are wrong (all of them training rows)
assay confuse: train.csv:2: column 'split' (field 2): the model has seen this row, so it cannot judge the label: assay train --folds 5 --predict --probs, or --out-of-fold if it has not"
    try assay confuse -q --label-issues --out-of-fold --prune argmax train.csv
    expect told 0 ""
    expect_text told 9 "$(column_of out id | xargs)"
    sed '1s/$/,fold/; 2,$s/$/,3/' train.csv >folds.csv
    try assay confuse -q --label-issues --prune argmax folds.csv
    expect folds 0 ""
    expect_text folds 9 "$(column_of out id | xargs)"
    sed '1s/$/,fold/; 2,$s/$/,/' train.csv >folds.csv
    try assay confuse -q --label-issues folds.csv
    expect "an empty fold" 1
}

@test "label issues: no p: columns" {
    printf 'label,pred\na,a\na,b\n' >pred.csv
    try assay confuse --label-issues pred.csv
    expect none 1 "assay confuse: pred.csv: --label-issues needs p: columns of a model that has not seen the row: assay train --folds 5 --predict --probs"
}

@test "label issues: labels without a p: column, classes that no row is given" {
    printf 'id,label,p:a,p:b,p:z\n1,a,.2,.8,0\n2,c,.1,.9,0\n3,b,.9,.1,0\n4,,1,0,0\n5,b,.1,.9,0\n6,a,.8,.2,0\n' >pred.csv
    try assay confuse --label-issues --prune argmax pred.csv
    expect one 0 "assay confuse: 1 row without a label left out
assay confuse: 3 of 5 rows are wrong
assay confuse: 1 row left out: label without a p: column ('c'), of which the model knows nothing
assay confuse: about 1 of these 2 labels are wrong (0 to 2)
assay confuse: about 50 % of all 4 labels are wrong (9.45 to 85 %): of the 2 rows that the model is surest of 1 have another label"
    lines one id,label,suggested,score,prob_label,prob_suggested \
        3,b,a,0.1,0.1,0.9 1,a,b,0.2,0.2,0.8
    printf 'label,p:a,p:b\nc,.1,.9\nd,.5,.5\n' >pred.csv
    try assay confuse --label-issues --gate 'issues<=0' pred.csv
    expect all 1 "assay confuse: 2 of 2 rows are wrong
assay confuse: pred.csv: no row has a label with a p: column"
    printf 'label,p:a\na,1\n' >pred.csv
    try assay confuse -q --label-issues pred.csv
    expect "one class" 0 ""
    lines "one class" id,label,suggested,score,prob_label,prob_suggested
}

@test "label issues: a kept column with the name of one of the table" {
    printf 'label,p:a,p:b,score\na,.2,.8,1\n' >pred.csv
    try assay confuse --label-issues pred.csv
    expect score 1 "assay confuse: pred.csv:1: column 'score' (field 4): --label-issues has a column of this name itself: rename it"
}

@test "label issues: gates" {
    mnist >pred.csv
    try assay confuse -q --label-issues --gate 'issues<=20' \
        --gate 'noise_rate.high<.01' --gate 'wrong.high<=15' pred.csv
    expect open 0 ""
    try assay confuse -q --label-issues --gate 'issues<=10' \
        --gate 'noise_rate.high<.001' pred.csv
    expect closed 3 "assay confuse: gate 'issues<=10' is closed: issues = 15
assay confuse: gate 'noise_rate.high<.001' is closed: noise_rate.high = 0.002142538788382338"
    expect_text "closed: rows" 16 "$(grep -c . out)"
    try assay confuse -q --label-issues --gate 'nope<1' pred.csv
    expect nope 2 "assay confuse: gate 'nope<1': no such row; there are: 'issues', 'wrong', 'noise_rate'"
    try assay confuse -q --label-issues --gate 'issues.low<1' pred.csv
    expect "no interval" 1
}

@test "label issues: usage" {
    few >pred.csv
    try assay confuse --label-issues --prune nope pred.csv
    expect prune 2 "assay confuse: --prune: 'nope' is none of noise_rate, class, both, off_diagonal, argmax"
    try assay confuse --label-issues --score nope pred.csv
    expect score 2 "assay confuse: --score: 'nope' is none of self, margin"
    try assay confuse --prune class --by-class pred.csv
    expect alone 2 "assay confuse: --prune needs --label-issues"
    try assay confuse --out-of-fold pred.csv
    expect alone 2 "assay confuse: --out-of-fold needs --label-issues"
    try assay confuse --label-issues --matrix pred.csv
    expect two 2 "assay confuse: --label-issues and --matrix are one table each: ask for one"
}

@test "label issues: the view" {
    few >pred.csv
    try assay confuse -q --label-issues --prune argmax --view pred.csv
    expect view 0 ""
    lines view "id  is       p  perhaps       p  a, title" \
        "3   a   10.0 %  b        90.0 %  3, a t" \
        "6   b   45.0 %  a        55.0 %  t6"
}

@test "label issues: any number of threads" {
    random_case vague >pred.csv
    assay confuse -q --label-issues -j 1 pred.csv >one.csv
    for j in 2 3 8; do
        assay confuse -q --label-issues -j $j pred.csv >out
        expect_file "$j threads" one.csv out
    done
}
