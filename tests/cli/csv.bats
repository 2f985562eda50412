# What a table may look like, what comes out, and what is refused.  split is
# the tool that shows it best: it passes every cell on.
load helpers

# split_of TEXT [OPTION...]: tries split on the table TEXT, a printf format.
split_of() {
    local text=$1

    shift
    # shellcheck disable=SC2059
    printf "$text" >table.csv
    try assay split -q --parts all=1 "$@" table.csv
}

# gives TEXT [OPTION...] WANTED: both are printf formats.
gives() {
    local wanted=${*: -1}

    split_of "${@:1:$#-1}"
    expect "$1" 0 ""
    # shellcheck disable=SC2059
    printf "$wanted" >wanted
    expect_file "$1" wanted out
}

# refused TEXT [OPTION...] MESSAGE: the message after `table.csv:`.
refused() {
    split_of "${@:1:$#-1}"
    expect "$1" 1 "assay split: table.csv:${*: -1}"
    expect_empty "$1" out
}

# ---- cells pass through ----

@test "cells keep their bytes, needless quotes and blanks included" {
    gives 'a,b\n"1","2"\n"x ""q""", y \n,""\n" ",\t\n' \
        'a,b,id,split\n"1","2",1,all\n"x ""q""", y ,2,all\n,"",3,all\n" ",\t,4,all\n'
}

@test "numbers are not rewritten" {
    gives 'n\n1.50\n-0\n1e5\n00012\nNaN\n 7\n' \
        'n,id,split\n1.50,1,all\n-0,2,all\n1e5,3,all\n00012,4,all\nNaN,5,all\n 7,6,all\n'
}

@test "quoted newlines of both kinds stay as they are" {
    gives 'a,b\n"1\n2",x\r\n"3\r\n4",y\n' \
        'a,b,id,split\n"1\n2",x,1,all\n"3\r\n4",y,2,all\n'
}

@test "column names keep their quotes" {
    gives '"a","b b",c\n1,2,3\n' '"a","b b",c,id,split\n1,2,3,1,all\n'
}

@test "a column name with a comma, a quote and a newline" {
    gives '"on paper, print",k\na,1\n' --label 'on paper, print' \
        '"on paper, print",k,id,split\na,1,1,all\n'
    gives '"say ""x""\nagain",k\na,1\n' --label $'say "x"\nagain' \
        '"say ""x""\nagain",k,id,split\na,1,1,all\n'
}

@test "an empty column name is a name" {
    gives ',b\n1,2\n' ',b,id,split\n1,2,1,all\n'
}

@test "characters beyond ASCII" {
    gives 'título,β\nnaïve,Ω\n漢字,🙂\n' \
        'título,β,id,split\nnaïve,Ω,1,all\n漢字,🙂,2,all\n'
}

@test "the last line may lack its newline" {
    gives 'a,b\n1,2' 'a,b,id,split\n1,2,1,all\n'
    gives 'a,b\n1,"2\n3"' 'a,b,id,split\n1,"2\n3",1,all\n'
    gives 'a\n1\n2' 'a,id,split\n1,1,all\n2,2,all\n'
}

# ---- blank lines ----

@test "a blank line is an empty cell where there is one column" {
    gives 'a\nx\n\ny\n' 'a,id,split\nx,1,all\n,2,all\ny,3,all\n'
    gives 'a\r\nx\r\n\r\n' 'a,id,split\nx,1,all\n,2,all\n'
    gives 'a\n\n' 'a,id,split\n,1,all\n'
}

@test "blank lines are ignored where there are more columns" {
    gives 'a,b\n\nx,1\n\r\ny,2\n\n\n' 'a,b,id,split\nx,1,1,all\ny,2,2,all\n'
}

@test "blank lines before the header are ignored and counted as lines" {
    gives '\n\na,b\nx,1\n' 'a,b,id,split\nx,1,1,all\n'
    refused '\n\na,b\n\n\nx\n' \
        '6: expected 2 fields (header line 3), got 1'
}

@test "a line of blanks is not blank" {
    refused 'a,b\n  \n' '2: expected 2 fields (header line 1), got 1'
    gives 'a\n  \n' 'a,id,split\n  ,1,all\n'
}

# ---- other delimiters and encodings ----

@test "--delimiter: semicolon and tab" {
    gives 'a;b\n1;"x;y"\n2;"p,q"\n3;u,v\n' --delimiter ';' \
        'a,b,id,split\n1,x;y,1,all\n2,"p,q",2,all\n3,"u,v",3,all\n'
    gives 'a\tb\n1\t"x, y"\n2\t\n' --delimiter tab \
        'a,b,id,split\n1,"x, y",1,all\n2,,2,all\n'
    gives 'a\tb\n1\tx\n' --delimiter '\t' 'a,b,id,split\n1,x,1,all\n'
    gives 'a|b\n1|x\n' --delimiter '|' 'a,b,id,split\n1,x,1,all\n'
}

