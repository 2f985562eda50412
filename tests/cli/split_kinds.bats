# assay split: groups, near-duplicates, time, two sources, subsets, balance.
load helpers

# authors: author,genre,n; 121 authors who write mostly in one genre.
authors() {
    awk -v n=1200 'BEGIN {
        print "author,genre,n"
        for (i = 0; i < n; i++) {
            a = i % 5 ? (i * 7919) % 121 : i % 11
            printf "author %d,%s,%d\n", a,
                a % 3 ? (i % 10 ? "essay" : "novel") : (i % 7 ? "novel" : "essay"), i
        }
    }'
}

# parts FILE: rows of each part, in the order of their names.
parts() {
    awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "split") at = i; next }
        { n[$at]++ }
        END { for (k in n) printf "%s %d\n", k == "" ? "none" : k, n[k] }' "$1" |
        sort | paste -sd ' '
}

# across COLUMN FILE: values of a column that stand in two parts.  For files
# without quotes.
across() {
    awk -F , -v name="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) { if ($i == name) c = i
                if ($i == "split") s = i }; next }
        $c != "" { print $c "," $s }' "$2" | sort -u | cut -d , -f 1 | uniq -d
}

# ---- --group ----

@test "--group: no group in two parts, sizes as near as they can be" {
    authors >table.csv
    try assay split --group author table.csv
    expect group 0 "assay split: 1200 rows, 1200 assigned: train 960, val 120, \
test 120
assay split: 121 groups kept whole"
    expect_text across "" "$(across author out)"
    expect_text parts "test 120 train 960 val 120" "$(parts out)"
    cp out first
    try assay split --group author table.csv
    expect_file again first out
    try assay split --group author --seed 2 table.csv
    expect_text "across, seed 2" "" "$(across author out)"
    expect_other seed first out
    try assay split -j 2 --group author table.csv
    expect_file threads first out
}

@test "--group with --label: classes keep their shares too" {
    authors >table.csv
    try assay split --group author --label genre table.csv
    expect group 0
    expect_text across "" "$(across author out)"
    expect_like sizes "assay split: 1200 rows, 1200 assigned: train 960, val \
1*, test 1*
assay split: 121 groups kept whole; a class's share in a part differs from the \
whole by at most 0.0* ('*' in *)" "$(<err)"
    # The difference that was reported is the largest there is.
    awk -F , 'NR > 1 { n[$5 "," $2]++; p[$5]++; c[$2]++; all++ }
        END { for (k in p) for (l in c) {
                d = n[k "," l] / p[k] - c[l] / all
                if (d < 0) d = -d
                if (d > most) most = d }
            printf "%.4f\n", most }' out >most
    expect_like reported "*by at most $(<most) (*" "$(<err)"
    awk '{ exit !($1 < .01) }' most || fail "imbalance $(<most)"
}

@test "--group: rows without a group are on their own" {
    awk 'BEGIN { print "g,x"; for (i = 0; i < 100; i++) print (i < 10 ? "a" : "") "," i }' \
        >table.csv
    try assay split --group g --parts p=.5,q=.5 table.csv
    expect group 0 "assay split: 100 rows, 100 assigned: p 50, q 50
assay split: 91 groups kept whole"
    expect_text across "" "$(across g out)"
    printf 'g\nx\n' >table.csv
    try assay split --group g table.csv
    expect one 0 "assay split: 1 row, 1 assigned: train 1, val 0, test 0
assay split: 1 group kept whole"
}

@test "--group: a group larger than its part, fewer groups than parts" {
    awk 'BEGIN { print "g"; for (i = 0; i < 100; i++) print i < 90 ? "large" : "small" }' \
        >table.csv
    try assay split --group g --parts a=.7,b=.3 table.csv
    expect large 0 "assay split: 100 rows, 100 assigned: a 90, b 10
assay split: 2 groups kept whole"
    try assay split -q --group g --parts a=.5,b=.3,c=.2 table.csv
    expect fewer 1 "assay split: --group: no row is left for 'c': there are only \
2 groups"
    expect_empty fewer out
    try assay split -q --group g --parts a=.5,b=.3,c=.2 -o result table.csv
    [ ! -e result ] || fail "a file was written"
    sed 's/large/small/' table.csv >one.csv
    try assay split -q --group g one.csv
    expect one 1 "assay split: --group: no row is left for 'val': there is only \
1 group"
    # New rows follow old ones: parts that are there already need no more.
    printf 'g,split\na,train\nb,val\nc,test\nd,\nd,\nd,\n' >table.csv
    try assay split -q --group g --fill --parts train=.4,val=.3,test=.3 table.csv
    expect old 0
    grep -v ^b table.csv >table
    try assay split -q --group g --fill --parts train=.4,val=.3,test=.3 table
    expect missing 1 "assay split: --group: no row is left for 'val': there is \
only 1 group"
}

