# assay shift --weights: rows weighted to stand for others.
load model_helpers

setup_file() {
    start_file
}

# pets KINDS N [SPLIT]: N rows, of these kinds in turn.
pets() {
    awk -v kinds="$1" -v n="$2" -v split_of="$3" 'BEGIN {
        k = split(kinds, kind, " ")
        print "kind,x,label" (split_of ? ",split" : "")
        parts = split(split_of, part, " ")
        for (i = 0; i < n; i++)
            print kind[i % k + 1] "," i * 7919 % 101 "," (i % 3 ? "a" : "b") \
                (parts ? "," part[int(i / k) % parts + 1] : "")
    }'
}

weigh() {
    try assay shift --weights "$@"
}

@test "--weights: says where no row is like the current ones" {
    pets cat 300 >cats.csv
    pets dog 300 >dogs.csv
    pets "cat dog cat dog bird" 300 >both.csv
    weigh cats.csv dogs.csv
    expect none 0
    grep -q '^assay shift: no row of the reference is like the current ones: ' err ||
        fail "none" "$(<err)"
    weigh cats.csv both.csv
    expect some 0
    grep -q '^assay shift: about [56][0-9] % of the current rows are like none of ' err ||
        fail "some" "$(<err)"
    # half of the rows count, but each of the current ones is among them
    weigh both.csv cats.csv
    expect all 0
    if grep 'like none\|no row' err; then fail "all are there"; fi
    weigh --gate 'covered>=.5' cats.csv dogs.csv
    expect gate 3
}

@test "--weights --on: rows of these parts, and nothing else" {
    pets "cat dog" 400 "train val" >parts.csv
    pets "cat dog dog" 300 >new.csv
    weigh -q --on val -o weighted.csv parts.csv new.csv
    expect on 0 ""
    expect_text "weights" 200 \
        "$(awk -F, '$4 == "val" && $5 != ""' weighted.csv | wc -l)"
    expect_text "no others" 0 \
        "$(awk -F, '$4 == "train" && $5 != ""' weighted.csv | wc -l)"
    try assay train -q --epochs 1 --weight sample_weight weighted.csv
    expect train 1 "assay train: row 1 has no weight, 'sample_weight' is empty there (--on PART trains on rows that have one)"
    try assay train -q --epochs 1 --on val --weight sample_weight weighted.csv
    expect "train --on" 0 ""
    weigh --on test parts.csv new.csv
    expect reference 1 "assay shift: parts.csv: --on: no row has the split 'test'"
    expect_empty reference out
    pets "cat dog" 300 train >others.csv
    weigh --on val parts.csv others.csv
    expect current 1 "assay shift: others.csv: --on: no row has the split 'val'"
}
