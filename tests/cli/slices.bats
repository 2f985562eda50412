# assay confuse --slices: by value, by bin, by word, and by pairs of them.
load model_helpers

HEADER=slice,value,n,error,low,high,share,excess,p_value,p_adjusted

# shelves: 401 rows, one in ten wrong, on shelf C two more in ten.
shelves() {
    awk 'BEGIN {
        print "id,label,pred,title,shelf,year"
        split("A B C D", shelf, " ")
        split("poems,sermons,letters,travels", word, ",")
        for (i = 0; i < 400; i++) {
            s = shelf[i % 4 + 1]
            w = word[int(i / 4) % 4 + 1]
            r = i * 7919 % 997
            wrong = r % 10 == 3 || s == "C" && r % 5 == 1
            printf "%d,x,%s,The %s of no. %d,%s,%s\n", i + 1,
                wrong ? "y" : "x", w, i, s, r % 19 == 7 ? "" : 1800 + r % 97
        }
        print "401,y,y,,D,"
    }'
}

# counts FILE SLICE VALUE: its rows and errors.
counts() {
    awk -F, -v slice="$2" -v value="$3" '
        $1 == slice && $2 == value { printf "%d %.0f\n", $3, $3 * $4 }' "$1"
}

@test "--slices: values, with their test by Fisher" {
    # 10 rows and 5 errors among 100 and 20: tests/data/slices/tests.txt
    awk 'BEGIN {
        print "label,pred,k"
        for (i = 0; i < 100; i++)
            print "x," (i < 5 || i >= 30 && i < 45 ? "y" : "x") "," \
                (i < 10 ? "p" : i < 20 ? "" : i < 29 ? "few" : "q")
    }' >pred.csv
    try assay confuse --slices k pred.csv
    expect slices 0 "assay confuse: 20 of 100 rows are wrong
assay confuse: 3 slices of 10 rows or more tested against the rest, 0 weaker \
at a false discovery rate of 0.05"
    expect_text header "$HEADER" "$(head -n 1 out)"
    expect_text order "p q (missing)" "$(column_of out value | xargs)"
    expect_text numbers "10 0.5 0.25 3.333333333333333" \
        "$(grep ,p, out | cut -d, -f3,4,7,8 | tr , ' ')"
    near low .236593090512564 "$(cell out low value=p)" 1e-9
    near high .7634069094874361 "$(cell out high value=p)" 1e-9
    near p .02546454642704313 "$(cell out p_value value=p)" 1e-9
    near adjusted .07639363928112939 "$(cell out p_adjusted value=p)" 1e-9
    expect_text none "10,0,0,0.2775327998628892,0" \
        "$(grep missing out | cut -d, -f3-7)"
    try assay confuse --slices k --least-rows 9 pred.csv
    expect_text least "p q few (missing)" "$(column_of out value | xargs)"
}

@test "--slices auto: values, bins, words and pairs are what awk counts" {
    shelves >pred.csv
    try assay confuse --slices auto --least-rows 5 pred.csv
    expect auto 0
    tr -d '"' <out | sed 's/\[\([0-9]*\),\([0-9]*\)\([])]\)/[\1;\2\3/g' >plain
    wrong='($2 != $3)'
    expect_text shelf "$(awk -F, '$5 == "C" { n++; e += '"$wrong"' }
        END { print n, e }' pred.csv)" "$(counts plain shelf C)"
    expect_text word "$(awk -F, '$4 ~ /sermons/ { n++; e += '"$wrong"' }
        END { print n, e }' pred.csv)" "$(counts plain title '*sermons*')"
    expect_text missing "$(awk -F, '$6 == "" { n++; e += '"$wrong"' }
        END { print n, e }' pred.csv)" "$(counts plain year '(missing)')"
    bin=$(grep '^year,\[1800;' plain | cut -d, -f2)
    high=${bin#*;} high=${high%)}
    expect_text bin "$(awk -F, -v h="$high" 'NR > 1 && $6 != "" && $6 < h {
        n++; e += '"$wrong"' } END { print n, e }' pred.csv)" \
        "$(counts plain year "$bin")"
    expect_text pair "$(awk -F, -v h="$high" 'NR > 1 && $6 != "" && $6 < h &&
        $5 == "D" { n++; e += '"$wrong"' } END { print n, e }' pred.csv)" \
        "$(counts plain 'shelf + year' "D + $bin")"
    # every row of year is in one bin
    expect_text whole 401 "$(awk -F, '$1 == "year" { n += $3 } END { print n }' plain)"
    expect_text first "shelf,C" "$(sed -n 2p out | cut -d, -f1,2)"
    # words have no pairs
    expect_text words "" "$(grep 'title +' out || true)"
    # the named columns, in any order, are the same slices
    try assay confuse --slices year,shelf,title --least-rows 5 pred.csv
    expect_text named "$(wc -l <plain)" "$(wc -l <out)"
}

