# assay shift --errors and --collect: what carries the extra error of a part,
# and what to label first.
load model_helpers

# Shelf A: 6 of 60 rows wrong, then 3 of 30; shelf B: 2 of 40, then 14 of 70.
shelves() {
    awk 'function rows(part, shelf, n, wrong) {
            for (i = 0; i < n; i++)
                print ++id "," part ",x," (i < wrong ? "y" : "x") "," shelf
        }
        BEGIN {
            print "id,split,label,pred,shelf"
            rows("trainval", "A", 60, 6)
            rows("trainval", "B", 40, 2)
            rows("testval", "A", 30, 3)
            rows("testval", "B", 70, 14)
            rows("train", "A", 50, 0)
        }'
}

# mixture: 600 rows of val and 400 of test with every kind of column; in test
# more rows are of shelf 3 (more often wrong, and unsure) and volumes of letters
# are wrong more often; 300 rows of test have no label.
mixture() {
    awk 'BEGIN {
        print "id,split,label,pred,prob,p:a,p:b,title,shelf,year,place"
        split("poems,sermons,letters,travels", word, ",")
        for (i = 1; i <= 1300; i++) {
            r = i * 7919 % 9973 / 9973
            part = i <= 600 ? "val" : "test"
            late = part == "test"
            shelf = i * 31 % 10 < (late ? 6 : 3) ? 3 : i % 3
            w = word[int(i / 4) % 4 + 1]
            rate = shelf == 3 ? .3 : .05
            if (late && w == "letters") rate += .3
            label = i % 2 ? "a" : "b"
            pred = r < rate ? (i % 2 ? "b" : "a") : label
            p = shelf == 3 ? .5 + i % 20 / 100 : .8 + i % 20 / 100
            q = 1 - p
            printf "%d,%s,%s,%s,%.2f,%.2f,%.2f,Collected %s of no. %d,%s,%s,%s\n",
                i, part, (i > 1000 ? "" : label), pred, p,
                pred == "a" ? p : q, pred == "a" ? q : p, w, i,
                shelf == 3 ? "third" : "s" shelf, i % 17 ? 1800 + i % 97 : "",
                i % 40 ? "place" i % 7 : "odd" i
        }
    }'
}

sum_of() { # COLUMN SLICE
    awk -F, -v column="$1" -v slice="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == slice { sum += $at[column] }
        END { printf "%.12f\n", sum }' plain
}

@test "--errors: share and rate add up to the extra error" {
    shelves >pred.csv
    try assay shift --errors pred.csv
    expect shelves 0 "assay shift: column 'label' left out: all rows have the \
same value
assay shift: error 0.17 in 100 rows of 'testval', 0.08 in 100 rows of 'trainval'
assay shift: 4 slices tested, 0 carry extra error at a false discovery rate of \
0.05"
    expect_text header "slice,value,n,error,low,high,share,excess,p_value,\
p_adjusted,excess_low,excess_high,by_share,by_share_low,by_share_high,by_rate,\
by_rate_low,by_rate_high,n_reference,error_reference,share_reference,p_share,\
p_rate" "$(head -n 1 out)"
    expect_text total "total,,100,0.17" "$(sed -n 2p out | cut -d, -f1-4)"
    near extra .09 "$(cell out excess slice=total)" 1e-12
    near low -.0028773633 "$(cell out excess_low slice=total)" 1e-9
    near "rate of A" 0 "$(cell out by_rate slice=shelf value=A)" 1e-12
    near "share of A" .0075 "$(cell out by_share slice=shelf value=A)" 1e-12
    near "rate of B" .0825 "$(cell out by_rate slice=shelf value=B)" 1e-12
    near "share of B" 0 "$(cell out by_share slice=shelf value=B)" 1e-12
    near fisher .02608155263 "$(cell out p_rate slice=shelf value=B)" 1e-7
    expect_text columns "70 0.2 0.7 40 0.05 0.4" \
        "$(grep ^shelf,B out | cut -d, -f3,4,7,19-21 | tr , ' ')"
}

