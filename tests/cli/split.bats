# assay split: which row belongs to which part.
load helpers

BOOKS_LABEL=genre

# counts FILE LABEL: "part n" of all rows and "part class n", sorted.  For
# files without quotes.
counts() {
    awk -F , -v label="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { n[$at["split"]]++; n[$at["split"] " " $at[label]]++ }
        END { for (k in n) print k, n[k] }' "$1" | sort
}

# column NAME FILE: a column of a file without quotes, without its header.
column() {
    awk -F , -v name="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
        { print $at }' "$2"
}

# ---- counts ----

@test "80/10/10 by default, exact overall and within every class" {
    small_books >books.csv
    try assay split --label genre books.csv
    expect books 0
    expect_text counts "test 6
test Fiction 2
test Non-fiction 4
train 48
train Fiction 16
train Non-fiction 32
val 6
val Fiction 2
val Non-fiction 4" "$(counts out genre)"
    expect_golden split_books.csv out
}

# balanced FILE LABEL TRAIN VAL TEST: totals, and in every class the floor or
# the ceiling of its share.
balanced() {
    counts "$1" "$2" | awk -v train="$3" -v val="$4" -v test="$5" '
        BEGIN {
            share["train"] = .8; share["val"] = share["test"] = .1
            want["train"] = train; want["val"] = val; want["test"] = test
        }
        NF == 2 { total[$1] = $2; next }
        { n[$1 "," $2] = $3; class[$2] += $3; }
        END {
            for (p in want)
                if (total[p] != want[p]) { print p, total[p]; bad = 1 }
            for (c in class)
                for (p in share) {
                    d = n[p "," c] - class[c] * share[p]
                    if (d <= -1 || d >= 1) {
                        print p, c, n[p "," c], class[c]; bad = 1
                    }
                }
            exit bad
        }'
}

@test "largest remainder where shares are no whole rows" {
    for n in 1 2 3 7 11 23 59 101; do
        small_books "$n" >books.csv
        try assay split --label genre books.csv
        expect "$n rows" 0
        # 10 n n - 1 ... remainders: the earlier part first among equals
        awk -v n="$n" 'BEGIN {
            split("8 1 1", share, " ")
            for (i = 1; i <= 3; i++) {
                k[i] = int(n * share[i] / 10)
                rest[i] = n * share[i] % 10
                left += k[i]
            }
            for (left = n - left; left; left--) {
                best = 1
                for (i = 2; i <= 3; i++) if (rest[i] > rest[best]) best = i
                k[best]++; rest[best] = -1
            }
            print k[1], k[2], k[3]
        }' >wanted
        read -r train val test <wanted
        balanced out genre "$train" "$val" "$test" || fail "$n rows"
    done
}

@test "exact counts for the British Library titles" {
    try assay split --label $BOOKS_LABEL "$DATA/bl_genre_books.csv.gz"
    expect books 0 "assay split: 1744 rows, 1744 assigned: train 1395, val 175, \
test 174"
    expect_text rows 1744 "$(grep -c ',\(train\|val\|test\)$' out)"
    # Titles hold commas: the last three cells are genre, id, split.
    awk -F , 'NR == 1 { print "genre,id,split"; next }
              { print $(NF - 2) "," $(NF - 1) "," $NF }' out >tail.csv
    balanced tail.csv genre 1395 175 174
    # And what was there is there still.
    gzip -dc "$DATA/bl_genre_books.csv.gz" >wanted
    sed -E '1s/,id,split$//; s/,[0-9]+,(train|val|test)$//' out >got
    expect_file cells wanted got
}

@test "without --label only the totals are exact" {
    small_books 55 >books.csv
    try assay split books.csv
    expect books 0
    expect_text counts "test 5 train 44 val 6" \
        "$(counts out genre | awk 'NF == 2' | tr '\n' ' ' | sed 's/ $//')"
}

@test "a single row, and one class" {
    small_books 1 >books.csv
    try assay split --label genre books.csv
    expect one 0
    expect_text one 'title,genre,year,id,split
A history of the county 1,Non-fiction,1801,1,train' "$(<out)"
    small_books 30 | sed 's/Non-fiction/Fiction/' >books.csv
    try assay split --label genre books.csv
    expect class 0
    expect_text class "test 3 train 24 val 3" \
        "$(counts out genre | awk 'NF == 2' | tr '\n' ' ' | sed 's/ $//')"
}

@test "1,000 classes" {
    awk 'BEGIN { print "label"; for (i = 0; i < 3000; i++) print i % 1000 }' \
        >table.csv
    try assay split --label label table.csv
    expect classes 0
    balanced out label 2400 300 300
    awk 'BEGIN { print "label"; for (i = 0; i < 1000; i++) print i }' >table.csv
    try assay split --label label table.csv
    expect single 0
    balanced out label 800 100 100
}

