# assay confuse: pairs, matrix, classes, top losses.
load model_helpers

# pred: hand-made; two titles are the same, with different labels.
pred() {
    cat <<'EOF'
id,split,label,pred,prob,loss,title
1,train,a,b,.9,2.5,t1
2,val,a,a,.9,.1,t2
3,val,a,b,.8,2,The Same
4,val,a,b,.7,1.5,t4
5,val,b,a,.9,2.5,the same
6,test,b,c,.6,2,t6
7,test,c,c,.8,.2,t7
8,test,c,a,.5,2,t8
9,test,a,c,.5,inf,t9
10,test,b,b,.5,.7,t10
11,train,b,b,.9,.1,t11
EOF
}

NOTE="assay confuse: 6 of 9 rows are wrong (training rows left out; --on train)"

@test "pairs: the most frequent first, with their share and ids" {
    pred >pred.csv
    try assay confuse pred.csv
    expect confuse 0 "$NOTE"
    lines confuse "label,pred,count,rate,low,high,share,reverse_count,ids" \
        "a,b,2,0.5,0.15003898915214947,0.8499610108478506,0.3333333333333333,1,3 4" \
        "a,c,1,0.25,0.04558726080970055,0.6993581574175981,0.16666666666666666,1,9" \
        "b,a,1,0.3333333333333333,0.06149194472039621,0.7923403991979523,0.16666666666666666,2,5" \
        "b,c,1,0.3333333333333333,0.06149194472039621,0.7923403991979523,0.16666666666666666,0,6" \
        "c,a,1,0.5,0.09453120573423074,0.9054687942657693,0.16666666666666666,1,8"
}

@test "pairs: five ids are shown of many" {
    { echo id,label,pred
      for i in 1 2 3 4 5 6 7; do echo $i,a,b; done
      echo 8,b,b; } >pred.csv
    try assay confuse -q pred.csv
    expect confuse 0 ""
    expect_text ids "1 2 3 4 5" "$(cell out ids)"
    expect_text count 7 "$(cell out count)"
    near "Wilson's low" .6456696 "$(cell out low)"
}

@test "--on, and training rows where there are no others" {
    pred >pred.csv
    try assay confuse --on train pred.csv
    expect train 0 "assay confuse: 1 of 2 rows are wrong"
    expect_text pairs "a b 1 1" \
        "$(sed 1d out | cut -d, -f1-3,9 | tr , ' ')"
    try assay confuse --on train,val pred.csv
    expect both 0 "assay confuse: 4 of 6 rows are wrong"
    expect_text ids "1 3 4" "$(cell out ids label=a pred=b)"
    grep -e id -e train pred.csv >train.csv
    try assay confuse train.csv
    expect alone 0 "assay confuse: 1 of 2 rows are wrong (all of them training rows)"
    expect_text pairs "a b 1 1" \
        "$(sed 1d out | cut -d, -f1-3,9 | tr , ' ')"
    try assay confuse --on nope pred.csv
    expect nope 1
    expect_empty nope out
}

@test "--matrix" {
    pred >pred.csv
    try assay confuse --matrix pred.csv
    expect confuse 0 "$NOTE"
    lines confuse label,a,b,c a,1,2,1 b,1,1,1 c,1,0,1
    # classes that are only predicted, and only labels, have rows and columns
    printf 'label,pred\nx,x\ny,x\nx,z\n' >pred.csv
    try assay confuse -q --matrix pred.csv
    lines "only one side" label,x,y,z x,1,0,1 y,1,0,0 z,0,0,0
}

