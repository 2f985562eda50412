# assay check: what is in a table.
load helpers

@test "columns: types, roles, counts, what is odd" {
    cat >data.csv <<'END'
id,split,name,born,scan,note,label
1,train,Ann Lee,1901,a.png,,x
2,train,Bo Yi,1902,b.JPG,,y
3,test,Cy Orr,1901-1903,c.jpeg,,x
END
    cat >wanted <<'END'
column,type,role,missing,distinct,min,max,other,example
id,,id,0,3,,,,1
split,,split,0,2,,,,train
name,text,feature,0,3,,,,Ann Lee
born,text,feature,0,3,,,,1901
scan,image,feature,0,3,,,,a.png
note,,unused,3,0,,,it is empty in the training rows,
label,,label,0,2,,,,x
END
    try assay check --columns data.csv
    expect columns 0 "assay check: 3 rows, 7 columns
assay check: column 'born': 2 of 3 are numbers; first other line 4 '1901-1903'; using text
assay check: column 'note' is empty in the training rows; not used"
    expect_file columns wanted out
}

@test "columns: what train refuses is described, not refused" {
    { echo n,s; for n in $(seq 200); do echo "$n,1 2;3 4"; done
        echo 2O1,1 2; echo '202,1 x'; } >data.csv
    try assay check -q --columns data.csv
    expect described 0 ""
    cat >wanted <<'END'
column,type,role,missing,distinct,min,max,other,example
n,number,feature,0,202,1,202,line 202: not a number: '2O1' (201 of 202 cells are; try --missing '2O1' or --type n=category),1
END
    head -n 2 out >some
    expect_file described wanted some
    grep -q '^s,sequence,feature,.*line 203' out
    try assay check -q --columns --missing 2O1 data.csv
    expect missing 0 ""
    grep -q '^n,,unused,1,201,,,nearly all its values differ,1$' out
}

@test "columns: options say what a column is" {
    small_books >books.csv
    try assay check -q --columns --label genre --time year --type title=category \
        books.csv
    expect options 0 ""
    cat >wanted <<'END'
column,type,role,missing,distinct,min,max,other,example
title,category,feature,0,60,,,,A history of the county 1
genre,,label,0,2,,,,Non-fiction
year,,time,0,7,,,,1801
END
    expect_file options wanted out
    try assay check --columns --label nothing books.csv
    expect label 1
    try assay check books.csv
    expect usage 2 "assay check: 60 rows, 3 columns
assay check: --label COLUMN is needed (or --columns)"
    try assay check --columns --type title=picture books.csv
    expect type 2 "assay check: --type: 'title=picture' is not COLUMN=TYPE (number, category, text, sequence, image)"
}

@test "columns: a gate looks at the table" {
    small_books >books.csv
    try assay check -q --columns --gate 'title.distinct>=60' books.csv
    expect open 0
    try assay check -q --columns --gate 'title.missing>=1' books.csv
    expect closed 3
}

@test "columns: no number, no range; another delimiter is noticed" {
    printf 'w,e\na,yes\nb,no\n' >words.csv
    try assay check -q --columns words.csv
    expect words 0 ""
    grep -q '^e,category,feature,0,2,,,' out
    try assay check -q --columns --type e=number --gate 'e.max<=0' words.csv
    expect "gate on nothing" 1
    printf 'a;b\n1;2\n' >semicolons.csv
    try assay check --columns semicolons.csv
    expect semicolons 0 "assay check: 1 row, 1 column
assay check: a single column, 'a;b': perhaps --delimiter ';'"
}

# status CHECK: of its finding in out
finding() {
    awk -F, -v check="$1" '$1 == check { print $3; exit }' out
}

@test "labels beside their rows, by an offset, in reverse, in no order" {
    while IFS='|' read -r options wanted advice; do
        assay synth titles --rows 600 $options >data.csv
        try assay check -q data.csv
        expect "$options" 0 ""
        expect_text "$options" "$wanted" "$(finding alignment)"
        grep -q "$advice" out || fail "$options" "$(<out)"
    done <<'EOF'
|ok|
--misalign 4|fail|the label of a row stands 4 rows below it: move the labels up
--misalign -1|fail|the label of a row stands 1 row above it: move the labels down
--misalign reverse|fail|the labels are in reverse order
--misalign shuffle|fail|assay pair
--rows 1200 --misalign 2@.5|fail|^alignment,rows .*1200,fail.*2 rows below it
EOF
    assay synth order --rows 60 >steps.csv
    assay check -q --label label steps.csv >out
    expect_text sequence undecided "$(finding alignment)"
}

@test "a file in the order of its labels is no fault; labels sorted apart are" {
    assay synth glyphs --rows 600 --classes 3 --size 8 --noise .05 >data.csv
    { head -n 1 data.csv; sed 1d data.csv | sort -t, -k65,65; } >sorted.csv
    assay check -q sorted.csv >out
    expect_text together ok "$(finding alignment)"
    expect_text sorted warn "$(finding sorted)"
    assay synth glyphs --rows 600 --classes 3 --size 8 --noise .05 \
        --misalign sort >apart.csv
    assay check -q apart.csv >out
    expect_text apart fail "$(finding alignment)"
}

@test "duplicates, conflicts, leaks, classes" {
    {
        echo width,height,title,split,label
        for n in $(seq 60); do
            echo "$((n * n % 61)),$((n * 37 % 101)),book $n,$([ "$n" -gt 40 ] && echo test || echo train),$((n % 2))"
        done
        echo '1,37,book 1,test,1'
        echo '4,74,book 2,train,1'
        echo '3,9,book 99,train,'
        echo '5,8,book 98,train,7'
    } >data.csv
    assay check -q --type title=category data.csv >out
    cut -d, -f1-4 out |
        grep -E '^(check|leak|conflicts|duplicates|labels|classes|absent),' >some
    cat >wanted <<'END'
check,subject,status,value
leak,test,warn,1
conflicts,all rows,warn,2
duplicates,all rows,warn,1
labels,all rows,warn,1
classes,7,warn,1
absent,test: 7,warn,0
END
    expect_file found wanted some
}

@test "known duplicates of real data; --strict and gates" {
    assay check -q --label genre "$DATA/bl_genre_books.csv.gz" >out
    expect_text books "ok ok" "$(finding alignment) $(finding duplicates)"
    assay synth blobs --misalign 1 >data.csv
    try assay check -q --strict -o out data.csv
    expect strict 3
    try assay check -q data.csv
    expect "not strict" 0 ""
    try assay check -q --gate 'duplicates<=0' data.csv
    expect gate 0 ""
    assay synth blobs --duplicates .3 >twice.csv
    try assay check -q --gate 'duplicates<=10' twice.csv
    expect gate 3
}