@test "empty labels are a stratum of their own" {
    awk 'BEGIN { print "n,label"
        for (i = 0; i < 40; i++) print i "," (i % 2 ? "a" : "") }' >table.csv
    try assay split --label label --parts x=.5,y=.5 table.csv
    expect empty 0
    expect_text counts "10 x , 10 x a, 10 y , 10 y a, " "$(awk -F , \
        'NR > 1 { print $4 " " $2 }' out | sort | uniq -c |
        awk '{ printf "%s %s %s, ", $1, $2, $3 }')"
}

# ---- --parts ----

@test "--parts: names, shares, order" {
    small_books 10 >books.csv
    try assay split --parts 'a=.5,"b, c=.3",d=2e-1' books.csv
    expect parts 0
    expect_text parts '3 "b, c", 5 a, 2 d, ' \
        "$(sed -E '1d; s/^[^,]*,[^,]*,[^,]*,[^,]*,//' out |
        sort | uniq -c | awk '{ n = $1; $1 = ""; printf "%s%s, ", n, $0 }')"
    try assay split --parts one=1 books.csv
    expect one 0 "assay split: 10 rows, 10 assigned: one 10"
}

@test "--parts that make no sense are wrong usage" {
    local share="is not NAME=SHARE with a share above 0 and at most 1"

    small_books >books.csv
    try assay split --parts train=.8,val=.1 books.csv
    expect sum 2 "assay split: --parts: the shares of 'train=.8,val=.1' add up \
to 0.9, not 1"
    try assay split --parts a=.7,b=.7 books.csv
    expect sum 2 "assay split: --parts: the shares of 'a=.7,b=.7' add up to \
1.4, not 1"
    try assay split --parts train=.5,train=.5 books.csv
    expect twice 2 "assay split: --parts: 'train' occurs twice"
    for part in train=80% train=1.5 train=80 train=-1 train=0 train=x train= \
        train=nan; do
        try assay split --parts "$part,test=.2" books.csv
        expect "$part" 2
        expect_like "$part" "assay split: --parts: 'train*' $share" \
            "$(<err)"
        expect_empty "$part" out
    done
    try assay split --parts train books.csv
    expect share 2 "assay split: --parts: 'train' $share"
}

# ---- id and split ----

@test "id is added only when absent; id, then split stand at the end" {
    printf 'a,b\nx,y\nz,w\n' >table.csv
    try assay split --parts p=1 table.csv
    expect_text added $'a,b,id,split\nx,y,1,p\nz,w,2,p' "$(<out)"
    printf 'id,b\nx,y\nz,w\n' >table.csv
    try assay split --parts p=1 table.csv
    expect_text there $'id,b,split\nx,y,p\nz,w,p' "$(<out)"
    try assay split --parts p=1 --id b table.csv
    expect_text named $'id,b,split\nx,y,p\nz,w,p' "$(<out)"
    printf 'a,b\nx,y\nz,w\n' >table.csv
    try assay split --parts p=1 --id b table.csv
    expect_text option $'a,b,split\nx,y,p\nz,w,p' "$(<out)"
    try assay split --id nope table.csv
    expect absent 1 "assay split: table.csv: no column 'nope' (there are: a, b)"
}

@test "made ids go on through several files" {
    printf 'a\nx\ny\n' >first
    printf 'a\nz\n' >second
    try assay split --parts p=1 first second
    expect_text ids $'a,id,split\nx,1,p\ny,2,p\nz,3,p' "$(<out)"
}

@test "a split column is not overwritten" {
    small_books >books.csv
    assay split -q books.csv >done.csv
    try assay split -o result done.csv
    expect refused 2 "assay split: there is a column 'split' already: --fill \
assigns its empty cells, --replace starts anew, --within PART divides one part"
    [ ! -e result ]
}

@test "--replace starts anew, where the column stands" {
    printf 'id,split,x\n1,old,2\n2,,3\n' >table.csv
    try assay split --replace --parts p=1 table.csv
    expect replace 0 "assay split: 2 rows, 2 assigned: p 2"
    expect_text replace $'id,split,x\n1,p,2\n2,p,3' "$(<out)"
    small_books >books.csv
    assay split -q --label genre books.csv >done.csv
    try assay split --replace --label genre done.csv
    expect_file same done.csv out
    # Without a split column it is the plain split.
    try assay split --replace --label genre books.csv
    expect_file none done.csv out
}