@test "--by-class: values computed by hand" {
    pred >pred.csv
    try assay confuse --by-class pred.csv
    expect confuse 0 "$NOTE"
    expect_text header "class,n,predicted,precision,precision_low,precision_high,recall,recall_low,recall_high,f1,f1_low,f1_high" "$(head -n 1 out)"
    while read -r class n predicted precision recall f1; do
        expect_text "$class: n" "$n" "$(cell out n class=$class)"
        expect_text "$class: predicted" "$predicted" \
            "$(cell out predicted class=$class)"
        near "$class: precision" "$precision" "$(cell out precision class=$class)"
        near "$class: recall" "$recall" "$(cell out recall class=$class)"
        near "$class: f1" "$f1" "$(cell out f1 class=$class)"
    done <<'EOF'
a 4 3 .3333333 .25 .2857143
b 3 3 .3333333 .3333333 .3333333
c 2 3 .3333333 .5 .4
EOF
    # Wilson of 1/4
    near "recall of a, low" .0455873 "$(cell out recall_low class=a)"
    near "recall of a, high" .6993582 "$(cell out recall_high class=a)"
    golden confuse_classes.csv out
}

@test "--by-class: what cannot be computed is empty" {
    printf 'label,pred\nx,x\ny,x\nx,z\n' >pred.csv
    try assay confuse -q --by-class pred.csv
    expect confuse 0 ""
    expect_text "precision of y" ",," "$(grep ^y out | cut -d, -f4-6)"
    expect_text "recall of z" ",," "$(grep ^z out | cut -d, -f7-9)"
}

@test "--top-losses N: the largest first, ties in order, conflicts marked" {
    pred >pred.csv
    try assay confuse --top-losses 5 pred.csv
    expect confuse 0 "$NOTE"
    lines confuse "id,split,label,pred,prob,loss,title,conflict,conflict_label" \
        "9,test,a,c,.5,inf,t9,," \
        "5,val,b,a,.9,2.5,the same,3,a" \
        "3,val,a,b,.8,2,The Same,5,b" \
        "6,test,b,c,.6,2,t6,," \
        "8,test,c,a,.5,2,t8,,"
    try assay confuse -q --top-losses 100 pred.csv
    expect_text all "9 5 3 6 8 4 10 7 2" "$(column_of out id | xargs)"
    try assay confuse -q --top-losses 1 --on train pred.csv
    expect_text "--on train" 1 "$(column_of out id | xargs)"
}

@test "--top-losses: the loss from p: columns, none without either" {
    printf 'label,p:a,p:b\na,.9,.1\na,.2,.8\nb,.4,.6\n' >pred.csv
    try assay confuse -q --top-losses 1 pred.csv
    expect confuse 0 ""
    lines "p:" "label,p:a,p:b,loss,conflict,conflict_label" "a,.2,.8,1.609438,,"
    printf 'label,pred\na,a\na,b\nb,b\n' >pred.csv
    try assay confuse --top-losses 3 pred.csv
    expect none 1 "assay confuse: pred.csv: --top-losses needs a column loss, or p: columns"
    try assay confuse --top-losses 0 pred.csv
    expect "0" 2 \
        "assay confuse: --top-losses: '0' is not a whole number from 1 to 1000000"
}

# near: titles entered twice with small differences, the year the same or not.
near_titles() {
    cat <<'EOF'
label,pred,loss,title,year
a,a,.1,"A history of the county of Kent, in three volumes",1850
b,a,3,A History of the County of Kent in three volume,1850
b,a,2,A History of the County of Kent in three volume,1851
c,a,1,"a history; of the County of KENT, in three volumes",1850.0
a,b,.9,Poems,1850
b,b,.1,Poems of the sea,1850
a,b,.8,,
b,b,.1,,
EOF
}

