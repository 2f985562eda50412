# assay shift --label-shift [--correct].
load model_helpers

# The two halves of MNIST's test set; of the second, class c keeps (c + 1) / 10.
digits() {
    gzip -dc "$DATA/issues/mnist_test_probs.csv.gz" | awk -F, '
        NR == 1 {
            h = "id,label"
            for (i = 3; i <= NF; i++) h = h ",p:" substr($i, 2)
            print h >"source.csv"; print h >"target.csv"
            next
        }
        NR % 2 == 0 { print >"source.csv"; next }
        { n[$2]++; row[++m] = $0; label[m] = $2 }
        END {
            for (i = 1; i <= m; i++)
                if (seen[label[i]]++ < int(n[label[i]] * (label[i] + 1) / 10))
                    print row[i] >"target.csv"
        }'
}

# sides: 60 labelled rows of two classes, half and half, one in ten wrong; 40
# rows of which 30 look like `b`, without labels, classes the other way round.
sides() {
    awk 'BEGIN {
        print "id,split,label,pred,prob,loss,p:a,\"p:b, or c\""
        for (i = 1; i <= 60; i++) {
            a = i % 2; right = i % 10 > 1; p = right == a ? .9 : .1
            b = "\"b, or c\""
            printf "%d,val,%s,%s,.9,%s,%s,%s\n", i, (a ? "a" : b),
                (p > .5 ? "a" : b), (right ? .10536 : 2.30259), p, 1 - p
        }
    }' >reference.csv
    awk 'BEGIN {
        print "key,\"p:b, or c\",p:a,pred,prob,note"
        for (i = 1; i <= 40; i++) {
            p = i % 4 ? (i % 8 == 3 ? .55 : .9) : .1
            printf "%d,%s,%s,%s,%s,\"a \"\"b\"\", %d\"\n", i, p, 1 - p,
                (p > .5 ? "\"b, or c\"" : "a"), (p > .5 ? p : 1 - p), i
        }
    }' >current.csv
}

# weights_of FILE: class=weight, to three digits.
weights_of() {
    awk -F, 'NR > 1 { printf "%s=%.3f ", $1, $6 }' "$1"
}

@test "digits: weights, and what is told" {
    digits
    try assay shift --label-shift source.csv target.csv
    expect digits 0
    expect_text header \
        class,reference,current,low,high,weight,weight_low,weight_high,method \
        "$(head -n 1 out)"
    expect_text weights "0=0.215 1=0.339 2=0.593 3=0.718 4=0.962 5=1.041 \
6=1.196 7=1.456 8=1.824 9=1.714 " "$(weights_of out)"
    expect_text shares 1.000 "$(awk -F, '{ s += $3 } END { printf "%.3f", s }' out)"
    expect_like notes "assay shift: 5000 labelled rows of 'source.csv', 2699 rows of 'target.csv'
assay shift: the mix of predicted classes has changed (homogeneity: p = 2.22e-100)
assay shift: method bbse-hard: predictions tell the classes apart well, *condition 1.02?
assay shift: warning: rows of some class do not look as they did: no mix of classes explains about 1 % of rows *" \
        "$(<err)"
    try assay shift --label-shift --method em source.csv target.csv
    expect em 0
    expect_like temperature "*
assay shift: probabilities calibrated: temperature 1.1046
*" "$(<err)"
    assay shift -q --label-shift --method em -j 3 source.csv target.csv >three
    expect_text "3 threads" "$(<out)" "$(<three)"
}

@test "digits: corrected predictions are better ones" {
    digits
    try assay shift --label-shift --correct source.csv target.csv
    expect correct 0
    expect_like notes "*
assay shift: * of 2699 predictions changed" "$(<err)"
    expect_text ids "$(cut -d, -f1,2 target.csv)" "$(cut -d, -f1,2 out)"
    assay eval -q --metrics target.csv >before
    assay eval -q --metrics out >after
    expect_text before 0.0133383 "$(awk -F, 'NR == 2 { printf "%.7f", $4 }' before)"
    expect_text after 0.0125973 "$(awk -F, 'NR == 2 { printf "%.7f", $4 }' after)"
}

