# assay check: do labels stand beside their rows?
load helpers

# status|rows|advice of the alignment of a table, one a line
alignment() {
    assay check -q -o findings.csv "$@" || return
    awk -F, '$1 == "alignment" {
        advice = $NF
        if (/"$/) {
            n = split($0, piece, /,"/)
            advice = substr(piece[n], 1, length(piece[n]) - 1)
        }
        print $3 "|" $2 "|" advice }' findings.csv
}

# The labels (last column) of data.csv in the order of the rows that `order`
# says, beside rows as they are: in mixed.csv.
labels_in_order() {
    head -n 1 data.csv >mixed.csv
    paste -d, <(sed 1d data.csv | awk -F, -v OFS=, '{ NF--; print }') \
        <(sed 1d data.csv | "$@" | awk -F, '{ print $NF }') >>mixed.csv
}

# names PREFIX SUFFIX: a column of them before a table, 1 to N
name_rows() {
    awk -F, -v OFS=, -v name="$1" -v prefix="$2" -v suffix="$3" '
        { print NR == 1 ? name : prefix NR - 1 suffix, $0 }'
}

@test "labels in the order of a column, as text, as numbers, falling" {
    assay synth blobs --rows 300 | name_rows file scan .tif >data.csv
    labels_in_order sort -t, -k1,1
    expect_text text "fail|all rows|the labels stand in the order of column 'file' as text (10 before 9), the rest of a row does not: join them by key: assay pair --key='file'" \
        "$(alignment mixed.csv)"
    assay synth blobs --rows 300 | awk -F, -v OFS=, '
        { print NR == 1 ? "number" : (NR * 7919) % 1009, $0 }' >data.csv
    labels_in_order sort -t, -k1,1n
    alignment mixed.csv >out
    grep -q "^fail|all rows|the labels stand in the order of column 'number' as numbers," out
    labels_in_order sort -t, -k1,1nr
    alignment --exclude number mixed.csv >out
    grep -q "the labels stand in the falling order of column 'number' as numbers," out
}

@test "inputs in the order of a column; paths without their folders" {
    assay synth blobs --rows 300 | name_rows file scan .tif >data.csv
    # the names and labels as they are, other cells in the order of the names
    paste -d, <(cut -d, -f1 data.csv) \
        <({ head -n 1 data.csv; sed 1d data.csv | sort -t, -k1,1; } |
            cut -d, -f2,3) <(cut -d, -f4 data.csv) >mixed.csv
    alignment mixed.csv >out
    grep -q "^fail|all rows|the inputs stand in the order of column 'file' as text" out
    assay synth blobs --rows 300 | awk -F, -v OFS=, '
        { print NR == 1 ? "path" : "box" NR % 3 "/" (NR * 7919) % 1009, $0 }' \
        >data.csv
    labels_in_order sort -t/ -k2,2n
    alignment mixed.csv >out
    grep -q "column 'path' without folders, as text (9 before 10)," out
}

@test "only the last third is in another order" {
    assay synth titles --rows 600 | awk -F, -v OFS=, '
        { print NR == 1 ? "number" : (NR * 7919) % 1009, $0 }' >data.csv
    last_third_sorted() {
        awk 'NR <= 400 { print; next } { print | "sort -t, -k1,1n" }'
    }
    labels_in_order last_third_sorted
    alignment mixed.csv >out
    grep -Eq "^fail\|rows (39.|40.)-600\|the labels stand in the order of column 'number'" out
}

@test "sequences: ok, by an offset, shuffled; parity is beyond what is tried" {
    assay synth order --rows 400 >data.csv
    expect_text order "ok|all rows|" "$(alignment data.csv)"
    assay synth order --rows 400 --misalign 3 >data.csv
    alignment data.csv >out
    grep -q "^fail|all rows|the label of a row stands 3 rows below it" out
    assay synth order --rows 800 --misalign shuffle >data.csv
    alignment data.csv >out
    grep -q "^fail|all rows|the inputs tell nothing of the labels, as they stand and in 101 other orders: were inputs and labels listed in two orders?" out
    assay synth parity --size 100 --rows 800 >data.csv
    alignment data.csv >out
    grep -q "^undecided|all rows|.*a rule of many columns or steps at once;" out
}

@test "tokens, and sequences in long rows, as a network reads them" {
    local net=(--net lstm --epochs 1 --hidden 4)
    assay synth titles --rows 300 --misalign 5 >data.csv
    alignment "${net[@]}" --tokens word data.csv >out
    grep -q "^fail|all rows|the label of a row stands 5 rows below it" out
    assay synth order --size 8 --rows 300 --misalign -2 | awk -F, '
        NR == 1 { print "number,a,b,label"; next }
        { n = split($1, step, ";")
          for (s = 1; s <= n; s++) {
              sub(/ /, ",", step[s]); print NR "," step[s] "," $2 } }' >long.csv
    alignment "${net[@]}" --sequence number long.csv >out
    grep -q "^fail|all rows|the label of a row stands 2 rows above it" out
}

@test "a rule of pairs of columns is no fault" {
    awk 'BEGIN {
        srand(5)
        printf "label"
        for (c = 1; c <= 12; c++) printf ",x%d", c
        print ""
        for (i = 1; i <= 600; i++) {
            for (c = 1; c <= 12; c++) x[c] = rand() - .5
            printf "%s", (x[1] * x[2] > 0 ? "a" : "b")
            for (c = 1; c <= 12; c++) printf ",%.4f", x[c]
            print ""
        }
    }' >data.csv
    expect_text pairs "ok|all rows|" "$(alignment data.csv)"
}

@test "few rows, unequal classes: warned of or undecided, never failed" {
    assay synth blobs --rows 150 --misalign shuffle >data.csv
    alignment data.csv >out
    grep -q '^warn|all rows|the inputs tell nothing' out
    assay synth blobs --rows 60 --misalign shuffle >data.csv
    alignment data.csv >out
    grep -q '^undecided|all rows|.*with so few rows that may be chance;' out
    assay synth blobs --rows 30 >data.csv
    expect_text "30 rows" \
        "undecided|all rows|so few rows tell nothing of their order: compare some with their source by eye" \
        "$(alignment data.csv)"
    awk 'BEGIN { print "x,label"; for (i = 0; i < 60; i++) print i ",a" }' \
        >data.csv
    expect_text "one class" "" "$(alignment data.csv)"
}

@test "a file by class: an offset of some rows is seen where classes meet" {
    assay synth blobs --rows 900 >blobs.csv
    { head -n 1 blobs.csv; sed 1d blobs.csv | sort -t, -k3,3; } >data.csv
    expect_text sorted "ok|all rows|" "$(alignment data.csv)"
    later() {
        awk '{ row[NR] = $0 }
            END { for (i = 1; i <= NR; i++) print row[(i > 12) ? i - 12 : 1] }'
    }
    labels_in_order later
    alignment mixed.csv >out
    grep -q '^fail|all rows|the label of a row stands 1[0-4] rows below it' out
}

@test "rows of another kind, of whom others tell nothing, are not blamed" {
    # half of the file has other words, and the rule turned round
    {
        assay synth titles --rows 600
        assay synth titles --rows 600 --seed 2 | sed 1d |
            awk -F, -v OFS=, '{ gsub(/[a-z]/, "&&", $1); print }'
    } >data.csv
    alignment data.csv >out
    ! grep -q '^fail' out
}

@test "the same at any number of threads" {
    assay synth tabular --rows 700 --misalign shuffle >data.csv
    assay check -q -j1 data.csv >one
    assay check -q -j3 data.csv >three
    expect_file threads one three
}