@test "--encoding latin1" {
    gives 't,l\ncaf\351,\xbd\n' --encoding latin1 \
        't,l,id,split\ncafé,½,1,all\n'
}

@test "--encoding utf-16, with its mark or by name" {
    printf 't,l\ncafé,漢\n"x\n y",🙂\n' >utf8.csv
    printf 't,l,id,split\ncafé,漢,1,all\n"x\n y",🙂,2,all\n' >wanted
    for encoding in utf-16 utf-16le utf-16be; do
        iconv -f utf-8 -t $encoding utf8.csv >other.csv
        try assay split -q --parts all=1 --encoding $encoding other.csv
        expect "$encoding" 0 ""
        expect_file "$encoding" wanted out
    done
}

@test "UTF-16 that was not announced" {
    printf 'a,b\n1,2\n' | iconv -f utf-8 -t utf-16 >table.csv
    try assay split table.csv
    expect utf-16 1 "assay split: table.csv:1: NUL byte (UTF-16 needs \
--encoding utf-16)"
}

@test "a byte that --encoding does not have" {
    printf 'a,b\n1,2\n3,4\n' | iconv -f utf-8 -t utf-16 | head -c 25 >cut.csv
    try assay split --encoding utf-16 cut.csv
    expect cut 1 "assay split: cut.csv:3: byte that --encoding does not have"
}

@test "bytes that are not UTF-8 are named with their line" {
    refused 't,l\nab,a\ncaf\351,b\n' \
        "3: not UTF-8: '\\xe9,b\\n' (perhaps --encoding latin1)"
    refused 't,l\n1,"x\nq\200y"\n' \
        "3: not UTF-8: '\\x80y\"\\n' (perhaps --encoding latin1)"
    refused 't\351,l\n1,2\n' \
        "1: not UTF-8: '\\xe9,l\\n' (perhaps --encoding latin1)"
    # too long, a surrogate, beyond U+10FFFF, cut by the end of the file
    for bytes in '\300\200' '\355\240\200' '\364\220\200\200' '\303'; do
        split_of "a\n$bytes"
        expect "$bytes" 1
        expect_like "$bytes" "assay split: table.csv:2: not UTF-8: *" \
            "$(<err)"
    done
}

@test "a NUL byte" {
    refused 'a,b\n1,2\n3,x\000y\n' \
        '3: NUL byte (UTF-16 needs --encoding utf-16)'
}

# ---- refused ----

@test "a bare carriage return" {
    refused 'x,y\na,b\rc,d\n' "2: bare carriage return (lines end in LF or \
CRLF): 'a,b\\rc,d\\n'"
    refused 'x,y\na,b\r' \
        "2: bare carriage return (lines end in LF or CRLF): 'a,b\\r'"
    refused 'x,y\ra,b\r' \
        "1: bare carriage return (lines end in LF or CRLF): 'x,y\\ra,b\\r'"
    gives 'x,y\n"a\rb",c\n' 'x,y,id,split\n"a\rb",c,1,all\n'
}

@test "column names that occur twice" {
    refused 'a,b,a\n1,2,3\n' "1: column 'a' occurs twice (fields 1 and 3)"
    refused 'x,"a",a\n1,2,3\n' "1: column 'a' occurs twice (fields 2 and 3)"
    refused ',b,\n1,2,3\n' "1: column '' occurs twice (fields 1 and 3)"
}

@test "malformed quotes" {
    local what="malformed quotes (inside a quoted field a quote is doubled)"

    refused 'a,b\n1,ab"cd\n' "2: $what: '1,ab\"cd\\n'"
    refused 'a,b\n1,2\n1,"ab"cd\n' "3: $what: '1,\"ab\"cd\\n'"
    refused 'a,b\n1, "x"\n' "2: $what: '1, \"x\"\\n'"
    refused 'a,b\n1,"x" \n' "2: $what: '1,\"x\" \\n'"
    refused 'a,b\n1,"x\ny"z\n' "2: $what: '1,\"x\\ny\"z\\n'"
}

@test "an unterminated quote, also in the header" {
    refused 'a,b\n1,"ab""\n2,3\n' \
        "2: unterminated quote: '1,\"ab\"\"\\n2,3\\n'"
    refused 'a,"b\n1,2\n' "1: unterminated quote: 'a,\"b\\n1,2\\n'"
}