@test "--errors: every kind of column, largest first" {
    mixture >pred.csv
    try assay shift --errors pred.csv
    expect mixture 0
    expect_like unlabelled *"300 rows without a label left out"* "$(<err)"
    sed 's/"\[\([0-9]*\),\([0-9]*\)\([])]\)[^"]*"/[\1;\2\3/' out >plain
    extra=$(cell plain excess slice=total)
    for column in label pred shelf year place; do
        near "excess $column" "$extra" "$(sum_of excess $column)" 1e-9
        near "n $column" 400 "$(sum_of n $column)"
        near "n_reference $column" 600 "$(sum_of n_reference $column)"
    done
    expect_text found "1 1 1 1" "$(for at in 'place,(other values)' \
        'year,(missing)' 'title,\*letters\*' 'shelf + place,third + place'; do
        grep -c "^$at" plain | sed 's/^[1-9][0-9]*$/1/'
    done | xargs)"
    expect_text sorted 0 "$(sed '1,2d; s/"[^"]*"/x/' out | cut -d, -f8 |
        sort -c -gr 2>&1 | wc -l)"
    awk -F, 'NR > 2 && $10 < .05 { print $1 "," $2 }' plain >carry
    grep -qxF 'title,*letters*' carry
    grep -qxF 'shelf,third' carry
    ! grep -qF 'title,*poems*' carry
}

@test "--errors: halves of one world carry nothing" {
    mixture | awk -F, -v OFS=, 'NR == 1 || $2 == "val" {
        if (NR > 1) $2 = int($1 / 8) % 2 ? "trainval" : "testval"
        print }' >pred.csv
    try assay shift --errors pred.csv
    expect halves 0
    expect_like none *"slices tested, 0 carry extra error"* "$(<err)"
}

@test "--errors: which parts, which columns" {
    shelves | sed 's/testval/new:one/' >pred.csv
    try assay shift --errors pred.csv
    expect missing 1 "assay shift: pred.csv: --errors: no labelled row of \
split 'testval' or 'test' to be the current part (--pairs REFERENCE:CURRENT \
names others)"
    try assay shift -q --errors --pairs trainval:new:one pred.csv
    expect pair 0 ""
    near extra .09 "$(cell out excess slice=total)" 1e-12
    try assay shift --errors --pairs new:one:trainval pred.csv
    expect reversed 0
    expect_like grow *"'trainval', 0.17 in 100 rows of 'new:one': it did not \
grow"* "$(<err)"
    try assay shift --errors --pairs trainval:trainval pred.csv
    expect same 1 "assay shift: pred.csv: --pairs 'trainval:trainval': not \
two splits with labelled rows"
    try assay shift --errors --pairs a:b,c:d pred.csv
    expect several 2
    shelves | cut -d, -f1-4 >pred.csv
    try assay shift --errors pred.csv
    expect plain 0
    expect_like kept *"no column but those of all predictions, so that only \
label and pred are looked at; to keep some of the data: assay eval --keep A,B"* "$(<err)"
    expect_text slices "total pred pred" "$(column_of out slice | xargs)"
    mixture >pred.csv
    try assay shift -q --errors --features shelf,prob pred.csv
    expect features 0 ""
    expect_text slices "label pred prob shelf total" \
        "$(column_of out slice | grep -v + | sort -u | xargs)"
    try assay shift -q --errors --exclude title,year pred.csv
    expect exclude 0 ""
    expect_text slices "label place pred shelf total" \
        "$(column_of out slice | grep -v + | sort -u | xargs)"
    try assay shift --errors --exclude tilte pred.csv
    expect misspelt 1
    expect_like misspelt *"no column 'tilte'"* "$(<err)"
}

@test "--errors: gates, threads, standard input" {
    mixture >pred.csv
    try assay shift -q --errors --gate 'total.excess<.01' pred.csv
    expect gate 3
    for threads in 1 2 8; do
        assay shift -q --errors -j $threads - <pred.csv >out.$threads
        expect_file threads out "out.$threads"
    done
    try assay shift -q --errors --collect 5 --gate '1.score>0' pred.csv
    expect "gate of rows" 2
    expect_like "gate of rows" "assay shift: --gate does not go with --collect, \
which writes rows and no result*" "$(<err)"
    try assay shift -q --errors --view pred.csv
    expect view 0 ""
}