@test "what is corrected, and that nothing else is" {
    sides
    try assay shift --label-shift --correct reference.csv current.csv
    expect correct 0
    expect_text header "$(head -n 1 current.csv)" "$(head -n 1 out)"
    # the notes, quotes and all, and the keys
    expect_text rest "$(sed 's/,.*,"a/,"a/' current.csv)" \
        "$(sed 's/,.*,"a/,"a/' out)"
    # .55 of b becomes more, as there is more of b
    expect_text more "1 1 1" "$(awk -F, '$1 == 3 {
        print ($2 > .6), ($2 + $3 > .999999), ($2 == $6) }' out)"
    # a label gives a loss; one that the model does not know, inf
    awk -F, -v OFS=, 'NR == 1 { print $0, "label", "loss" }
        NR > 1 { print $0, NR == 2 ? "a" : NR == 3 ? "zebra" : "", 7 }' \
        current.csv >labelled.csv
    assay shift -q --label-shift --correct reference.csv labelled.csv >out
    expect_text losses "1 inf " "$(awk -F, '
        NR == 2 { d = $NF + log($3); printf "%d ", (d < 1e-6 && d > -1e-6) }
        NR == 3 || NR == 4 { printf "%s ", $NF }' out | sed 's/ $//')"
}

@test "a pipe, a FIFO, gzip: the same bytes" {
    sides
    try assay shift --label-shift reference.csv current.csv
    expect_like assumption "*
assay shift: it is taken for granted that rows of each class look as they did: *" \
        "$(<err)"
    gzip -k current.csv
    assay shift -q --label-shift --correct reference.csv current.csv >file
    assay shift -q --label-shift --correct reference.csv - <current.csv.gz >pipe
    expect_text pipe "$(<file)" "$(<pipe)"
    assay shift -q --label-shift --correct <(cat reference.csv) \
        <(cat current.csv) >fifo
    expect_text fifo "$(<file)" "$(<fifo)"
}

@test "which rows of the reference count" {
    sides
    awk -F, -v OFS=, 'NR > 1 && NR < 22 { $2 = "train" } 1' \
        reference.csv >parts.csv
    try assay shift --label-shift parts.csv current.csv
    expect parts 0
    expect_like parts "assay shift: 40 labelled rows of 'parts.csv', *
assay shift: 20 rows of the split train left out: *" "$(<err)"
    try assay shift --label-shift --on train parts.csv current.csv
    expect_like "--on" "assay shift: 20 labelled rows of *" "$(<err)"
    try assay shift --label-shift --on nothing parts.csv current.csv
    expect "--on nothing" 1
    awk -F, -v OFS=, '{ $2 = NR > 1 ? "train" : $2 } 1' reference.csv >train.csv
    try assay shift --label-shift train.csv current.csv
    expect_like "only train" "assay shift: 60 labelled rows of *
assay shift: warning: 60 of these labelled rows are of the split train: *" "$(<err)"
    awk '{ print $0 (NR == 1 ? ",replica" : NR % 3 ? ",1" : ",2") }' \
        reference.csv >replicas.csv
    try assay shift --label-shift replicas.csv current.csv
    expect replicas 0
    expect_like replicas "assay shift: 40 labelled rows of *
assay shift: predictions of several models in 'replicas.csv': 20 rows of others than the first left out
*" "$(<err)"
    try assay shift --label-shift --correct reference.csv replicas.csv
    expect "--correct of replicas" 1 "assay shift: replicas.csv: predictions of several models: --correct takes one at a time"
}

@test "what cannot be done" {
    sides
    cut -d, -f1-6 reference.csv >plain.csv
    try assay shift --label-shift plain.csv current.csv
    expect "no p: columns" 1 "assay shift: plain.csv: --label-shift needs p: columns (assay eval --probs writes them)"
    sed '1s/p:a/p:z/' current.csv >other.csv
    try assay shift --label-shift reference.csv other.csv
    expect "another class" 1 "assay shift: other.csv: no p: column of class 'a', which 'reference.csv' has"
    sed '1s/$/,p:z/; 2,$s/$/,0/' current.csv >more.csv
    try assay shift --label-shift reference.csv more.csv
    expect "one class more" 1 "assay shift: reference.csv: no p: column of class 'z', which 'more.csv' has"
    awk -F, -v OFS=, 'NR > 1 { $3 = ""; sub(/^ or c",/, "", $4) } 1' \
        reference.csv | head -n 1 >unlabelled.csv
    echo '1,val,,a,.9,,.9,.1' >>unlabelled.csv
    try assay shift --label-shift unlabelled.csv current.csv
    expect "no labels" 1 "assay shift: unlabelled.csv: no row that counts has a label with a p: column"
}