@test "--group: a letter is the same however Unicode writes it" {
    local composed=$'M\303\274ller' apart=$'Mu\314\210ller'

    printf '%s\n' g "$composed" "$apart" "$composed" "$apart" other >table.csv
    try assay split --group g --parts a=.8,b=.2 table.csv
    expect forms 0 "assay split: 5 rows, 5 assigned: a 4, b 1
assay split: 2 groups kept whole"
    expect_text forms "$composed,1,a $apart,2,a $composed,3,a $apart,4,a \
other,5,b" "$(sed 1d out | paste -sd ' ')"
    # Case and blanks tell groups apart.
    printf '%s\n' g Miller miller 'Miller ' >table.csv
    try assay split --group g --parts p=1 table.csv
    expect case 0 "assay split: 3 rows, 3 assigned: p 3
assay split: 3 groups kept whole"
    printf 'g\n%s\n' "$composed" >theirs.csv
    printf 'g\n%s\n' "$apart" >ours.csv
    try assay split --group g --target ours.csv theirs.csv
    expect both 1 "assay split: ours.csv:2: column 'g' (field 1): this group is \
in both sources: '$composed'"
}

@test "--fill --group: new rows follow their group" {
    authors >table.csv
    assay split -q --group author table.csv >done.csv
    { cat done.csv && awk 'BEGIN { for (i = 0; i < 60; i++)
        printf "author %d,essay,%d,n%d,\n", i * 3, i, i }'; } >grown.csv
    try assay split --fill --group author grown.csv
    expect fill 0
    head -n 1201 out >old
    expect_file old done.csv old
    expect_text across "" "$(across author out)"
    # A group that was in a part of another name follows too.
    printf 'g,split\na,mine\na,\nb,\n' >table.csv
    try assay split --fill --group g --parts p=1 table.csv
    expect_text mine $'g,split,id\na,mine,1\na,mine,2\nb,p,3' "$(<out)"
    printf 'g,split\na,train\na,test\na,\n' >table.csv
    try assay split --fill --group g table.csv
    expect torn 1 "assay split: rows that belong together are in 'train' and \
in 'test' already: start anew with --replace"
}

@test "--within --group divides one part by whole groups" {
    authors >table.csv
    assay split -q --group author --parts train=.8,test=.2 table.csv >done.csv
    try assay split -q --within train --group author \
        --parts train=.9,val=.1 done.csv
    expect within 0
    expect_text across "" "$(across author out)"
    expect_text test "$(grep ',test$' done.csv)" "$(grep ',test$' out)"
}

@test "--group: 200,000 groups" {
    awk 'BEGIN { print "g,l"; for (i = 0; i < 300000; i++) print "g" (i * 7919) % 200003 "," i % 3 }' \
        >table.csv
    try timeout 60 assay split --group g --label l table.csv
    expect many 0
    expect_text across "" "$(across g out)"
    expect_text parts "test 30000 train 240000 val 30000" "$(parts out)"
}

# ---- --near-duplicates ----

# torn FILE SED: rows that are the same after SED, in two parts.
torn() {
    sed -E "1d; $2" "$1" | sort -u | cut -f 1 | uniq -d | head -n 3
}