@test "--fill: old rows never move, new ones are shared out" {
    small_books 60 >books.csv
    assay split -q --label genre books.csv >done.csv
    { cat done.csv && for i in 1 2 3 4 5 6 7 8 9 10; do
        echo "new $i,Fiction,1900,n$i,"; done; } >grown.csv
    try assay split --fill --label genre grown.csv
    expect fill 0
    expect_like fill "assay split: 70 rows, 10 assigned: *" "$(<err)"
    head -n 61 out >old
    expect_file old done.csv old
    { head -n 1 out && tail -n 10 out; } >new.csv
    expect_text new "test 1, train 8, val 1, " \
        "$(counts new.csv genre | awk 'NF == 2 { printf "%s %s, ", $1, $2 }')"
    cp out filled.csv
    try assay split --fill filled.csv
    expect again 0
    expect_like again "assay split: 70 rows, 0 assigned: *" "$(<err)"
    expect_file again filled.csv out
}

@test "--fill keeps unknown parts and the bytes of the column" {
    printf 'split,x\n"train",2\n,3\nmine,4\n' >table.csv
    try assay split --fill --parts p=1 table.csv
    expect fill 0
    expect_text fill $'split,x,id\n"train",2,1\np,3,2\nmine,4,3' "$(<out)"
    small_books >books.csv
    try assay split --fill books.csv
    expect none 2 "assay split: --fill: there is no column 'split'"
}

@test "--within divides one part and leaves the others" {
    small_books 100 >books.csv
    assay split -q --label genre --parts train=.8,test=.2 books.csv >done.csv
    try assay split --within train --parts train=.9,val=.1 --label genre done.csv
    expect within 0
    expect_like within "assay split: 100 rows, 80 assigned: *" "$(<err)"
    expect_text counts "test 20, train 72, val 8, " \
        "$(counts out genre | awk 'NF == 2 { printf "%s %s, ", $1, $2 }')"
    paste -d , <(column split done.csv) <(column split out) | sort -u >moves
    expect_text moves $'test,test\ntrain,train\ntrain,val' "$(<moves)"
    try assay split --within train books.csv
    expect none 2 "assay split: --within: there is no column 'split'"
}

@test "modes exclude each other" {
    small_books >books.csv
    for modes in '--fill --replace' '--within x --fill' '--replace --within x'
    do
        # shellcheck disable=SC2086
        try assay split $modes books.csv
        expect "$modes" 2 "assay split: --fill, --replace and --within exclude \
each other"
    done
}

@test "the split column is no label" {
    small_books >books.csv
    assay split -q books.csv >done.csv
    try assay split --replace --label split done.csv
    expect label 2 "assay split: column 'split' cannot be the label"
}

# ---- --hash ----

# parts_by_title FILE: title and part, sorted.
parts_by_title() {
    awk -F , 'NR > 1 { print $1 "," $NF }' "$1" | sort
}

@test "--hash never moves a row when rows are appended or shuffled" {
    small_books 500 >books.csv
    assay split -q --hash title books.csv >before.csv
    expect_text rows 501 "$(wc -l <before.csv)"
    { cat books.csv && small_books 700 | tail -n 200; } >grown.csv
    assay split -q --hash title grown.csv >after.csv
    head -n 501 after.csv >old
    expect_file appended before.csv old
    { head -n 1 books.csv && tail -n +2 books.csv | sort -t , -k 3; } >mixed.csv
    assay split -q --hash title mixed.csv >mixed
    expect_file shuffled <(parts_by_title before.csv) <(parts_by_title mixed)
    { head -n 1 books.csv && tail -n 100 books.csv; } >fewer.csv
    assay split -q --hash title fewer.csv >fewer
    expect_file removed <(parts_by_title before.csv | sort |
        join -t ';' - <(parts_by_title fewer | sort)) \
        <(parts_by_title fewer | sort)
}

@test "--hash: equal keys share a part, shares are about kept" {
    awk 'BEGIN { print "author,n"
        for (i = 0; i < 4000; i++) print "author " i % 1000 "," i }' >table.csv
    try assay split --hash author table.csv
    expect hash 0
    expect_text authors 1000 "$(awk -F , 'NR > 1 { print $1 "," $4 }' out |
        sort -u | wc -l)"
    # Five standard deviations of 1,000 draws.
    counts out n | awk 'NF == 2 { n[$1] = $2 / 4 }
        END { exit !(n["train"] > 736 && n["train"] < 864 &&
            n["val"] > 52 && n["val"] < 148 &&
            n["test"] > 52 && n["test"] < 148) }' || fail "$(<err)"
    cp out first
    try assay split --hash author --seed 2 table.csv
    expect_other seed first out
}