@test "--slices: the same from a pipe, in two files, at any thread count" {
    shelves >pred.csv
    assay confuse -q --slices auto pred.csv >wanted
    shelves | OMP_NUM_THREADS=3 assay confuse -q --slices auto >piped
    expect_file pipe wanted piped
    head -n 201 pred.csv >a.csv
    { head -n 1 pred.csv; tail -n +202 pred.csv; } >b.csv
    assay confuse -q --slices auto -j 2 a.csv b.csv >two
    expect_file files wanted two
}

@test "--slices: training rows have no part in it" {
    { echo label,pred,split,k
      for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
          echo "x,x,train,a"; echo "x,y,test,a"; echo "y,y,test,b"
      done; } >pred.csv
    try assay confuse -q --slices k pred.csv
    expect test 0 ""
    expect_text test "k,a,12,1 k,b,12,0" "$(sed 1d out | cut -d, -f1-4 | xargs)"
    try assay confuse -q --slices k --on train,test pred.csv
    expect_text both "k,a,24,0.5 k,b,12,0" \
        "$(sed 1d out | cut -d, -f1-4 | xargs)"
}

@test "--slices: names that could be mistaken are quoted" {
    { echo 'label,pred,a + b,k,"q"'
      for i in 1 2 3; do
          echo 'x,y,+ 1,*x*,(missing)'
          echo 'x,x,1 +,"say ""hi""",'
          echo 'y,y,"""z""",1 + 2,u'
      done; } | sed '1s/"q"/"""q"""/' >pred.csv
    try assay confuse -q --slices auto --least-rows 2 pred.csv
    expect quoted 0 ""
    grep -q '^"""a + b""","""+ 1""",3,' out || fail "begins" "$(<out)"
    grep -q '^"""a + b""","""1 +""",3,' out || fail "ends" "$(<out)"
    grep -q '^"""a + b""","""""""z""""""",3,' out || fail "quoted" "$(<out)"
    grep -q '^k,"""\*x\*""",3,' out || fail "stars" "$(<out)"
    grep -q '^k,"say ""hi""",3,' out || fail "inside" "$(<out)"
    grep -q '^k,"""1 + 2""",3,' out || fail "a pair" "$(<out)"
    grep -q '^"""""""q""""""","""(missing)""",3,' out || fail "word" "$(<out)"
    grep -q '^"""""""q""""""",(missing),3,' out || fail "empty" "$(<out)"
}

@test "--slices: columns that are of no use are said" {
    awk 'BEGIN {
        print "label,pred,key,number,same"
        for (i = 1; i <= 60; i++)
            print "x," (i % 7 ? "x" : "y") ",k" i "," 1000 + i ",1"
    }' >pred.csv
    try assay confuse --slices auto pred.csv
    expect auto 0 "assay confuse: 8 of 60 rows are wrong
assay confuse: column 'key' left out: no value is in enough rows
assay confuse: column 'number' left out: whole numbers that are all \
different; name it to have it
assay confuse: column 'same' left out: all rows have the same value
assay confuse: 0 slices of 10 rows or more tested against the rest, 0 weaker \
at a false discovery rate of 0.05"
    lines auto $HEADER
    try assay confuse --slices number --least-rows 6 pred.csv
    expect named 0 "assay confuse: 8 of 60 rows are wrong
assay confuse: 10 slices of 6 rows or more tested against the rest, 0 weaker \
at a false discovery rate of 0.05"
    expect_text bins '"[1001,1007)" "[1055,1060]"' \
        "$(cut -d'"' -f2 out | sort | sed -n '1p;$d;10p' | sed 's/.*/"&"/' | xargs -d '\n')"
    awk 'BEGIN {
        print "label,pred,key,text"
        for (i = 1; i <= 66000; i++) print "x,x,k" i ",a" i " b" i
    }' >many.csv
    try assay confuse --slices auto many.csv
    expect many 0 "assay confuse: 0 of 66000 rows are wrong
assay confuse: column 'key' left out: too many different values
assay confuse: column 'text' left out: no word is in enough rows
assay confuse: 0 slices of 10 rows or more tested against the rest, 0 weaker \
at a false discovery rate of 0.05"
}