@test "--near-duplicates: no double across parts in real data" {
    local end='(train|val|test)$/\t'

    try assay split --near-duplicates text --label label \
        "$DATA/split/sms_spam.csv.gz"
    expect sms 0
    expect_text sms "" "$(torn out "s/,(ham|spam),[0-9]+,$end\2/")"
    expect_like sms "assay split: 5574 rows, 5574 assigned: train 44*, val \
55*, test 55*
assay split: near-duplicates: 346 clusters with 884 rows, the largest has 30
assay split: 5036 units kept whole; a class's share in a part differs from the \
whole by at most 0.00* ('*' in *)" "$(<err)"
    # And the plain split does tear some.
    assay split -q "$DATA/split/sms_spam.csv.gz" >plain
    [ -n "$(torn plain "s/,(ham|spam),[0-9]+,$end\2/")" ] ||
        fail "no double torn without it"

    try assay split --near-duplicates name --label nationality \
        "$DATA/split/names_nationality.csv.gz"
    expect names 0
    expect_text names "" "$(torn out "s/,[A-Z][a-z]+,[0-9]+,$end\1/")"
    # Short names do not chain: the largest cluster is one name.
    expect_like names "*near-duplicates: 694 clusters with 3302 rows, the \
largest has 28*" "$(<err)"

    gzip -cd "$DATA/split/breast_cancer_wisconsin.csv.gz" >cells.csv
    try assay split --near-duplicates "$(head -n 1 cells.csv)" cells.csv
    expect cells 0
    expect_text cells "" "$(torn out "s/,[0-9]+,$end\1/")"
}

@test "--near-duplicates: what is alike, and what is not" {
    printf '%s\n' 'text,n' \
        '"Congratulations, you have won a prize! Call 0800123456 to claim",1' \
        'congratulations you have won a prize call 0800129999 to claim,2' \
        'CONGRATULATIONS you  have won a prize call 0800123456 to claim,3' \
        'See you at the match tonight or shall we go without you,4' \
        ',5' ',6' >table.csv
    try assay split --near-duplicates text --similarity .7 --parts a=.5,b=.5 \
        table.csv
    expect near 0 "assay split: 6 rows, 6 assigned: a 3, b 3
assay split: near-duplicates: 1 cluster with 3 rows, the largest has 3
assay split: 4 units kept whole"
    try assay split --near-duplicates text --similarity 1 table.csv
    expect_like exact "*near-duplicates: 1 cluster with 2 rows, the largest \
has 2*" "$(<err)"
    try assay split --near-duplicates n table.csv
    expect_like none "*
assay split: near-duplicates: none
assay split: 6 units kept whole" "$(<err)"
    # A column of numbers until the last row: text, then.
    awk 'BEGIN { print "n"; for (i = 0; i < 50; i++) print 1000001 + i; print "x" }' \
        >table.csv
    try assay split --near-duplicates n table.csv
    expect_like text "*near-duplicates: none*" "$(<err)"
    head -n 51 table.csv >numbers.csv
    try assay split --near-duplicates n numbers.csv
    expect one 1 "assay split: --near-duplicates: no row is left for 'val': \
there is only 1 unit"
    expect_empty one out
    try assay split --near-duplicates n --parts p=1 numbers.csv
    expect_like numbers "*near-duplicates: 1 cluster with 50 rows, the largest \
has 50*" "$(<err)"
}

@test "--near-duplicates with --group: rows stay together for either reason" {
    printf '%s\n' g,text a,one b,one b,two c,two d,three ,one >table.csv
    try assay split --near-duplicates text --group g --parts p=.8,q=.2 table.csv
    expect both 0 "assay split: 6 rows, 6 assigned: p 5, q 1
assay split: near-duplicates: 2 clusters with 5 rows, the largest has 3
assay split: 2 units kept whole"
    expect_text q d,three,5,q "$(grep ',q$' out)"
}

@test "--near-duplicates: clusters do not depend on seed, threads or a pipe" {
    local sms=$DATA/split/sms_spam.csv.gz

    for seed in 1 2; do
        assay split --seed $seed --near-duplicates text "$sms" 2>&1 >/dev/null |
            grep clusters >clusters.$seed
    done
    expect_file seed clusters.1 clusters.2
    assay split -q --near-duplicates text "$sms" >one
    assay split -q -j 3 --near-duplicates text "$sms" >three
    expect_file threads one three
    gzip -cd "$sms" | assay split -q --near-duplicates text >pipe
    expect_file pipe one pipe
}