@test "--collect: rows without a label, the likeliest to be wrong first" {
    mixture >pred.csv
    try assay shift --errors --collect 50 pred.csv
    expect collect 0
    expect_like note *"50 of 300 rows chosen, by "*" slices that carry \
extra error, and by how often rows of 'test' of which the model is as unsure \
are wrong"* "$(<err)"
    expect_text header "id,rank,score,why,pred,prob,title,shelf,year,place" \
        "$(head -n 1 out)"
    expect_text ranks "$(seq 50 | xargs)" "$(column_of out rank | xargs)"
    column_of out id | awk '$1 <= 1000 || seen[$1]++ { exit 1 }'
    column_of out score | sort -c -gr
    column_of out score | awk '$1 <= 0 || $1 > 1 { exit 1 }'
    # 60 % of the candidates are of the third shelf, and most of what is wrong.
    [ "$(grep -c ',third,' out)" -ge 40 ]
    grep -q 'shelf third: error 0\.[0-9]* (was 0\.[0-9]*) in 0\.[0-9]* of the rows (was 0\.[0-9]*); [ab] 0\.[0-9]* or [ab] 0\.[0-9]*' out ||
        grep -q 'title \*letters\*: error' out
    assay shift -q --errors --collect 50 pred.csv >again
    expect_file seed out again
    assay shift -q --errors --collect 50 --seed 2 pred.csv >other
    expect_other seeds out other
}

@test "--collect: all, no probabilities, no ids, no unlabelled rows, own names" {
    mixture | cut -d, -f2-4,8- >pred.csv
    try assay shift --errors --collect 1000 pred.csv
    expect all 0
    expect_like random *"at random: no p: columns and no prob"* "$(<err)"
    expect_text numbers "$(seq 1001 1300 | xargs)" \
        "$(column_of out id | sort -n | xargs)"
    shelves >pred.csv
    try assay shift --errors --collect 10 pred.csv
    expect labelled 0
    expect_like labelled *"no row is without a label: a rehearsal among the \
rows of 'testval', whose labels say how often rows like them are wrong"* "$(<err)"
    column_of out id | awk '$1 <= 100 || $1 > 200 { exit 1 }'
    shelves | sed '1s/shelf/why/' >pred.csv
    try assay shift -q --errors --collect 10 pred.csv
    expect own 1 "assay shift: pred.csv:1: column 'why' (field 5): --collect \
has a column of this name itself: rename it"
}

@test "--errors: nothing is wrong, and no zero is below zero" {
    shelves | sed 's/,y,/,x,/' >pred.csv
    try assay shift -q --errors pred.csv
    expect right 0
    [ "$(grep -c ',-0,' out)" = 0 ]
}

@test "--collect: slices carry extra error, but none is a group" {
    awk 'BEGIN {
        print "split,label,pred,kind"
        for (i = 0; i < 400; i++) # easy rows become few
            print (i < 200 ? "val" : "test") "," (i % 2 ? "a" : "b") "," \
                ((i % 5 > 0) == i % 2 ? "a" : "b") "," i % 3
        for (i = 0; i < 200; i++) print "val,e,e,easy"
    }' >pred.csv
    try assay shift --errors --collect 5 pred.csv
    expect easy 0
    expect_like easy *"slices that carry extra error none is a group"* "$(<err)"
}

@test "--errors, --collect: one row, no errors, names that could mislead" {
    printf 'split,label,pred,k\nval,a,a,1\ntest,a,b,2\n' >pred.csv
    try assay shift --errors pred.csv
    expect one 0
    expect_like one *"error 1 in 1 row of 'test', 0 in 1 row of 'val'
"* "$(<err)"
    expect_text one "total,,1,1" "$(sed 1d out | cut -d, -f1-4)"
    awk 'BEGIN {
        print "split,label,pred,p:a,(other values)"
        for (i = 0; i < 30; i++)
            print "val,a,a,1,(other values)\ntest,a,a,1,(missing)"
    }' >pred.csv
    try assay shift --errors pred.csv
    expect quoted 0
    expect_like quoted *"it did not grow"* "$(<err)"
    expect_text quoted '"""(other values)""","""(missing)""",30,0
"""(other values)""","""(other values)""",0,' "$(sed 1,2d out | cut -d, -f1-4)"
    [ "$(grep -c -- ',-0,' out)" = 0 ]
    try assay shift -q --errors --collect 3 pred.csv
    expect "no errors" 0
    expect_text rows 4 "$(wc -l <out)"
    printf 'split,label,pred\nval,,a\ntest,b,b\n' >pred.csv
    try assay shift --errors pred.csv
    expect unlabelled 1 "assay shift: pred.csv: --errors: no row of split \
'trainval' or 'val' has a label: some rows of the reference part must, so that \
errors can be counted"
}