@test "--top-losses: near-identical rows of other labels" {
    near_titles >pred.csv
    try assay confuse -q --top-losses 6 pred.csv
    expect near 0 ""
    # rows without an id are numbered; the first of another label counts
    lines near "label,pred,loss,title,year,conflict,conflict_label" \
        "b,a,3,A History of the County of Kent in three volume,1850,1,a" \
        "b,a,2,A History of the County of Kent in three volume,1851,," \
        'c,a,1,"a history; of the County of KENT, in three volumes",1850.0,1,a' \
        "a,b,.9,Poems,1850,," \
        "a,b,.8,,,," \
        'a,a,.1,"A history of the county of Kent, in three volumes",1850,2,b'
    # from a pipe, which is read twice too
    near_titles | assay confuse -q --top-losses 6 >piped
    expect_file piped out piped
    # numbers alone: the same four digits
    printf 'id,label,pred,loss,x\nu,a,a,.1,10001\nv,b,a,2,10002\nw,b,a,1,1\n' >pred.csv
    try assay confuse -q --top-losses 2 pred.csv
    lines numbers id,label,pred,loss,x,conflict,conflict_label \
        v,b,a,2,10002,u,a w,b,a,1,1,,
}

@test "--top-losses: a gate on how wrong the worst row is" {
    pred >pred.csv
    try assay confuse -q --top-losses 1 --on val --gate '5.loss<2' pred.csv
    expect gate 3 "assay confuse: gate '5.loss<2' is closed: 5 = 2.5"
}

@test "--top-losses: rows without a loss are counted" {
    printf 'id,label,pred,loss\n1,a,a,\n2,a,b,nan\n3,a,b,.5\n4,,b,\n' >pred.csv
    try assay confuse --top-losses 5 pred.csv
    expect without 0 "assay confuse: 1 row without a label left out
assay confuse: 2 of 3 rows are wrong
assay confuse: 2 rows without a loss left out"
    lines without id,label,pred,loss,conflict,conflict_label 3,a,b,.5,,
    try assay confuse -q --view --top-losses 5 pred.csv
    lines "no prob" "id  is  taken for  loss" "3   a   b           0.5"
}

@test "--top-losses: columns have the names that the stream gives them" {
    pred | sed '1s/id,split,label,pred,prob,loss/key,part,y,guess,sure,xent/' >pred.csv
    names=id=key,split=part,label=y,pred=guess,prob=sure,loss=xent
    try assay confuse -q --top-losses 1 --columns $names --gate '9<2' pred.csv
    expect gate 3 "assay confuse: gate '9<2' is closed: 9 = inf"
    lines names "id,split,label,pred,prob,loss,title,conflict,conflict_label" \
        "9,test,a,c,.5,inf,t9,,"
    # unless one has the name already
    printf 'id,key,label,pred,loss\nx,1,a,b,2\n' >pred.csv
    try assay confuse -q --top-losses 1 --columns id=key pred.csv
    lines taken "id,key,label,pred,loss,conflict,conflict_label" x,1,a,b,2,,
    # and what is added cannot be there
    assay confuse -q --top-losses 1 pred.csv >worst.csv
    try assay confuse -q --top-losses 1 worst.csv
    expect conflict 1 "assay confuse: worst.csv:1: column 'conflict' (field 6): --top-losses has a column of this name itself: rename it"
}

@test "--matrix --normalise" {
    pred >pred.csv
    try assay confuse --matrix --normalise row pred.csv
    expect row 0 "$NOTE"
    lines row label,a,b,c a,0.25,0.5,0.25 \
        b,0.3333333333333333,0.3333333333333333,0.3333333333333333 c,0.5,0,0.5
    try assay confuse -q --matrix --normalise column pred.csv
    expect column 0 ""
    lines column label,a,b,c a,0.3333333333333333,0.6666666666666666,0.3333333333333333 \
        b,0.3333333333333333,0.3333333333333333,0.3333333333333333 \
        c,0.3333333333333333,0,0.3333333333333333
    try assay confuse -q --matrix --normalise row --gate 'a.b<=.4' pred.csv
    expect gate 3 "assay confuse: gate 'a.b<=.4' is closed: a.b = 0.5"
    # classes without rows of their own have no shares
    printf 'label,pred\nx,x\ny,x\nx,z\n' >pred.csv
    try assay confuse -q --matrix --normalise row pred.csv
    lines "no rows" label,x,y,z x,0.5,0,0.5 y,1,0,0 z,,,
    try assay confuse --matrix --normalise both pred.csv
    expect both 2 "assay confuse: --normalise: 'both' is neither row nor column"
    try assay confuse --normalise row pred.csv
    expect alone 2 "assay confuse: --normalise needs --matrix"
}