@test "--fill --near-duplicates: new rows follow what they repeat" {
    printf '%s\n' t,split 'one two three,test' 'four five six,train' \
        'One, two, three!,' 'seven eight,' | sed 's/One, two, three!/"&"/' \
        >table.csv
    try assay split -q --fill --near-duplicates t --parts train=1 table.csv
    expect fill 0
    expect_text fill "test train test train" \
        "$(sed '1d; s/,[0-9]*$//; s/.*,//' out | paste -sd ' ')"
}

# ---- --time ----

@test "--time: earlier rows to earlier parts, whatever the order of rows" {
    awk 'BEGIN { print "x,year"; for (i = 0; i < 100; i++) print i "," 1800 + (i * 37) % 100 }' \
        >table.csv
    try assay split --time year table.csv
    expect time 0 "assay split: 100 rows, 100 assigned: train 80, val 10, test 10"
    expect_text order "test 1890 1899, train 1800 1879, val 1880 1889, " \
        "$(awk -F , 'NR > 1 {
            if (!($4 in low) || $2 < low[$4]) low[$4] = $2
            if ($2 > high[$4]) high[$4] = $2 }
            END { for (k in low) printf "%s %d %d\n", k, low[k], high[k] }' out |
            sort | awk '{ printf "%s, ", $0 }')"
    try assay split --time year --gap 3 table.csv
    expect gap 0 "assay split: 100 rows, 94 assigned: train 77, val 7, test 10
assay split: 6 rows between parts: split is empty"
    expect_text gap "1877 1878 1879 1887 1888 1889" \
        "$(awk -F , '$4 == "" { print $2 }' out | sort | paste -sd ' ')"
    try assay split -q --time year --gap-time 1 table.csv
    expect_text year "1879 1889" \
        "$(awk -F , '$4 == "" { print $2 }' out | sort | paste -sd ' ')"
    try assay split -q --time year --gap-time 2.5 table.csv
    expect_text span "1878 1879 1888 1889" \
        "$(awk -F , '$4 == "" { print $2 }' out | sort | paste -sd ' ')"
}

@test "--time: ties, dates, rows without a time, one part of a split" {
    printf '%s\n' d 2021-01-05 2021-01-01 2021-01-03 2021-01-03 2021-01-03 '""' \
        >table.csv
    try assay split --time d --parts a=.5,b=.5 table.csv
    expect dates 0 "assay split: 6 rows, 5 assigned: a 4, b 1
assay split: 1 row without a time: split is empty"
    expect_text dates "b a a a a " \
        "$(sed '1d; s/.*,//' out | paste -sd ' ')"
    # Two days before the 5th is the 3rd; less than two days are not.
    try assay split -q --time d --parts a=.5,b=.5 --gap-time 2 table.csv
    expect_text span "b a    " "$(sed '1d; s/.*,//' out | paste -sd ' ')"
    try assay split -q --time d --parts a=.5,b=.5 --gap-time 1.9 table.csv
    expect_text less "b a a a a " "$(sed '1d; s/.*,//' out | paste -sd ' ')"
    printf '%s\n' d,split 5,test 1,train 2,train 3,train 4,train >table.csv
    try assay split -q --within train --time d --parts train=.5,val=.5 table.csv
    expect within 0
    expect_text within "test train train val val" \
        "$(sed '1d; s/,[0-9]*$//; s/.*,//' out | paste -sd ' ')"
}

@test "--within: rows without a part are counted as none" {
    printf 'y\n1\n2\n3\n4\n5\n6\n' >table.csv
    assay split -q --time y --gap 1 --parts train=.7,test=.3 table.csv >gap.csv
    try assay split --within train --parts train=.5,val=.5 gap.csv
    expect within 0 "assay split: 6 rows, 3 assigned: train 2, val 1, none 1, \
test 2"
}

