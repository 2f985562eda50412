# assay shift: two sets of rows against each other, parts, windows, profiles.
load helpers

# rows SEED N [MOVE [SHARE]]: id, x (moved), size, kind (SHARE of b), title, y.
rows() {
    awk -v seed="$1" -v n="$2" -v move="${3:-0}" -v share="${4:-.3}" '
        function normal() {
            return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand())
        }
        BEGIN {
            srand(seed)
            split("history county river abbey church guide song tale heart sea",
                word, " ")
            print "id,x,size,kind,title,y"
            for (i = 1; i <= n; i++) {
                title = "A " word[1 + int(rand() * 10)]
                for (k = rand() * 5; k > 1; k--)
                    title = title " of " word[1 + int(rand() * 10)]
                printf "%d,%.4f,%d,%s,%s,%s\n", i, normal() + move,
                    int(rand() * 9), rand() < share ? "b" : "a", title,
                    rand() < .5 ? "no" : "yes"
            }
        }'
}

# status_of CHECK SUBJECT FILE
status_of() {
    awk -F, -v check="$1" -v subject="$2" \
        '$1 == check && $2 == subject { print $3 }' "$3"
}

@test "rows of one distribution: nothing is found" {
    rows 1 400 >a.csv
    rows 2 300 >b.csv
    try assay shift --label y a.csv b.csv
    expect same 0 ""
    expect_text verdict ok "$(status_of verdict "" out)"
    [ "$(grep -c ',fail,\|,warn,' out)" -eq 0 ] || fail "found" "$(<out)"
    for row in number,x number,size category,kind length,title words,title \
        text,title label,y together,classifier together,features; do
        grep -q "^$row,ok," out || fail "no finding $row" "$(<out)"
    done
    if grep -q "^missing\|^number,id\|^harm" out; then fail "too much"; fi
    try assay shift --label y --strict --gate 'verdict.n_current>=300' a.csv b.csv
    expect strict 0
}

@test "what has changed is found, and named" {
    rows 1 400 >a.csv
    rows 2 300 .8 .6 | sed '3,99s/,\(no\|yes\)$/,yes/; 5,60s/,[ab],/,c,/' |
        sed '100,180s/,[0-9],/,,/; 20,250s/ of / amid /g' >b.csv
    try assay shift --strict a.csv b.csv
    expect found 3
    for row in verdict, number,x category,kind missing,size words,title \
        text,title together,classifier label; do
        case $row in label) continue ;; esac
        grep -q "^$row,fail," out || fail "$row is no fail" "$(<out)"
    done
    expect_text size ok "$(status_of number size out)"
    grep "^category,kind" out | grep -q "new: 'c'" || fail "no new level"
    try assay shift --label y a.csv b.csv
    expect label 0
    expect_text label fail "$(status_of label y out)"
    try assay shift --features size --gate 'verdict.n_current==300' a.csv b.csv
    expect "another column" 0
    try assay shift --exclude x --gate 'number.size.value<.1' --gate 'kind.effect<.01' \
        a.csv b.csv
    expect gate 3
    expect_like gate "assay shift: gate 'kind.effect<.01' is closed: *" \
        "$(<err)"
}

@test "parts: each against train, or the pairs that were asked for" {
    { rows 1 300 | sed '1s/$/,split/; 2,$s/$/,train/'
        rows 2 200 | sed '1d; s/$/,val/'
        rows 3 200 2 | sed '1d; s/$/,test/'; } >all.csv
    try assay shift --by split all.csv
    expect parts 0 ""
    expect_text val ok "$(status_of verdict val out)"
    expect_text test fail "$(status_of verdict test out)"
    expect_text number fail "$(status_of number "test: x" out)"
    try assay shift --by split --pairs val:test all.csv
    expect pairs 0 ""
    expect_text pair fail "$(status_of verdict val:test out)"
    expect_text "no other" 1 "$(grep -c ^verdict out)"
    try assay shift --by split --pairs val:none all.csv
    expect none 2 "assay shift: --pairs 'val:none': no row has 'none'"
    try assay shift --by split --pairs val all.csv
    expect "no pair" 2 "assay shift: --pairs: 'val' is not like train:val"
    try assay shift --by kind --exclude split all.csv
    expect "by level" 0 "assay shift: the reference is 'a', the largest \
(--pairs says which)"
    expect_text level fail "$(grep -q '^verdict,b' out && echo fail)"
}