@test "--hash streams: a row is written before the next one comes" {
    small_books 3000 >books.csv
    mkfifo fifo
    timeout 10 assay split -q --hash title fifo >out 3>&- &
    exec 8<>fifo
    cat books.csv >&8
    until_true test -s out
    exec 8>&-
    wait $!
    expect_text rows 3001 "$(wc -l <out)"
}

@test "--hash: a part without a row is said" {
    printf 'k\nx\nx\nx\nx\n' >table.csv
    try assay split --hash k --parts a=.9,b=.1 table.csv
    expect hash 0 "assay split: 4 rows, 4 assigned: a 4, b 0
assay split: warning: no row in part 'b'"
}

@test "--hash and --label do not go together" {
    small_books >books.csv
    try assay split --hash title --label genre books.csv
    expect both 2 "assay split: --hash decides by one column alone: leave out \
--label"
    try assay split --hash nope books.csv
    expect absent 1 "assay split: books.csv: no column 'nope' (there are: \
title, genre, year)"
}

# ---- --recode ----

@test "--recode merges classes; chains add up; quoted labels" {
    printf 'class,into\nFiction,F\nF,G\n"on paper, print",paper\nG,"a, b"\n' \
        >plan.csv
    printf 'l,k\nFiction,1\n"on paper, print",2\n"other",3\nG,4\nF,5\n,6\n' \
        >table.csv
    try assay split --label l --recode plan.csv --append plan.csv table.csv
    expect plan 2 "assay split: --append: 'plan.csv' is read too: name \
another file"
    try assay split --label l --recode plan.csv --parts p=1 table.csv
    expect recode 0 "assay split: 6 rows, 6 assigned: p 6
assay split: 4 labels recoded"
    expect_text recode 'l,k,id,split
"a, b",1,1,p
paper,2,2,p
"other",3,3,p
"a, b",4,4,p
"a, b",5,5,p
,6,6,p' "$(<out)"
}

@test "--recode: classes of the table that no row has are said" {
    printf 'l\na\nb\n' >table.csv
    printf 'class,into\na,x\nx,y\nz,y\n' >plan.csv
    try assay split --label l --recode plan.csv --parts p=1 table.csv
    expect one 0 "assay split: 2 rows, 2 assigned: p 2
assay split: 1 label recoded
assay split: warning: --recode: no row has the label 'z'"
    expect_text one $'l,id,split\ny,1,p\nb,2,p' "$(<out)"
    printf '%s\n' class,into a,x q,y B,y >plan.csv
    try assay split --label l --recode plan.csv --parts p=1 table.csv
    expect two 0 "assay split: 2 rows, 2 assigned: p 2
assay split: 1 label recoded
assay split: warning: --recode: no row has the label 'q', nor 1 other of its \
table"
    # Rows that are left out afterwards have had it.
    printf 'class,into\nb,x\n' >plan.csv
    try assay split --label l --recode plan.csv --only a --parts p=1 table.csv
    expect left 0 "assay split: 2 rows, 1 assigned: p 1
assay split: 0 labels recoded
assay split: 1 row of other classes left out"
}

@test "--recode: strata are those of the new labels" {
    awk 'BEGIN { print "label"; for (i = 0; i < 40; i++) print "c" i }' \
        >table.csv
    awk 'BEGIN { print "other,into,class"
        for (i = 0; i < 40; i++) print "x," (i < 20 ? "a" : "b") ",c" i }' \
        >plan.csv
    try assay split --label label --recode plan.csv --parts x=.5,y=.5 table.csv
    expect recode 0
    expect_text counts "x 20, x a 10, x b 10, y 20, y a 10, y b 10, " \
        "$(counts out label | awk '{ printf "%s, ", $0 }')"
}

@test "--recode with a bad plan" {
    small_books >books.csv
    printf 'class,to\na,b\n' >plan.csv
    try assay split --label genre --recode plan.csv books.csv
    expect columns 1 "assay split: plan.csv: no column 'into' (there are: \
class, to)"
    try assay split --label genre --recode nowhere books.csv
    expect missing 1 "assay split: nowhere: cannot open: No such file or \
directory"
    printf 'class,into\na\n' >plan.csv
    try assay split --label genre --recode plan.csv books.csv
    expect ragged 1 "assay split: plan.csv:2: expected 2 fields (header line \
1), got 1"
    try assay split --recode plan.csv books.csv
    expect label 2 "assay split: --recode needs --label, the column it changes"
}

# ---- seeds, pipes ----