@test "--time: numbers or dates, whichever row comes first" {
    local why="(a number, or a date as 2021-05-31; empty cells get no part)"

    printf 'w,y\na,no date\nb,9\nc,10\nd,100\n' >words.csv
    try assay split --time y words.csv
    expect word 1 "assay split: words.csv:2: column 'y' (field 2): not a time as \
the others: 'no date' $why"
    expect_empty word out
    printf 't\n30/01/2021\n12/05/2020\n' >table.csv
    try assay split --time t table.csv
    expect day 1 "assay split: table.csv:2: column 't' (field 1): not a time as \
the others: '30/01/2021' $why"
    printf 't\n2021-05-31\n2021-02-30\n' >table.csv
    try assay split --time t table.csv
    expect real 1 "assay split: table.csv:3: column 't' (field 1): not a time as \
the others: '2021-02-30' $why"
    printf 't\n""\n2021-05\n2021\n' >table.csv
    try assay split --time t table.csv
    expect kinds 1 "assay split: table.csv:4: column 't' (field 1): not a time \
as the others: '2021' $why"
    # Years of four digits are numbers; a date's clock counts.
    printf '%s\n' t 2021-05-31T08:00+02:00 2021-05-31T07:00 2021-06 2021-05-31 \
        >table.csv
    try assay split -q --time t --parts a=.25,b=.25,c=.25,d=.25 table.csv
    expect_text clock "b c d a" "$(sed '1d; s/.*,//' out | paste -sd ' ')"
}

@test "--time: what cannot be done" {
    printf 't\n1870\nc. 1870\n' >table.csv
    try assay split --time t table.csv
    expect text 1 "assay split: table.csv:3: column 't' (field 1): not a time as \
the others: 'c. 1870' (a number, or a date as 2021-05-31; empty cells get no \
part)"
    printf 't\n1\n1\n1\n1\n' >table.csv
    try assay split --time t --parts train=.5,test=.5 table.csv
    expect ties 1 "assay split: --time: no row is left for 'test': too many \
have the same time"
    printf 't\n1\n2\n3\n4\n' >table.csv
    try assay split --time t --parts train=.5,test=.5 --gap 2 table.csv
    expect gap 1 "assay split: --time: the gap leaves no row for 'train'"
    try assay split --time t --parts test=.5,train=.5 table.csv
    expect order 2 "assay split: --time: earlier rows go to the first part: in \
--parts, 'train' comes before 'test'"
    expect_empty order out
    printf 't,x\n,1\n,2\n' >table.csv
    try assay split --time t table.csv
    expect none 1 "assay split: --time: no row has a time"
    printf 't,split\n1,train\n2,\n' >table.csv
    try assay split --within test --time t table.csv
    expect within 1 "assay split: table.csv: --within: no row has the split \
'test'"
    try assay split --time t --fill table.csv
    expect fill 2 "assay split: --fill leaves old rows where they are, --time \
orders all: use --replace"
}

# ---- --target ----

@test "--target: train and trainval from the one, testval and test from the other" {
    small_books 100 >theirs.csv
    awk -F , -v OFS=, '{ print $3, $2, $1 }' <(small_books 40) >ours.csv
    try assay split --label genre --target ours.csv theirs.csv
    expect target 0 "assay split: 140 rows, 140 assigned: train 90, trainval \
10, testval 20, test 20"
    expect_text first "train trainval" \
        "$(sed -n '2,101s/.*,//p' out | sort -u | paste -sd ' ')"
    expect_text second "test testval" \
        "$(sed -n '102,$s/.*,//p' out | sort -u | paste -sd ' ')"
    expect_text columns "A history of the county 1,Non-fiction,1801,101" \
        "$(sed -n '102s/,[a-z]*$//p' out)"
    expect_text fiction 30,3,6,7 "$(for part in train trainval testval test; do
        grep ",$part\$" out | grep -c ',Fiction,'; done | paste -sd ,)"
    cp out wanted
    cat theirs.csv | assay split -q --label genre --target ours.csv >out
    expect_file pipe wanted out
    cat ours.csv | assay split -q --label genre --target - theirs.csv >out
    expect_file target wanted out
    try assay split --target ours.csv --parts train=1,test=1 theirs.csv
    expect parts 0 "assay split: 140 rows, 140 assigned: train 100, test 40"
}

