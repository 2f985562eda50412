# assay shift --weights: data that stand for other data.
load helpers

# rows SEED N MOVE: id, "x, moved", y, kind, label.
rows() {
    awk -v seed="$1" -v n="$2" -v move="$3" '
        function normal() {
            return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand())
        }
        BEGIN {
            srand(seed)
            print "id,\"x, moved\",y,kind,label"
            for (i = 1; i <= n; i++)
                printf "%d,\"%.4f\",%.4f,%s,%s\n", i, normal() + move,
                    normal(), rand() < .5 ? "a" : "b", rand() < .5 ? "no" : "yes"
        }'
}

# weighted_mean FILE COLUMN: of quoted numbers, by the last column.
weighted_mean() {
    awk -F, -v c="$2" 'NR > 1 {
        x = $c
        gsub(/"/, "", x)
        sum += $NF * x
        weights += $NF
    } END { printf "%.1f\n", sum / weights }' "$1"
}

@test "records as they stood, and weights that move the mean" {
    rows 1 800 0 >reference.csv
    rows 2 600 1 >current.csv
    try assay shift --weights --label label reference.csv current.csv
    expect weights 0
    expect_like note "assay shift: 800 rows count as [23]?? where all are \
told from 600: AUROC 0.7??, ? weight* cut to *" "$(<err)"
    sed 's/,[^,]*$//' out >records.csv
    expect_file records reference.csv records.csv
    expect_text header 'id,"x, moved",y,kind,label,sample_weight' \
        "$(head -1 out)"
    expect_text "mean of the current rows" 1.0 "$(weighted_mean out 2)"
    expect_text "mean weight" 1.000 "$(awk -F, 'NR > 1 { sum += $NF }
        END { printf "%.3f", sum / (NR - 1) }' out)"
}

@test "the same bytes from any threads, columns in any order, a pipe, gzip" {
    rows 1 300 0 >reference.csv
    rows 2 200 1 >current.csv
    assay shift -q --weights reference.csv current.csv >wanted.csv
    assay shift -q -j 3 --weights reference.csv current.csv >threads.csv
    expect_file threads wanted.csv threads.csv
    awk -F, '{ if (NR == 1) print "kind,id,y,\"x, moved\""
               else print $4 "," $1 "," $3 "," $2 }' current.csv | gzip |
        assay shift -q --weights reference.csv - >order.csv
    expect_file "other order, no label" wanted.csv order.csv
    gzip -k reference.csv
    assay shift -q --weights -o weighted.csv reference.csv.gz current.csv
    expect_file "into a file" wanted.csv weighted.csv
}

@test "nothing to weigh, too few rows: weights of 1, and it says so" {
    rows 1 300 0 >reference.csv
    rows 3 300 0 >same.csv
    try assay shift --weights --label label reference.csv same.csv
    expect same 0
    expect_like same "*nothing to weigh: the two are not told apart (p 0.*)" \
        "$(<err)"
    rows 4 29 3 >few.csv
    try assay shift --weights --label label reference.csv few.csv
    expect few 0 "assay shift: 300 rows and 29: fewer than 30 of a table, or \
no column to tell them by, so all weights are 1"
    expect_text few 300 "$(grep -c ',1$' out)"
}

@test "rows of other parts have no weight; gates; train takes the weights" {
    rows 1 400 0 | awk 'NR == 1 { print $0 ",split"; next }
        { print $0 "," (NR % 4 ? "train" : "test") }' >reference.csv
    rows 2 300 2.5 >current.csv
    try assay shift --weights --label label --on train --gate 'auroc<=.9' \
        reference.csv current.csv
    expect gate 3
    expect_like few "*few rows stand for the current ones*gate 'auroc<=.9' is \
closed*" "$(<err)"
    expect_text "without a weight" 100 "$(grep -c ',test,$' out)"
    expect_text "with one" 300 "$(grep -c ',train,[0-9.e-]*$' out)"
    mv out weighted.csv
    try assay train -q --label label --weight sample_weight --net linear \
        --epochs 1 weighted.csv
    expect train 0
}

@test "what cannot be weighed" {
    rows 1 40 0 >reference.csv
    rows 2 40 1 >current.csv
    assay shift -q --weights reference.csv current.csv >weighted.csv
    try assay shift --weights weighted.csv current.csv
    expect twice 1 "assay shift: weighted.csv: there is a column \
'sample_weight' already"
    cut -d, -f1 current.csv >ids.csv
    try assay shift --weights reference.csv ids.csv
    expect_like columns "assay shift: ids.csv: no column *" "$(<err)"
    expect columns 1
    sed '3s/,[^,]*,[ab],/,wide,a,/' current.csv >bad.csv
    try assay shift --weights reference.csv bad.csv
    expect_like cell "assay shift: bad.csv:3: column 'y' (field 3): not a \
number: 'wide'*" "$(<err)"
    expect cell 1
    expect_text "no output" "" "$(<out)"
}