@test "no row is wrong" {
    printf 'label,pred\na,a\nb,b\n' >pred.csv
    try assay confuse pred.csv
    expect confuse 0 "assay confuse: 0 of 2 rows are wrong"
    lines confuse "label,pred,count,rate,low,high,share,reverse_count,ids"
    try assay confuse -q --matrix pred.csv
    lines matrix label,a,b a,1,0 b,0,1
}

@test "class names with commas and quotes" {
    cat >pred.csv <<'EOF'
label,pred
"on paper, print","say ""hi"""
"say ""hi""","say ""hi"""
"on paper, print","on paper, print"
EOF
    try assay confuse -q --matrix pred.csv
    lines matrix 'label,"on paper, print","say ""hi"""' \
        '"on paper, print",1,1' '"say ""hi""",0,1'
    try assay confuse -q pred.csv
    expect_like pair '"on paper, print","say ""hi""",1,0.5,*' "$(sed -n 2p out)"
    try assay confuse -q --by-class pred.csv
    expect_like class '"on paper, print",2,1,1,*' "$(sed -n 2p out)"
    try assay confuse -q --by-class --gate 'on paper, print.recall>.4' pred.csv
    expect gate 0 ""
}

@test "1,000 classes" {
    awk 'BEGIN {
        print "label,pred"
        for (i = 0; i < 2000; i++)
            print "c" i % 1000 ",c" (i < 1000 ? i : (i + 1) % 1000)
    }' >pred.csv
    try assay confuse -q --matrix pred.csv
    expect matrix 0 ""
    expect_text rows 1001 "$(wc -l <out)"
    awk -F, 'NR > 1 {
        for (i = 2; i <= NF; i++) sum += $i
        n += NF == 1001
    } END { exit !(sum == 2000 && n == 1000) }' out || fail "not 1000 x 1000"
    try assay confuse -q pred.csv
    expect_text pairs 1001 "$(wc -l <out)"
    expect_text "first pair" "c0,c1,1,0.5" "$(sed -n 2p out | cut -d, -f1-4)"
    try assay confuse -q --by-class pred.csv
    expect_text classes 1001 "$(wc -l <out)"
    near recall .5 "$(cell out recall class=c999)"
}

@test "predictions made elsewhere, or without pred" {
    printf 'y_true,y_pred\na,a\nb,a\nb,b\n' >other.csv
    try assay confuse --columns label=y_true,pred=y_pred other.csv
    expect "--columns" 0 "assay confuse: 1 of 3 rows are wrong"
    expect_like pair "b,a,1,0.5,*,1,0,2" "$(sed -n 2p out)"
    try assay confuse other.csv
    expect plain 1 "assay confuse: other.csv: no column 'label' (there are: y_true, y_pred)"
    printf 'label,p:a,p:b\na,.6,.4\nb,.7,.3\nb,.1,.9\n' >probs.csv
    try assay confuse -q probs.csv
    expect "p: alone" 0 ""
    expect_like pair "b,a,1,0.5,*" "$(sed -n 2p out)"
    printf 'label,pred\n1,1.0\n2,2.0\n' >shared.csv
    try assay confuse shared.csv
    expect shared 1 "assay confuse: shared.csv: labels and predictions share no value (label '1', prediction '1.0')"
}

@test "unlabelled rows are left out" {
    pred | sed '5,6s/val,./val,/' >pred.csv
    try assay confuse pred.csv
    expect confuse 0 "assay confuse: 2 rows without a label left out
assay confuse: 4 of 7 rows are wrong (training rows left out; --on train)"
    printf 'label,pred\n,a\n,b\n' >pred.csv
    try assay confuse pred.csv
    expect none 1
    expect_like none "*
assay confuse: pred.csv: no labelled row to look at" "$(<err)"
}