@test "--target: training stops by testval" {
    small_books 200 >theirs.csv
    small_books 100 >ours.csv
    assay split -q --label genre --target ours.csv theirs.csv >both.csv
    try assay train -q --label genre --features title --net linear --epochs 2 \
        both.csv
    expect train 0
    expect_text parts "testval train" \
        "$(sed 1d out | cut -d , -f 2 | sort -u | paste -sd ' ')"
}

@test "--target: groups, and what cannot be done" {
    printf 'g,x\na,1\na,2\nb,3\nc,4\n' >theirs.csv
    printf 'g,x\nd,1\nd,2\ne,3\n' >ours.csv
    try assay split -q --group g --target ours.csv \
        --parts train=.5,trainval=.5,testval=.5,test=.5 theirs.csv
    expect group 0
    expect_text across "" "$(across g out)"
    printf 'g,x\nd,1\nb,2\n' >ours.csv
    try assay split --group g --target ours.csv theirs.csv
    expect both 1 "assay split: ours.csv:3: column 'g' (field 1): this group is \
in both sources: 'b'"
    for parts in train=1 train=.8,val=.1,test=.1 train=.5,test=1; do
        try assay split --target ours.csv --parts $parts theirs.csv
        expect "$parts" 2 "assay split: --parts: '$parts' is not what --target \
needs: shares of train and trainval that add up to 1, and shares of testval and \
test that do"
    done
    try assay split --target ours.csv theirs.csv ours.csv
    expect twice 2 "assay split: --target: 'ours.csv' is one of the other files \
too"
    try assay split --target - <ours.csv
    expect stdin 2 "assay split: --target: '-' is one of the other files too"
    for other in --fill '--within train' '--time x' '--near-duplicates x'; do
        # shellcheck disable=SC2086
        try assay split --target ours.csv $other theirs.csv
        expect "$other" 2 "assay split: --target and ${other% *} exclude each \
other"
    done
}

# ---- --only, --max-classes, --subset ----

@test "--only and --max-classes leave out other classes" {
    printf '%s\n' l,x a,1 b,2 '"c, d",3' b,4 a,5 e,6 ,7 >table.csv
    try assay split --label l --only 'a,"c, d"' --parts p=1 table.csv
    expect only 0 "assay split: 7 rows, 3 assigned: p 3
assay split: 4 rows of other classes left out"
    expect_text only $'l,x,id,split\na,1,1,p\n"c, d",3,3,p\na,5,5,p' "$(<out)"
    try assay split --label l --max-classes 3 --parts p=1 table.csv
    expect most 0 "assay split: 7 rows, 5 assigned: p 5
assay split: 2 rows of other classes left out"
    expect_text most '1 2 3 4 5' \
        "$(sed '1d; s/,p$//; s/.*,//' out | paste -sd ' ')"
    try assay split --label l --only a,b,e --max-classes 1 --parts p=1 table.csv
    expect_text both $'l,x,id,split\na,1,1,p\na,5,5,p' "$(<out)"
    printf 'class,into\ne,a\n' >plan.csv
    try assay split --label l --recode plan.csv --max-classes 1 --parts p=1 \
        table.csv
    expect_text recoded $'l,x,id,split\na,1,1,p\na,5,5,p\na,6,6,p' "$(<out)"
    try assay split --label l --only a,z table.csv
    expect absent 1 "assay split: --only: no row has the label 'z'"
    printf 'l,x\n,1\n,2\n' >empty.csv
    try assay split --label l --max-classes 2 empty.csv
    expect unlabelled 1 "assay split: --max-classes: no row has a label"
    try assay split --label l --max-classes 0 table.csv
    expect none 2 "assay split: --max-classes: '0' is not a whole number from 1 \
to 1000000000"
    try assay split -q --label l --only a,b --hash x table.csv
    expect hash 0
    expect_text hash 5 "$(wc -l <out)"
}

