# assay check --columns, for people: what is in a table, and what next.
load helpers

# A small catalogue with most of what can be odd.
catalogue() {
    awk 'BEGIN {
        print "id,number,title,made,width,units,state,code,added,genre,split"
        for (i = 1; i <= 60; i++)
            printf "%d,N%05d,%s of the %s no %d,%s,%s,%s,%d,0%d,%s,%s,%s\n",
                i, 100 + i, i % 2 ? "View" : "Portrait",
                i % 3 ? "river" : "duke", i, i % 4 ? 1800 + i : "about 1800",
                i % 5 ? i % 20 * 1400.5 : "", i % 5 ? "mm" : "", i % 3, 1000 + i % 30,
                "2021-05-0" i % 9 + 1 " 10:00", i % 2 ? "land" : "face",
                i % 4 ? "train" : "test"
    }'
}

# The view at so many columns, into out.
view() {
    local columns=$1
    shift
    COLUMNS=$columns LC_ALL=C.UTF-8 assay check -q --columns --view "$@" >out
}

@test "by what becomes of them: what columns hold, how full, what is odd" {
    catalogue >data.csv
    cat >wanted <<'END'
to be learned
  genre   2 classes                 full    land
numbers: learned from, standardised; an empty cell is the mean, and marked
  width   1400 to 26610             80 %    1400.5
  state   0 to 2                    full    1
    only 3 numbers: codes? (--type state=category)
  code    1000 to 1029              full    01001
    leading zeros: an identifier or a code? (--exclude code, --type
    code=category)
categories: learned from, each value an input; an empty cell is a value
  units   1 value                   80 %    mm
    always the same where it is not empty
  added   9 values                  full    2021-05-02 10:00
    60 of 60 cells are dates, taken as words (--time added keeps them out); few
    rows for each value
texts: learned from by their words, pairs of words and parts of words
  title   60 different, of 6 words  full    View of the river no 1
  made    46 different, of 1 word   full    1801
    45 of 60 cells are numbers, taken as words
names the rows, not learned from
  id      60 different              full    1
says which part a row is in, not learned from
  split   2 different               full    train
left out
  number  60 different              full    N00101
    nearly all its values differ: an identifier? (--features number takes it)

next  look for silent bugs
      assay check --label genre FILE
END
    view 80 --label genre data.csv
    expect_file view wanted out
}

@test "what stops train, and rows without a label" {
    { echo n,label; for n in $(seq 200); do echo "$n.5,$((n % 2))"; done
        echo 2O1,1; echo 7.5,; } >data.csv
    view 80 data.csv
    grep -q '^    1 row has none and is not learned from$' out
    grep -q "^    stops assay train: line 202: not a number: '2O1'" out
    tail -n 6 out >some
    cat >wanted <<'END'

next  mend what stops assay train, or add what is to be tried to each command: 1
      column above
next  divide the rows, then look for silent bugs
      assay split --label label FILE > parts.csv
      assay check --label label parts.csv
END
    expect_file next wanted some
}

@test "no label yet, names that a shell would take apart, pixels" {
    small_books >books.csv
    view 80 books.csv
    tail -n 2 out >some
    printf '%s\n' "next  say which column is to be learned" \
        "      assay check --columns --label COLUMN FILE" >wanted
    expect_file "no label" wanted some
    sed "1s/genre/it's a genre/" books.csv >odd.csv
    view 80 --label "it's a genre" odd.csv
    grep -qF "assay check --label 'it'\\''s a genre' parts.csv" out
    assay synth glyphs --rows 60 >pixels.csv
    view 80 pixels.csv
    grep -qE '^  256: px1 to px256  0 to 255    full    (0|255)$' out
    [ "$(wc -l <out)" -eq 8 ]
}

@test "no line is wider than the terminal, but commands to be copied" {
    catalogue >data.csv
    for columns in 20 40 80 120; do
        COLUMNS=$columns assay check -q --columns --view --label genre \
            data.csv >out
        grep -v '^      assay' out >lines
        awk -v most="$columns" 'length($0) > most' lines >wide
        expect_text "$columns" "" "$(<wide)"
    done
}

@test "one line, cells that a terminal would obey, an empty column" {
    printf 'a,b\n\033[31mred,\n' >data.csv
    view 80 data.csv
    expect_text "escape" 0 "$(grep -c "$(printf '\033')" out || true)"
    grep -q '^    it is empty in the training rows$' out
    assay check -q --columns data.csv >csv
    expect_text csv "column,type,role,missing,distinct,min,max,other,example" \
        "$(head -n 1 csv)"
}