@test "windows of years and of dates" {
    for year in 1900 1905 1910 1915 1920; do
        rows $year 120 $((year > 1912)) | sed "1s/\$/,year,date/;
            2,\$s/\$/,$year,$year-05-03/"
    done | awk 'NR == 1 || !/^id/' >years.csv
    try assay shift --by year --window 10 --exclude date years.csv
    expect first 0 "assay shift: the reference is the window 1900"
    expect_text verdicts "1910 1920" \
        "$(awk -F, '$1 == "verdict" { print $2 }' out | sort | xargs)"
    expect_text last fail "$(status_of number "1920: x" out)"
    cp out first
    try assay shift --by date --window 10 --exclude year years.csv
    expect dates 0
    expect_file dates first out
    try assay shift --by year --window 5 --exclude date --against previous years.csv
    expect previous 0 ""
    expect_text change fail "$(status_of number "1915: x" out)"
    expect_text "no change" ok "$(status_of number "1920: x" out)"
    sed '200s/,1905,/,c. 1905,/' years.csv >odd.csv
    try assay shift --by year --window 10 odd.csv
    expect odd 1 "assay shift: odd.csv:200: column 'year' (field 7): neither a \
number nor a date: 'c. 1905'"
}

@test "a profile stands for its rows" {
    rows 1 900 >a.csv
    rows 2 300 .6 >b.csv
    try assay shift --profile --label y a.csv -o a.profile
    expect profile 0 ""
    try assay shift --label y a.csv b.csv
    mv out whole
    try assay shift a.profile b.csv
    expect "from a profile" 0 ""
    expect_file statuses <(cut -d, -f1-3 whole) <(cut -d, -f1-3 out)
    try assay shift --profile --like a.profile b.csv -o b.profile
    expect like 0 ""
    try assay shift a.profile b.profile
    expect "two profiles" 0 ""
    expect_file statuses <(cut -d, -f1-3 whole) <(cut -d, -f1-3 out)
}

@test "profiles of parts, merged in any order, are that of the whole" {
    rows 1 900 >a.csv
    try assay shift --profile --label y a.csv -o a.profile
    for i in 0 1 2; do
        awk -v i=$i 'NR == 1 || NR % 3 == i' a.csv >part$i.csv
        try assay shift --profile --like a.profile part$i.csv -o $i.profile
        expect "part $i" 0 ""
    done
    try assay shift --merge 0.profile 1.profile 2.profile -o up.profile
    expect up 0 ""
    try assay shift --merge 2.profile 0.profile 1.profile -o down.profile
    expect down 0 ""
    for merged in up down; do
        try assay shift a.profile $merged.profile
        expect $merged 0 ""
        awk -F, '$1 ~ /number|category|label|length/ && $4 + 0 > 1e-9' out >differ
        expect_empty "$merged: differs" differ
        grep "^verdict" out | grep -q ",900,900," || fail "$merged: rows"
    done
    try assay shift --merge a.csv
    expect "no profile" 1 "assay shift: a.csv: not a profile (assay shift \
--profile)"
    rows 1 60 | cut -d, -f1-3 >less.csv
    try assay shift --profile less.csv -o less.profile
    try assay shift --merge a.profile less.profile
    expect "other columns" 1
}

@test "with predictions: harm" {
    for part in a b; do
        awk -v part=$part 'BEGIN {
            srand(part == "a" ? 5 : 6)
            print "id,label,pred,p:no,p:yes,site"
            for (i = 1; i <= 500; i++) {
                site = rand() < (part == "a" ? .1 : .8) ? "west" : "east"
                no = site == "west" ? .6 : .95
                label = rand() < no ? "no" : "yes"
                printf "%d,%s,no,%.2f,%.2f,%s\n", i, label, no, 1 - no, site
            }
        }' >$part.csv
    done
    try assay shift a.csv b.csv
    expect harm 0
    expect_text verdict fail "$(status_of verdict "" out)"
    for how in realised confidence importance; do
        grep -q "^harm,$how,fail," out || fail "$how" "$(<out)"
    done
    grep -q "^softmax,no,fail," out || fail "no softmax" "$(<out)"
    # the labels are not needed
    sed 's/^\([0-9]*\),\(no\|yes\)/\1,/' b.csv >bare.csv
    try assay shift a.csv bare.csv
    expect bare 0
    expect_text bare fail "$(status_of verdict "" out)"
    if grep -q realised out; then fail "realised without labels"; fi
    try assay shift --tolerate .6 a.csv b.csv
    expect_text tolerated warn "$(status_of verdict "" out)"
}