@test "--subset: stratified, and nested over many sizes" {
    small_books 300 >books.csv
    : >before
    for n in 1 2 3 5 10 11 12 13 30 31 50 99 100 150 151 200 299 300; do
        assay split -q --label genre --subset $n books.csv >out
        sed '1d; s/,[a-z]*$//' out >now
        expect_text "$n rows" $n "$(wc -l <now)"
        expect_empty "$n rows" <(sort before | comm -23 - <(sort now))
        awk -F , -v n=$n '$2 == "Fiction" { k++ }
            END { d = k - n / 3; exit !(d <= 1 && d >= -1) }' now ||
            fail "$n rows: Fiction"
        mv now before
    done
    try assay split --label genre --subset 10% books.csv
    expect percent 0 "assay split: 300 rows, 30 assigned: train 24, val 3, test 3
assay split: 270 rows not in the subset left out"
    cp out ten
    try assay split -q --label genre --subset 30 books.csv
    expect_file rows ten out
    try assay split -q --label genre --subset 30 --seed 2 books.csv
    expect_other seed ten out
    cat books.csv | assay split -q --label genre --subset 30 >out
    expect_file pipe ten out
    try assay split -q --subset 100% books.csv
    assay split -q books.csv >all
    expect_file all all out
}

@test "--subset: of one part, with --hash and --time; what is wrong" {
    small_books 100 >books.csv
    assay split -q --parts train=.8,test=.2 books.csv >done.csv
    try assay split --within train --parts train=.5,val=.5 --subset 40 done.csv
    expect within 0 "assay split: 100 rows, 40 assigned: train 20, val 20, test 20
assay split: 40 rows not in the subset left out"
    try assay split -q --subset 50 --label genre --hash title books.csv
    expect_text hash 51 "$(wc -l <out)"
    try assay split -q --subset 50 --label genre --time year books.csv
    expect_text time 51 "$(wc -l <out)"
    try assay split --subset 101 books.csv
    expect many 1 "assay split: --subset 101: there are only 100 rows"
    for amount in 0 -1 x 0% 101% 2.5; do
        try assay split --subset=$amount books.csv
        expect "$amount" 2 "assay split: --subset: '$amount' is neither a number \
of rows nor a percentage above 0% and at most 100%"
    done
}

# ---- --balance ----

# classes FILE: rows of each part and class, "part class n".
classes() {
    awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { n[$at["split"] " " $at["genre"]]++ }
        END { for (k in n) print k, n[k] }' "$1" | sort | paste -sd ,
}

@test "--balance over repeats training rows, with ids of their own" {
    small_books 100 >books.csv
    try assay split --label genre --balance over books.csv
    expect over 0 "assay split: 100 rows, 100 assigned, 126 written: train 106, \
val 10, test 10
assay split: 26 training rows added by repeating others"
    expect_text classes "test Fiction 3,test Non-fiction 7,train Fiction \
53,train Non-fiction 53,val Fiction 3,val Non-fiction 7" "$(classes out)"
    expect_text ids "" "$(cut -d , -f 4 out | sort | uniq -d)"
    # The others are as they would have been.
    assay split -q --label genre books.csv >plain
    expect_file same plain <(grep -v '+[0-9]*,train$' out)
    # The copy of a row stands behind it.
    grep -B 1 -m 1 '+1,train$' out | sed 's/+1,train$/,train/' | uniq -d >copied
    expect_text copied 1 "$(wc -l <copied)"
    cp out twice
    try assay split --replace --label genre --balance over twice
    expect twice 1
    expect_like twice "assay split: twice:*: column 'id' (field 4): an id that \
ends as those of repeated rows (--balance over): '*+1'" "$(<err)"
    printf 'genre,id\na,"x, y"\nb,1\nb,2\nb,\na,\n' >table.csv
    try assay split -q --label genre --balance over --parts train=1 table.csv
    expect ids 0
    expect_text quoted 2 "$(grep -c '"x, y' out)"
}

@test "--balance under leaves training rows out" {
    small_books 100 >books.csv
    try assay split --label genre --balance under books.csv
    expect under 0 "assay split: 100 rows, 100 assigned, 74 written: train 54, \
val 10, test 10
assay split: 26 training rows left out for balance"
    expect_text classes "test Fiction 3,test Non-fiction 7,train Fiction \
27,train Non-fiction 27,val Fiction 3,val Non-fiction 7" "$(classes out)"
    # With groups, times and hashes alike.
    for way in '--hash title' '--time year' '--group title'; do
        # shellcheck disable=SC2086
        try assay split -q --label genre --balance under $way books.csv
        expect "$way" 0
        expect_text "$way" 1 "$(grep ',train$' out | cut -d , -f 2 | sort |
            uniq -c | awk '{ print $1 }' | sort -u | wc -l)"
    done
}