@test "values in messages are escaped and cut at 40 bytes" {
    refused 'a,b\n1,x"\033[31m0123456789012345678901234567890123456789\n' \
        "2: malformed quotes (inside a quoted field a quote is doubled): \
'1,x\"\\x1b[31m0123456789012345678901234567890...'"
}

@test "rows that are too short and too long" {
    refused 'a,b\n1\n' '2: expected 2 fields (header line 1), got 1'
    refused 'a,b\n1,2\n1,2,3\n' '3: expected 2 fields (header line 1), got 3'
    refused 'a\n1,2\n' '2: expected 1 field (header line 1), got 2'
}

@test "a column that is not there" {
    refused 'x,y\n1,2\n' --label nope " no column 'nope' (there are: x, y)"
}

# ---- --skip-bad ----

@test "--skip-bad leaves out ragged and non-UTF-8 rows and counts them" {
    printf 'x,y\n5\n6,7\n8,9,10\n\377,1\n11,12\n"a\n\377",1\n' >table.csv
    printf 'x,y,id,split\n6,7,1,all\n11,12,2,all\n' >wanted
    try assay split --skip-bad --parts all=1 table.csv
    expect skip 0 "assay split: 2 rows, 2 assigned: all 2
assay split: 4 bad records left out"
    expect_file skip wanted out
}

@test "--skip-bad with nothing left" {
    refused 'x,y\n5\n' --skip-bad " no rows after the header"
}

@test "--skip-bad does not pass over broken quotes" {
    refused 'x,y\n1,a"b\n' --skip-bad "2: malformed quotes (inside a quoted \
field a quote is doubled): '1,a\"b\\n'"
}

# ---- several files ----

@test "several files: columns by name, in the order of the first" {
    printf 'x,y\n1,2\n' >first
    printf 'y,x\n3,4\n"5",6' >second
    printf 'x,y,id,split\n1,2,1,all\n4,3,2,all\n6,"5",3,all\n' >wanted
    try assay split -q --parts all=1 first second
    expect two 0 ""
    expect_file two wanted out
    gzip <second >second.gz
    try assay split -q --parts all=1 first - <second.gz
    expect pipe 0 ""
    expect_file pipe wanted out
    printf 'y,x,id,split\n3,4,1,all\n"5",6,2,all\n2,1,3,all\n' >wanted
    try assay split -q --parts all=1 second first
    expect_file turned wanted out
}

@test "several files: one may have no rows, but a header" {
    printf 'x,y\n1,2\n' >first
    printf 'y,x\n' >none
    : >empty
    for files in 'first none' 'none first' 'none first none'; do
        # shellcheck disable=SC2086
        try assay split -q --parts all=1 $files
        expect "$files" 0 ""
        expect_text "$files" 2 "$(wc -l <out)"
    done
    try assay split none none
    expect none 1 "assay split: none: no rows after the header"
    try assay split first empty
    expect empty 1 "assay split: empty: empty input: no header row (did what \
writes it fail?)"
}

@test "several files: other columns are refused" {
    printf 'x,y\n1,2\n' >first
    printf 'y,z\n3,4\n' >second
    try assay split first second
    expect other 1 "assay split: second:1: column 'z' is not in the first file"
    printf 'x,y,z\n3,4,5\n' >third
    try assay split first third
    expect more 1 "assay split: third:1: 3 columns, but the first file has 2"
    printf 'y,y\n3,4\n' >fourth
    try assay split first fourth
    expect twice 1 "assay split: fourth:1: column 'y' occurs twice"
}

@test "several files: the file and its own line are named" {
    printf 'x,y\n1,2\n' >first
    printf 'y,x\n3,4\n5\n' >second
    try assay split first second
    expect ragged 1 "assay split: second:3: expected 2 fields (header line \
1), got 1"
}

# ---- large and odd ----

@test "a field of 1 MB" {
    { printf 'big,label\n' && head -c 1048576 /dev/zero | tr '\0' x &&
        printf ',a\n"' && head -c 1048576 /dev/zero | tr '\0' '\n' &&
        printf '",b\n'; } >table.csv
    try assay split -q --parts all=1 table.csv
    expect big 0 ""
    sed -e '1s/$/,id,split/' -e 's/,a$/,a,1,all/' -e 's/^",b$/",b,2,all/' \
        table.csv >wanted
    expect_file big wanted out
    echo 1 >>table.csv
    try assay split table.csv
    expect line 1 "assay split: table.csv:1048580: expected 2 fields (header \
line 1), got 1"
}