@test "--slices: no error, and all wrong" {
    awk 'BEGIN { print "label,pred,k"
        for (i = 0; i < 40; i++) print "x,x," i % 2 }' >pred.csv
    try assay confuse -q --slices k pred.csv
    expect right 0 ""
    lines right $HEADER k,0,20,0,0,0.16112515805281938,,0,1,1 \
        k,1,20,0,0,0.16112515805281938,,0,1,1
    sed 's/x,x/x,y/' pred.csv | { cat; echo y,y,; } >wrong.csv
    try assay confuse -q --slices k wrong.csv
    expect wrong 0 ""
    expect_text wrong "1 1" "$(column_of out error | xargs)"
}

@test "--slices: gates" {
    shelves >pred.csv
    try assay confuse -q --slices shelf --gate 'shelf.A<.5' --gate 'C.excess<99' pred.csv
    expect open 0 ""
    try assay confuse -q --slices shelf --gate 'weakest<=.25' \
        --gate 'weakest.p_adjusted>=.05' --gate 'shelf.D<=.01' pred.csv
    expect closed 3
    expect_like closed "assay confuse: gate 'weakest<=.25' is closed: weakest = 0.*
assay confuse: gate 'weakest.p_adjusted>=.05' is closed: weakest.p_adjusted = *
assay confuse: gate 'shelf.D<=.01' is closed: shelf.D = *" "$(<err)"
    try assay confuse -q --slices shelf --gate 'E<.5' pred.csv
    expect none 2
    expect_like none "assay confuse: gate 'E<.5': no such row; there \
are: 'weakest', 'shelf.C', *" "$(<err)"
    try assay confuse -q --slices shelf --least-rows 500 --gate 'weakest<.5' pred.csv
    expect nothing 1 "assay confuse: gate 'weakest<.5' cannot be computed: \
'weakest' is empty"
}

@test "--slices: a column with one value has no rest to compare with" {
    printf 'label,pred,same,none\na,b,x,\na,a,x,\nb,b,x,\n' >pred.csv
    try assay confuse --slices same,none --least-rows 1 pred.csv
    expect same 0 "assay confuse: 1 of 3 rows are wrong
assay confuse: column 'same' left out: all rows have the same value
assay confuse: column 'none' left out: all rows have the same value
assay confuse: 0 slices of 1 rows or more tested against the rest, 0 weaker at a false discovery rate of 0.05"
    lines same slice,value,n,error,low,high,share,excess,p_value,p_adjusted
}

@test "--slices: for people, what is alike is left out" {
    shelves >pred.csv
    try assay confuse -q --view --slices auto pred.csv
    expect view 0 ""
    expect_text header "slice value rows error 95 % excess p" \
        "$(head -n 1 out | xargs)"
    expect_like first "shelf C 100 * % * - * *" "$(sed -n 2p out | xargs)"
    expect_like last "* more share a value with a weak one, * more are less \
weak (--csv: all)" "$(tail -n 1 out)"
    expect_text alike 1 "$(grep -c 'C' out)"
    [ "$(wc -L <out)" -le 80 ] || fail "wide" "$(<out)"
    [ "$(wc -l <out)" -le 22 ] || fail "long" "$(<out)"
    # one line that is counted, or none
    try assay confuse -q --view --slices shelf pred.csv
    expect_text all 5 "$(wc -l <out)"
}

@test "--slices: what it refuses" {
    shelves >pred.csv
    try assay confuse --slices shelf,nope pred.csv
    expect absent 1 "assay confuse: pred.csv: no column 'nope' (there are: \
id, label, pred, title, shelf, year)"
    printf 'id,split,label,pred,prob,loss,p:a\n1,test,a,a,1,0,1\n' >bare.csv
    try assay confuse --slices auto bare.csv
    expect bare 1 "assay confuse: bare.csv: --slices: no column besides those \
of all predictions; to keep some of the data: assay eval --keep A,B"
    try assay confuse --slices a,b,a pred.csv
    expect twice 2 "assay confuse: --slices: 'a' occurs twice"
    try assay confuse --slices '' pred.csv
    expect empty 2 "assay confuse: --slices: not a list: ''"
    try assay confuse --least-rows 5 pred.csv
    expect least 2 "assay confuse: --least-rows needs --slices"
    try assay confuse --slices a --least-rows 0 pred.csv
    expect zero 2 "assay confuse: --least-rows: '0' is not a whole number \
from 1 to 1000000000"
    try assay confuse --slices a --collapse pred.csv
    expect two 2 "assay confuse: --slices and --collapse are one table each: \
ask for one"
}
