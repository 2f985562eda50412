# assay check: what is wrong with single columns.
load helpers

# CHECK: the status and subject of its first finding in out
finding() {
    awk -F, -v check="$1" '$1 == check { print $3, $2; exit }' out
}

# Columns "x,k,label" of 300 rows; $1: an awk expression for k.
with_column() {
    awk -v OFS=, 'BEGIN {
        srand(7)
        print "x", "k", "label"
        for (i = 1; i <= 300; i++) {
            label = rand() < .5 ? "yes" : "no"
            k = '"$1"'
            printf "%.6f,%s,%s\n", rand() + rand() + (label == "yes"), k, label
        }
    }'
}

@test "one fault in a column, one finding" {
    while IFS='|' read -r k wanted; do
        with_column "$k" >data.csv
        try assay check -q data.csv
        expect "$k" 0 ""
        expect_text "$k" "${wanted#* } k" "$(finding "${wanted% *}")"
        grep -E '^[a-z_]+,[^,]*,(fail|warn|undecided)' out >found || true
        expect_text "$k: alone" 1 "$(wc -l <found)"
    done <<'EOF'
label "!"|giveaway fail
rand() < .05 ? (rand() < .5 ? "yes" : "no") : label|giveaway fail
rand() < .5 ? "London" : rand() < .1 ? "LONDON " : "Oslo"|spellings warn
i == 50 ? 40 : rand()|outliers warn
i % 30 ? 1 + rand() : -999|outliers fail
"mm"|constant warn
""|empty warn
i % 200 * 1.5|identifier warn
sprintf("%.2f kg", rand())|text_numbers warn
i % 3 ? sprintf("1990-%02d-%02d", i % 12 + 1, i % 28 + 1) : sprintf("%d/%d/1990", i % 28 + 1, i % 12 + 1)|mixed warn
label == "yes" && rand() < .7 ? "" : rand()|missingness warn
rand() < .6 ? "" : rand()|missing warn
EOF
}

@test "clean columns of many kinds: nothing is found" {
    while read -r kind; do
        assay synth "$kind" --rows 500 --seed 3 >data.csv
        assay check -q data.csv >out
        grep -E '^(giveaway|spellings|outliers|empty|constant|identifier|text_numbers|mixed|missingness|missing|imbalance),' \
            out >found
        grep -vE '^[^,]*,[^,]*,ok' found || continue
        fail "$kind" "$(<found)"
    done <<'EOF'
blobs
moons
spirals
tabular
glyphs
titles
EOF
}

@test "ten worst of many, and how many there are" {
    awk -v OFS=, 'BEGIN {
        for (c = 1; c <= 14; c++) printf "c%d,", c
        print "x,label"
        for (i = 0; i < 100; i++) {
            for (c = 1; c <= 14; c++) printf "7,"
            print i * 7 % 31 / 10, i % 2
        }
    }' >data.csv
    assay check -q data.csv >out
    expect_text rows 10 "$(grep -c '^constant,' out)"
    grep -q '^constant,c1,warn.*(14 columns in all)' out
}

@test "labels in two spellings fail; --strict" {
    with_column 'rand()' | sed 's/,yes$/,Yes/; 20,60s/,Yes$/,yes /' >data.csv
    try assay check -q --strict data.csv
    expect strict 3 ""
    expect_text label "fail label" "$(finding spellings)"
    grep -q "'Yes' [0-9]* = 'yes ' [0-9]*; make them one: assay split --recode" out
}

@test "small and odd tables" {
    printf 'x,label\n1,a\n' >one.csv
    try assay check -q one.csv
    expect "one row" 0 ""
    expect_text "one row" "undecided all columns" "$(finding giveaway)"
    with_column 'rand()' | sed 's/,[a-z]*$/,a/; 1s/,a$/,label/' >data.csv
    try assay check -q data.csv
    expect "one class" 0 ""
    expect_text "one class" "undecided all columns" "$(finding giveaway)"
    assay synth order --rows 60 >steps.csv
    try assay check -q steps.csv
    expect sequences 0 ""
    expect_text sequences "" "$(finding giveaway)$(finding constant)"
}