@test "5,000 columns" {
    awk 'BEGIN {
        for (row = 0; row < 4; row++) {
            for (i = 1; i < 5000; i++)
                printf "%s,", row ? row * i : "c" i
            print row ? row % 2 : "label"
        }
    }' >table.csv
    try assay split -q --label label --parts all=1 table.csv
    expect wide 0 ""
    awk '{ print $0 (NR > 1 ? "," NR - 1 ",all" : ",id,split") }' table.csv \
        >wanted
    expect_file wide wanted out
    try assay train -q --label label --hidden 4 --epochs 1 -m model table.csv
    expect train 0 ""
    try assay eval -q -m model table.csv
    expect eval 0 ""
    expect_text rows 4 "$(wc -l <out)"
}

# a pipe of all tools, for labels of a kind; `classes` are two, quoted.
through_all() {
    awk -v a="$1" -v b="$2" 'BEGIN {
        print "text,label"
        for (i = 0; i < 40; i++)
            printf "%s %d,%s\n", i % 2 ? "oak tree" : "red car", i, i % 2 ? a : b
    }' >table.csv
    assay split -q --label label --parts train=.5,test=.5 table.csv >data.csv
    assay train -q --label label --features text --hidden 8 --epochs 60 \
        --learning-rate .02 -m model data.csv >curve.csv
    assay eval -q -m model --probs data.csv >predictions.csv
    assay eval -q --metrics predictions.csv >metrics.csv
    assay decompose predictions.csv >sources.csv
    assay confuse -q --matrix predictions.csv >matrix.csv
    assay confuse -q --by-class predictions.csv >classes.csv
}

@test "labels with commas and quotes go through every tool" {
    through_all '\"on paper, print\"' '\"say \"\"x\"\"\"'
    expect_text header \
        'id,split,label,pred,prob,loss,"p:on paper, print","p:say ""x"""' \
        "$(head -n 1 predictions.csv)"
    grep -q '^1,[a-z]*,"say ""x""","say ""x""",' predictions.csv
    grep -q '^2,[a-z]*,"on paper, print","on paper, print",' predictions.csv
    expect_text matrix 'label,"on paper, print","say ""x"""
"on paper, print",10,0
"say ""x""",0,10' "$(<matrix.csv)"
    grep -q '^"on paper, print",10,10,1,' classes.csv
}

@test "labels that are numbers are names all the same" {
    through_all 1 01
    expect_text header 'id,split,label,pred,prob,loss,p:01,p:1' \
        "$(head -n 1 predictions.csv)"
    expect_text matrix 'label,01,1
01,10,0
1,0,10' "$(<matrix.csv)"
}

@test "an upstream failure is told from a table that speaks of one" {
    gives 'a\n"assay split failed: x"\n' 'a,id,split
"assay split failed: x",1,all\n'
}

@test "a bare carriage return before a quoted field" {
    printf 'h\na\r"b\nc"\nd\n' >table.csv
    try assay split -q table.csv
    expect one 1
    expect_like one "assay split: table.csv:2: bare carriage return *" "$(<err)"
    printf 'x,y\na,b\r"c\nd",e\nf,g\n' >table.csv
    try assay split -q table.csv
    expect two 1
    expect_empty two out
}

@test "a file with another delimiter gets a hint" {
    printf 'a;b\n1;2\n' >data.csv
    try assay split --label b data.csv
    expect semicolon 1 "assay split: data.csv: no column 'b' (there are: a;b); perhaps --delimiter ';'"
    printf 'a\tb\n1\t2\n' >data.csv
    try assay split --label b data.csv
    expect_like tab "*; perhaps --delimiter tab" "$(<err)"
}

@test "--skip-bad does not pass over a bad header" {
    printf 'a\xff,b\n1,2\n' >data.csv
    try assay split --skip-bad data.csv
    expect header 1 "assay split: data.csv:1: not UTF-8: '\\xff,b\\n' (perhaps --encoding latin1)"
}

@test "-o /dev/stdout goes where standard output goes, and spoils nothing" {
    small_books 6 >books.csv
    echo "a line before" >log
    { assay split -q --parts train=1 -o /dev/stdout books.csv; echo "a line after"; } >>log
    [ "$(head -n 1 log)" = "a line before" ]
    [ "$(tail -n 1 log)" = "a line after" ]
    [ "$(wc -l <log)" -eq 9 ]
    assay split -q --parts train=1 -o /dev/fd/5 books.csv 5>five
    assay split -q --parts train=1 books.csv | cmp - five
    try assay split -q --parts train=1 -o /dev/fd/99 books.csv
    expect "no such descriptor" 1
}
