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
    expect usage 2 "assay check: --columns is needed: it is all that this version does"
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