@test "names that one side has, and the other by the standard" {
    sides
    assay shift -q --label-shift reference.csv current.csv >wanted
    sed '1s/label/y_true/' reference.csv >named.csv
    try assay shift --label-shift --columns label=y_true,pred=pred named.csv \
        current.csv
    expect named 0
    expect_text named "$(<wanted)" "$(<out)"
    try assay shift --label-shift named.csv current.csv
    expect "no label" 1 "assay shift: named.csv: no column 'label' (--columns label=COLUMN names another)"
    try assay shift --label-shift --columns label=y_treu named.csv current.csv
    expect misspelt 1
    sed '1s/pred,prob/y_pred,conf/' current.csv >other.csv
    try assay shift --label-shift --correct reference.csv other.csv
    expect_like missing "*no column 'pred' to correct: *" "$(<err)"
    try assay shift -q --label-shift --correct --columns pred=y_pred,prob=conf \
        reference.csv other.csv
    expect "named in current" 0
    expect_text same "$(assay shift -q --label-shift --correct reference.csv \
        current.csv | sed 1d)" "$(sed 1d out)"
}

@test "one class, few labelled rows" {
    sides
    awk -F, 'NR == 1 || $3 == "a"' reference.csv | head -n 4 >one.csv
    try assay shift --label-shift one.csv current.csv
    expect one 0
    expect_like one "*labelled rows are of one class, from which nothing is told apart*
assay shift: warning: 1 class with fewer than 5 labelled rows *" "$(<err)"
}

@test "classes that are missing, few rows" {
    sides
    sed '1s/$/,p:z/; 2,$s/$/,0/' reference.csv >three.csv
    sed '1s/$/,p:z/; 2,$s/$/,0/' current.csv | head -n 3 >two.csv
    try assay shift --label-shift three.csv two.csv
    expect missing 0
    expect_text z "z,0,0,,,1,,," "$(sed -n 's/bbse.*//; s/em$//; s/rlls//; /^z/p' out)"
    expect_like notes "*
assay shift: warning: 1 class without a labelled row in the reference: *
assay shift: 1 class that no current row is predicted as
assay shift: warning: fewer current rows (2) than classes (3)
*" "$(<err)"
}

@test "data and a model: as with its predictions" {
    mixed >data.csv
    assay train -q --label label --net linear --epochs 20 -m model \
        data.csv >curve.csv
    awk -F, 'NR == 1 || $5 == "cat" || NR % 5 == 0' data.csv >new.csv
    assay eval -q -m model --probs data.csv >reference.csv
    assay eval -q -m model --probs new.csv >current.csv
    assay shift -q --label-shift reference.csv current.csv >wanted
    assay shift -q --label-shift -m model data.csv new.csv >got
    expect_text rows "$(<wanted)" "$(<got)"
    assay shift -q --label-shift --correct reference.csv current.csv >wanted
    cut -d, -f1-4 new.csv >unlabelled.csv
    assay shift -q --label-shift --correct -m model data.csv new.csv >got
    expect_text corrected "$(<wanted)" "$(<got)"
    try assay shift --label-shift -m model data.csv unlabelled.csv
    expect unlabelled 0
    expect_like unlabelled "*assay shift: 240 labelled rows of 'data.csv', *" \
        "$(<err)"
    mkdir tmp
    TMPDIR=tmp assay shift -q --label-shift -m model data.csv new.csv >got
    expect_text "nothing stays behind" "" "$(ls tmp)"
    TMPDIR=none try assay shift --label-shift -m model data.csv new.csv
    expect "no TMPDIR" 1 "assay shift: cannot make a temporary file in 'none': No such file or directory"
}

@test "a gate on a class" {
    sides
    try assay shift -q --label-shift --gate 'a.weight>=0.9' reference.csv \
        current.csv
    expect gate 3
    try assay shift -q --label-shift --correct --gate 'a.weight>=0.9' \
        reference.csv current.csv
    expect "gate of rows" 2
}