@test "another seed moves rows, but no counts" {
    small_books 200 >books.csv
    for seed in 1 2 3; do
        assay split -q --label genre --seed $seed books.csv >$seed.csv
        assay split -q --label genre --seed $seed books.csv >again
        expect_file "seed $seed" $seed.csv again
        expect_file "seed $seed" <(counts 1.csv genre) <(counts $seed.csv genre)
    done
    expect_other seed 1.csv 2.csv
    expect_other seed 2.csv 3.csv
}

@test "rows are drawn at random, not taken in order" {
    small_books 1000 >books.csv
    assay split -q books.csv >out
    # Test rows of each half: 50 expected, five standard deviations.
    for half in "head -n 500" "tail -n 500"; do
        n=$(tail -n +2 out | $half | grep -c ',test$')
        [ "$n" -gt 25 ] && [ "$n" -lt 75 ] || fail "$half: $n"
    done
}

@test "a pipe gives the bytes of the file, through TMPDIR" {
    small_books 5000 >books.csv
    assay split -q --label genre books.csv >wanted
    mkdir spool
    cat books.csv | TMPDIR=$PWD/spool assay split -q --label genre >out
    expect_file pipe wanted out
    gzip -c books.csv | TMPDIR=$PWD/spool assay split -q --label genre >out
    expect_file gzip wanted out
    expect_text left "" "$(ls -A spool)"
    cat books.csv | {
        TMPDIR=$PWD/nowhere try assay split --label genre
        expect TMPDIR 1 "assay split: cannot make a temporary file in \
'$PWD/nowhere': No such file or directory"
    }
    # A file is read twice, and hashing reads once: no copy, no TMPDIR.
    TMPDIR=$PWD/nowhere assay split -q --label genre books.csv >out
    expect_file file wanted out
    cat books.csv | TMPDIR=$PWD/nowhere assay split -q --hash title >out
    expect_text hash 5001 "$(wc -l <out)"
}

# ---- gates ----

@test "gates on counts and shares" {
    small_books 100 >books.csv
    try assay split --gate 'test>=10' --gate 'train.share<.9' \
        --gate 'val.share == .1' books.csv
    expect open 0
    cp out wanted
    try assay split -q --gate 'test>=30' --gate 'train.share<.5' books.csv
    expect closed 3 "assay split: gate 'test>=30' is closed: test = 10
assay split: gate 'train.share<.5' is closed: train.share = 0.8"
    expect_file closed wanted out
    try assay split -q --gate 'test.n>=30' books.csv
    expect count 3
    expect_like count "assay split: gate 'test.n>=30' is closed: test* = 10" \
        "$(<err)"
    try assay split -q --gate 'trian>=30' books.csv
    expect_like name "assay split: gate 'trian>=30': no such row; there are: *" \
        "$(<err)"
    expect name 2
}

@test "a gate on a part that got no rows is closed, not misnamed" {
    printf 'a\nx\n' >table.csv
    try assay split -q --gate 'test>=30' table.csv
    expect gate 3
}

@test "--hash divides a part by another hash than the one that made it" {
    seq 1 2000 | awk 'BEGIN { print "k" } { print }' >keys.csv
    assay split -q --hash k --parts train=.8,test=.2 keys.csv >parts.csv
    try assay split -q --hash k --within train --parts train=.9,val=.1 parts.csv
    expect within 0
    n=$(grep -c ',val$' out)
    [ "$n" -gt 120 ] && [ "$n" -lt 200 ] || fail "val has $n rows, not about 160"
    try assay split --hash k --within nosuch --parts train=.9,val=.1 parts.csv
    expect nosuch 1 "assay split: parts.csv: --within: no row has the split 'nosuch'"
}

@test "rows without an id are counted" {
    printf 'id,x,split\n1,a,train\n,b,\n' >data.csv
    try assay split --fill --parts train=1 data.csv
    expect fill 0 "assay split: 2 rows, 1 assigned: train 2
assay split: 1 row without an id: nothing can be joined to them"
}

@test "--hash twice, one part divided again: old rows keep their parts" {
    seq 1 3000 | awk 'BEGIN { print "k" } { print }' >grown.csv
    head -n 2001 grown.csv >keys.csv
    for list in keys grown; do
        assay split -q --hash k --parts train=.8,test=.2 $list.csv |
            assay split -q --hash k --within train --parts train=.9,val=.1 \
                >$list.parts
    done
    expect_file old keys.parts <(head -n 2001 grown.parts)
    # Drawn by counts, the second time, some of them do move.
    for list in keys grown; do
        assay split -q --hash k --parts train=.8,test=.2 $list.csv |
            assay split -q --within train --parts train=.9,val=.1 >$list.parts
    done
    expect_other drawn keys.parts <(head -n 2001 grown.parts)
}