@test "fewer errors are no fail; a rise is harm where something changed" {
    predictions() { # WRONG: how many of 600 are
        awk -v wrong="$1" 'BEGIN {
            print "id,label,pred,p:no,p:yes,site"
            for (i = 1; i <= 600; i++)
                printf "%d,%s,no,.9,.1,%s\n", i,
                    i * wrong % 600 < wrong ? "yes" : "no",
                    i % 2 ? "west" : "east"
        }'
    }
    for wrong in 60 83 180; do predictions $wrong >$wrong.csv; done
    try assay shift 180.csv 60.csv
    expect fewer 0
    expect_text fewer warn "$(status_of error pred out)"
    expect_text sign 1 "$(awk -F, '$1 == "error" { print ($8 < 0) }' out)"
    expect_text harm ok "$(status_of harm realised out)"
    try assay shift 60.csv 180.csv
    expect_text more fail "$(status_of error pred out)"
    expect_text harm fail "$(status_of harm realised out)"
    grep "^verdict" out | grep -q "the meaning of the labels" || fail "$(<out)"
    # its interval lies above 0, as one in twenty does: no alarm
    try assay shift --strict 60.csv 83.csv
    expect chance 0
    expect_text above 1 "$(awk -F, '$2 == "realised" { print ($9 > 0) }' out)"
    expect_text chance undecided "$(status_of harm realised out)"
    expect_text chance ok "$(status_of verdict "" out)"
}

@test "an empty column that fills; half years; columns by themselves" {
    rows 1 100 | sed '1s/$/,note/; 2,$s/$/,/' >a.csv
    rows 2 100 | sed '1s/$/,note/; 2,$s/$/,seen/' >b.csv
    try assay shift -q --strict a.csv b.csv
    expect fills 3
    expect_text fills fail "$(status_of missing note out)"
    try assay shift -q --each a.csv b.csv
    expect each 0
    if grep -q "^words\|^text\|^together" out; then fail "$(<out)"; fi
    expect_text each fail "$(status_of missing note out)"
    for day in 2000-02-01 2000-08-01 2001-02-01; do
        rows 3 60 | sed "1s/\$/,day/; 2,\$s/\$/,$day/"
    done | awk 'NR == 1 || !/^id/' >days.csv
    try assay shift -q --each --by day --window .5 days.csv
    expect "half years" 0
    expect_text windows "2000.5 2001" \
        "$(awk -F, '$1 == "verdict" { print $2 }' out | sort | xargs)"
}

@test "images: a profile knows in what size they were looked at" {
    mkdir dark
    {
        echo image,kind
        for i in 1 2 3 4 5 6 7 8 9 10; do
            for f in "$DATA"/images/{areas,colour8,grey8,palette2}.png; do
                echo "$f,x"
            done
        done
    } >a.csv
    { echo image,kind; for i in {1..40}; do echo "$DATA/images/grey8.png,x"; done; } >b.csv
    try assay shift -q --profile --shape 6x5x1 --features image a.csv -o a.profile
    expect profile 0
    grep -q "^column,image,image,feature,6 5 1 " a.profile || fail "no shape"
    try assay shift -q a.profile b.csv
    expect compared 0
    expect_text pixels fail "$(status_of pixels image out)"
    try assay shift -q --shape 6x5x1 --features image a.csv b.csv
    expect_text "the rows" fail "$(status_of pixels image out)"
}

@test "a profile that is too coarse to tell says so" {
    rows 1 4000 >a.csv
    try assay shift --profile --accuracy .1 --features x -o a.profile a.csv
    expect profile 0
    rows 2 4000 >b.csv
    try assay shift -q a.profile b.csv
    expect same 0
    expect_text same undecided "$(status_of number x out)"
    expect_text verdict ok "$(status_of verdict "" out)"
    rows 3 4000 .15 >c.csv
    try assay shift -q a.profile c.csv
    expect_text some undecided "$(status_of number x out)"
    expect_text verdict undecided "$(status_of verdict "" out)"
    try assay shift -q --features x a.csv c.csv
    expect_text "the rows" fail "$(status_of number x out)"
    rows 4 4000 2 >d.csv
    try assay shift -q a.profile d.csv
    expect_text much fail "$(status_of number x out)"
    try assay shift --profile --features x,size -o two.profile a.csv
    try assay shift -q --each two.profile d.csv
    expect each 0
    if grep -q ^together out; then fail "--each: $(<out)"; fi
}

