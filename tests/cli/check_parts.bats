# assay check: what leaks between parts, and what differs.
load helpers

# row CHECK [SUBJECT]: check,subject,status,value of its first finding in out
row() {
    awk -F, -v check="$1" -v subject="$2" \
        '$1 == check && (subject == "" || $2 == subject) {
            print $2 "," $3 "," $4; exit }' out
}

# in_parts N: the part of each row of a table, the last N are test
in_parts() {
    awk -v n="$1" '{ line[NR] = $0 }
        END { print line[1] ",split"
              for (i = 2; i <= NR; i++)
                  print line[i] "," (i > NR - n ? "test" : "train") }'
}

@test "a clean split: nothing leaks, nothing differs" {
    for kind in blobs tabular titles parity; do
        assay synth $kind --rows 500 | assay split -q --label label >data.csv
        assay check -q --label label data.csv >out
        for check in leak columns order; do
            expect_like "$kind $check" "all *,ok,*" "$(row $check)"
        done
    done
}

@test "rows of the test part in the training part, as they stand and nearly" {
    assay synth tabular --rows 600 | in_parts 150 >clean.csv
    { cat clean.csv; tail -n 30 clean.csv | sed 's/test$/train/'; } >copied.csv
    assay check -q --label label copied.csv >out
    expect_text copied "test,fail,30" "$(row leak)"
    grep -q 'rows 571, 572, 573 and 27 more also stand in train' out
    { cat clean.csv
        tail -n 30 clean.csv | awk -F, -v OFS=, '{ $1 += .01; $7 = $7; sub(/test$/, "train"); print }'
    } >nearly.csv
    assay check -q --label label nearly.csv >out
    expect_text nearly "all parts,ok" "$(row leak | cut -d, -f1-2)"
    expect_text nearly "test,fail" "$(row near_leak | cut -d, -f1-2)"
    { echo title,label,split
        for n in $(seq 200); do
            echo "the collected letters of no $((n * 7919 % 1009)) and the $((n * 104729 % 997)) others who wrote them,$((n % 2)),$([ "$n" -gt 160 ] && echo test || echo train)"
        done
    } >texts.csv
    { cat texts.csv; tail -n 12 texts.csv | sed 's/letters/Letters!/; s/wrote/write/; s/test$/train/'; } >typos.csv
    assay check -q --label label --type title=text typos.csv >out
    expect_like typos "test,fail,*" "$(row near_leak)"
    grep -q 'near_leak.*--near-duplicates title' out
}

@test "groups, times, sizes" {
    {
        echo x,owner,when,label,split
        for n in $(seq 90); do
            echo "$((n * n % 89)).5,o$((n / 3)),$((1900 + n)),$((n % 2)),$([ "$n" -gt 61 ] && echo test || echo train)"
        done
        echo 1.5,o99,2001,0,train
        echo 2.5,o98,2001,1,
    } >data.csv
    assay check -q --group owner --time when data.csv >out
    expect_text groups "test,fail,1" "$(row groups)"
    expect_text time "test,fail,1" "$(row time)"
    expect_text sizes "no part,warn,1" "$(row sizes)"
    grep -q '^sizes,test,undecided,29,' out
    sed 's/1955/then/' data.csv >bad.csv
    try assay check -q --time when bad.csv
    expect "a time unlike the others" 1 "assay check: bad.csv:56: column 'when' (field 3): not a time as the others: 'then' (a number, or a date as 2021-05-31; empty cells get no part)"
}

@test "columns that differ, the order of the file, levels that are new" {
    { assay synth tabular --rows 800 | in_parts 0
        assay synth tabular --rows 300 --seed 2 --shift covariate --shift-by 2 |
            sed '1d; s/$/,test/'; } >data.csv
    assay check -q --label label data.csv >out
    grep -q '^columns,.*,fail,' out || fail shifted "$(<out)"
    assay synth tabular --rows 800 |
        { read -r header; echo "$header"; sort -t, -k3,3n; } | in_parts 200 >data.csv
    assay check -q --label label data.csv >out
    expect_text order "all parts,warn" "$(row order | cut -d, -f1-2)"
    grep -q 'columns,test: year,fail.*looks like a split by order of the file' out
    assay synth tabular --rows 800 | in_parts 200 |
        sed '/,test$/s/clay/wood/' >data.csv
    assay check -q --label label data.csv >out
    expect_text levels "test: material,fail" "$(row levels | cut -d, -f1-2)"
}

@test "any number of threads gives the same findings" {
    assay synth tabular --rows 3000 --duplicates .1 | in_parts 600 >data.csv
    assay check -q -j 1 --label label data.csv >one
    assay check -q -j 3 --label label data.csv >three
    expect_file threads one three
}