@test "--balance weight adds what train --weight takes" {
    small_books 100 >books.csv
    try assay split -q --label genre --balance weight books.csv
    expect weight 0
    expect_text header title,genre,year,id,split,sample_weight "$(head -n 1 out)"
    awk -F , '$5 == "train" { n++; all += $6; w[$2] += $6 }
        NR > 1 && $5 != "train" && $6 != 1 { bad = 1 }
        END { d = w["Fiction"] - w["Non-fiction"]; m = all / n - 1
            exit bad || d * d > 1e-12 || m * m > 1e-12 }' out ||
        fail "weights: $(cut -d , -f 2,5,6 out | sort | uniq -c)"
    cp out weighed.csv
    try assay train -q --label genre --features title --net linear --epochs 2 \
        --weight sample_weight weighed.csv
    expect train 0
    try assay split --fill --label genre --balance weight weighed.csv
    expect twice 2 "assay split: --balance weight: there is a column \
'sample_weight' already"
}

@test "--balance: nothing to balance, unlabelled rows" {
    printf 'genre\na\n\nb\nb\n' | sed 's/^$/""/' >table.csv
    try assay split -q --label genre --balance over --parts train=1 table.csv
    expect unlabelled 0
    expect_text unlabelled 2,2,1 "$(for l in a b '""'; do
        grep -c "^$l," out; done | paste -sd ,)"
    try assay split --label genre --balance over --parts x=1 table.csv
    expect train 1 "assay split: --balance: no row of 'train' has a label"
    try assay split --label genre --balance all table.csv
    expect all 2 "assay split: --balance: 'all' is not over, under or weight"
}

# ---- combinations ----

@test "combinations that make no sense are wrong usage" {
    small_books >books.csv
    local alone="decides by one column alone: leave out"

    while IFS='|' read -r options message; do
        # shellcheck disable=SC2086
        try assay split $options books.csv
        expect "$options" 2 "assay split: $message"
        expect_empty "$options" out
    done <<END
--hash title --time year|--hash and --time exclude each other
--hash title --group genre|--hash $alone --group
--hash title --near-duplicates title|--hash $alone --near-duplicates
--time year --group genre|--time $alone --group
--time year --near-duplicates title|--time $alone --near-duplicates
--time year --label genre|--time $alone --label
--similarity .9|--similarity needs --near-duplicates
--gap 5|--gap needs --time
--gap-time 5|--gap-time needs --time
--time year --gap 5 --gap-time 5|--gap and --gap-time exclude each other
--label genre --only=|--only: not a list: ''
--label genre --only a,,b|--only: not a list: 'a,,b'
--near-duplicates=|--near-duplicates: not a list: ''
--only Fiction|--only needs --label, the column of the classes
--max-classes 5|--max-classes needs --label, the column of the classes
--balance over|--balance needs --label, the column of the classes
--near-duplicates title --similarity .2|--similarity: '.2' is not a number from 0.5 to 1
--time year --gap 0|--gap: '0' is not a whole number from 1 to 1000000000
--time year --gap-time -1|--gap-time: '-1' is not a number from 0 to 1e+15
END
    for option in --group --time --near-duplicates; do
        try assay split $option nope books.csv
        expect "$option" 1 "assay split: books.csv: no column 'nope' (there \
are: title, genre, year)"
    done
    assay split -q books.csv >done.csv
    try assay split --replace --group split done.csv
    expect split 2 "assay split: column 'split' cannot be the label"
}

@test "a pipe gives the bytes of the file, with as many passes as it takes" {
    authors >table.csv
    local all=(--label genre --group author --near-duplicates n
        --subset 900 --only essay,novel --balance weight)

    assay split -q "${all[@]}" table.csv >wanted
    mkdir spool
    cat table.csv | TMPDIR=$PWD/spool assay split -q "${all[@]}" >out
    expect_file pipe wanted out
    expect_text left "" "$(ls -A spool)"
    expect_text rows 901 "$(wc -l <out)"
    expect_text across "" "$(across author out)"
}