@test "a sample is from anywhere; scales are the reference's; words of its own" {
    rows 1 1000 |
        awk -F, -v OFS=, 'NR > 1 { $5 = $5 " n" $1 } { print }' >a.csv
    try assay shift -q --profile --sample 100 a.csv -o a.profile
    expect sample 0
    awk -F, '$1 == "row" { n++; late += $3 > 500 }
        END { exit !(n == 100 && late > 25 && late < 75) }' a.profile ||
        fail "not at random"
    # no word of the rows themselves is new
    try assay shift -q a.csv a.csv
    expect_text words 0 "$(awk -F, '$1 == "words" { print $4 }' out)"
    awk -F, -v OFS=, 'NR > 1 { $2 *= 4 } { print }' a.csv >wide.csv
    try assay shift -q --features x,size a.csv wide.csv
    expect_text features fail "$(status_of together features out)"
}

@test "all parts of the reference count; rows a model has seen do not" {
    rows 1 200 | sed '1s/$/,split/; 2,$s/$/,test/' >a.csv
    try assay shift -q a.csv a.csv
    expect "all test" 0
    rows 2 300 >b.csv
    assay train -q --label y --features x,size --net linear --epochs 2 \
        --stop-on none -m m b.csv >curve
    try assay shift --label y -m m b.csv a.csv
    expect model 0
    grep -q "b.csv: the model was trained on 300 of 300 rows" err ||
        fail "not said" "$(<err)"
    if grep -q "^harm" out; then fail "harm by rows it was trained on"; fi
    try assay shift -q --label y -m m a.csv a.csv
    expect_text held_out undecided "$(status_of harm realised out)"
    expect_text prediction ok "$(status_of prediction pred out)"
}

@test "the same bytes whatever the number of threads" {
    rows 1 500 >a.csv
    rows 2 400 .2 >b.csv
    for j in 1 2 3; do
        try assay shift -j $j a.csv b.csv
        expect "-j $j" 0
        cp out out.$j
        try assay shift -j $j --profile a.csv
        cp out profile.$j
    done
    expect_file 2 out.1 out.2
    expect_file 3 out.1 out.3
    expect_file "profile 2" profile.1 profile.2
    expect_file "profile 3" profile.1 profile.3
}

@test "odd input" {
    rows 1 60 >a.csv
    head -n 2 a.csv >one.csv
    try assay shift a.csv one.csv
    expect "one row" 0
    expect_text "one row" undecided "$(status_of verdict "" out)"
    sed '20s/,[0-9],/,many,/' a.csv >bad.csv
    try assay shift a.csv bad.csv
    expect bad 1 "assay shift: bad.csv:20: column 'size' (field 3): not a number: 'many' (--type COLUMN=text on both sides compares it as text)"
    cut -d, -f1,3- a.csv >less.csv
    try assay shift a.csv less.csv
    expect less 1
    expect_like less "assay shift: less.csv: no column 'x'*" "$(<err)"
    try assay shift less.csv a.csv
    expect "more columns" 0
    sed 's/,[ab],/,,/' a.csv >empty.csv
    try assay shift a.csv empty.csv
    expect "an empty column" 0
    expect_text missing fail "$(status_of missing kind out)"
    try assay shift --profile a.csv -o a.profile
    try assay shift --profile a.profile
    expect "a profile's profile" 1 "assay shift: a.profile: a profile already \
(--merge adds profiles)"
    try assay shift one.csv one.csv
    expect_text "one and one" undecided "$(status_of verdict "" out)"
    head -n 20 a.profile >cut.profile
    try assay shift cut.profile a.csv
    expect "cut profile" 1
    expect_like cut "assay shift: cut.profile:*" "$(<err)"
}

@test "wrong usage" {
    rows 1 30 >a.csv
    while IFS='|' read -r options message; do
        # shellcheck disable=SC2086 # several words
        try assay shift $options
        expect "$options" 2 "assay shift: $message"
    done <<'END'
a.csv|what is 'a.csv' held against? REFERENCE CURRENT, or --by COLUMN of one table
a.csv a.csv a.csv|two files are needed, REFERENCE and CURRENT
--merge --profile a.csv|--merge and --profile: one a run
--by split --against previous a.csv|--against needs --window
--collect 3 a.csv a.csv|--collect needs another mode than REFERENCE CURRENT
--profile --strict a.csv|--strict does not go with --profile
--by kind --window 0 a.csv|--window: '0' is not a number from 1e-09 to 1000000000000
--merge|--merge: which profiles?
--by kind --against last a.csv|--against: 'last' is not first or previous
--label-shift --method best a.csv a.csv|--method: 'best' is not bbse-hard, bbse-soft, rlls or em
- -|standard input can be read once only
END
}