@test "two tables at once are refused" {
    pred >pred.csv
    try assay confuse --matrix --by-class pred.csv
    expect "two" 2 "assay confuse: --matrix and --by-class are one table each: ask for one"
    try assay confuse --matrix --top-losses 3 --matrix pred.csv
    expect "two" 2 "assay confuse: --matrix and --top-losses are one table each: ask for one"
}

@test "gates" {
    pred >pred.csv
    while IFS='|' read -r options gate status message; do
        try assay confuse -q $options --gate "$gate" pred.csv
        expect "$gate" "$status" "$message"
        [ -s out ] || [ "$status" -ne 3 ] || fail "$gate: no output"
    done <<'EOF'
|a.b.count<3|0|
|a.b.count<2|3|assay confuse: gate 'a.b.count<2' is closed: a.b = 2
|a.b<2|3|assay confuse: gate 'a.b<2' is closed: a.b = 2
|a.b.share<.3|3|assay confuse: gate 'a.b.share<.3' is closed: a.b.share = 0.3333333333333333
|a.b.low>.5|3|assay confuse: gate 'a.b.low>.5' is closed: a.b.low = 0.15003898915214947
|a.b.reverse_count<1|3|assay confuse: gate 'a.b.reverse_count<1' is closed: a.b.reverse_count = 1
--by-class|a.recall>=.25|0|
--by-class|a.recall>.9|3|assay confuse: gate 'a.recall>.9' is closed: a.recall = 0.25
--by-class|c>.5|3|assay confuse: gate 'c>.5' is closed: c = 0.4
--by-class|d.recall>.9|2|assay confuse: gate 'd.recall>.9': no such row; there are: 'a', 'b', 'c'
EOF
}

@test "--view" {
    pred >pred.csv
    export COLUMNS=80 LC_ALL=C.UTF-8 NO_COLOR=1
    try assay confuse -q --view pred.csv
    golden confuse_pairs.txt out
    try assay confuse -q --view --matrix pred.csv
    golden confuse_matrix.txt out
    try assay confuse -q --view --by-class pred.csv
    golden confuse_classes.txt out
    try assay confuse -q --view --top-losses 3 pred.csv
    golden confuse_top.txt out
}

@test "one row is 'row'" {
    printf 'label,pred\na,b\n,b\nb,b\n' >pred.csv
    try assay confuse pred.csv
    expect_text confuse "assay confuse: 1 row without a label left out" "$(head -n 1 err)"
    try assay decompose pred.csv
    expect decompose 0 "assay decompose: 1 row without a label left out"
}

@test "--on names what there is" {
    printf 'split,label,pred\nval,a,b\nval,a,a\n' >pred.csv
    for tool in confuse "eval --metrics" "eval --coverage"; do
        # shellcheck disable=SC2086 # a tool and its options
        try assay $tool --on tset pred.csv
        expect "$tool" 1 "assay ${tool%% *}: pred.csv: --on: no row has the split 'tset' (there are: val)"
    done
}

@test "3,000 classes take no time" {
    awk 'BEGIN { print "label,pred"; for (i = 0; i < 6000; i++) print "c" i % 3000 ",c" (i + (i % 3 == 0)) % 3000 }' >pred.csv
    try timeout 20 assay confuse -q pred.csv
    expect pairs 0
    try timeout 20 assay eval -q --metrics pred.csv
    expect metrics 0
}

@test "--columns: a name or a column that is given twice" {
    pred >pred.csv
    try assay confuse --columns label=pred,label=label pred.csv
    expect twice 2 "assay confuse: --columns: 'label' occurs twice"
    try assay confuse --columns label=pred,pred=pred pred.csv
    expect one 2 "assay confuse: --columns: 'label=pred' and 'pred=pred' are one column"
    try assay confuse --columns label=pred pred.csv
    expect same 2 "assay confuse: --columns: label and pred are one column, 'pred'"
}
