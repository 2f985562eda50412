# assay train: streams, options, types of columns, odd data, bytes.
load model_helpers

CURVE="epoch,split,loss,error,learning_rate,grad_norm,update_ratio,dead,warning"
PREDICTIONS="id,split,label,pred,prob,loss"

setup_file() {
    start_file
    mixed 240 >mixed.csv
    assay split -q --label label -o parts.csv mixed.csv
    export MIXED=$BATS_FILE_TMPDIR/mixed.csv PARTS=$BATS_FILE_TMPDIR/parts.csv
}

# fit OPTION... FILE: a small network, briefly.
fit() {
    local small=(--hidden 8)

    [[ " $* " != *" --net "* ]] || small=()
    try assay train "${small[@]}" --epochs 2 "$@"
}

# rows FORMULA [N]: x,label by awk's i of 1 .. N.
rows() {
    echo "x,label"
    awk -v n="${2:-200}" "BEGIN { for (i = 1; i <= n; i++) print $1 }"
}

# ---- streams ----

@test "the learning curve has its columns, a row for each epoch and part" {
    fit --epochs 3 "$PARTS"
    expect train 0 "assay train: mlp: 192 rows, $(learned) values learned, best epoch 3"
    expect_text header "$CURVE" "$(head -n 1 out)"
    expect_text rows "1,train 1,val 2,train 2,val 3,train 3,val" \
        "$(sed 1d out | cut -d, -f1,2 | paste -sd' ')"
    expect_text "rate of train" 0.0003 "$(cell out learning_rate epoch=1 split=train)"
    expect_text "rate of val" "" "$(cell out learning_rate epoch=1 split=val)"
    awk -F, 'NR > 1 && !($3 > 0 && $4 >= 0 && $4 <= 1) { exit 1 }
        $2 == "train" && !($6 > 0 && $7 > 0 && $8 >= 0) { exit 1 }' out ||
        fail "a number is out of its range" "$(<out)"
}

# The values learned, as the note of the last try says.
learned() {
    sed -n 's/.* rows, \([0-9]*\) values learned.*/\1/p' err
}

@test "it learns" {
    try assay train -q --epochs 40 "$PARTS"
    expect train 0 ""
    awk -F, '$2 == "val" { if (!first) first = $3; last = $3; error = $4 }
        END { exit !(last < first / 2 && error < .3) }' out ||
        fail "no better at the end" "$(tail -n 2 out)"
}

@test "--predict: the columns, in the order of the rows" {
    fit --predict "$PARTS"
    expect train 0
    expect_text header "$PREDICTIONS" "$(head -n 1 out)"
    awk -F, 'NR > 1 { print $6 "," $7 "," $5 }' "$PARTS" >wanted
    sed 1d out | cut -d, -f1-3 | expect_file "id,split,label" wanted -
}

@test "--predict --probs --keep: p: columns, then kept ones" {
    fit --predict --probs --keep words,a "$PARTS"
    expect train 0
    expect_text header "$PREDICTIONS,p:cat,p:cow,p:dog,words,a" \
        "$(head -n 1 out)"
    awk -F, 'NR > 1 { print $4 "," $1 }' "$PARTS" >wanted
    sed 1d out | cut -d, -f10,11 | expect_file kept wanted -
    awk -F, 'function off(x) { return x > 1e-5 || x < -1e-5 }
        NR == 1 { for (i = 7; i < 10; i++) class[i] = substr($i, 3); next }
        {
            sum = best = 0
            for (i = 7; i < 10; i++) {
                sum += $i
                if ($i > best) { best = $i; pred = class[i] }
                if (class[i] == $3) loss = -log($i)
            }
            if (off(sum - 1) || best != $5 || pred != $4 || off(loss - $6)) {
                print
                exit 1
            }
        }' out || fail "pred, prob or loss is not that of the p: columns"
}

@test "without a column split the rows are train and val" {
    fit --predict "$MIXED"
    expect train 0
    expect_text shares "24 val 216 train" \
        "$(column_of out split | sort | uniq -c | sort -n | xargs)"
    expect_text "ids" "$(seq 240)" "$(column_of out id)"
    for class in cat cow dog; do
        expect_text "val of $class" 8 "$(grep -c "^[0-9]*,val,$class," out)"
    done
}

@test "--curve FILE has what goes to standard output without --predict" {
    fit -q "$PARTS"
    mv out curve
    fit -q --predict --curve curve.csv "$PARTS"
    expect train 0 ""
    expect_file curve curve curve.csv
    fit --curve curve.csv "$PARTS"
    expect "without --predict" 2 \
        "assay train: --probs, --keep and --curve need --predict"
}

@test "--id, and a column named id, name the rows" {
    awk -F, -v OFS=, 'NR == 1 { $0 = $0 ",key" } NR > 1 { $0 = $0 ",k" NR }
        1' "$MIXED" >keyed.csv
    fit -q --predict --id key keyed.csv
    expect train 0 ""
    expect_text "first ids" "k2 k3" "$(column_of out id | head -n 2 | xargs)"
}

@test "--folds: every row but test's once, as val, in one of the folds" {
    fit -q --folds 3 --predict --probs "$PARTS"
    expect train 0 ""
    expect_text header "$PREDICTIONS,fold,p:cat,p:cow,p:dog" \
        "$(head -n 1 out)"
    awk -F, 'NR > 1 && $7 != "test" { print $6 "," $5 }' "$PARTS" >wanted
    sed 1d out | cut -d, -f1,3 | expect_file rows wanted -
    expect_text splits val "$(column_of out split | sort -u)"
    expect_text folds "72 1 72 2 72 3" \
        "$(column_of out fold | sort | uniq -c | xargs)"
    awk -F, 'NR > 1 && ($8 + $9 + $10 - 1) ^ 2 > 1e-10 { exit 1 }' out ||
        fail "p: columns that do not sum to 1"
}

@test "--folds: a curve with a column fold" {
    fit -q --folds 3 "$PARTS"
    expect train 0 ""
    expect_text header "$CURVE,fold" "$(head -n 1 out)"
    expect_text rows "$(for k in 1 2 3; do
        printf '1,train,%s\n1,val,%s\n2,train,%s\n2,val,%s\n' $k $k $k $k
    done)" "$(sed 1d out | cut -d, -f1,2,10)"
    mv out curve
    fit -q --folds 3 --predict --curve curve.csv "$PARTS"
    expect_file "--curve" curve curve.csv
}

@test "--folds --all-rows takes the rows of test too" {
    fit -q --folds 2 --all-rows --predict "$PARTS"
    expect train 0 ""
    expect_text rows 241 "$(wc -l <out)"
}

@test "--folds: what does not go with it" {
    fit --folds 3 -m model "$PARTS"
    expect "-m" 2 "assay train: --folds trains many models: leave out -m"
    fit --folds 3 --stop-on val "$PARTS"
    expect "--stop-on" 2 "assay train: --folds stops on a tenth of its training rows, or with --stop-on none never"
    fit --folds 1 "$PARTS"
    expect "one fold" 2 \
        "assay train: --folds: '1' is not a whole number from 2 to 1000"
    fit --all-rows "$PARTS"
    expect "--all-rows" 2 "assay train: --all-rows needs --folds"
    expect_files "all of them" # nothing was written
}

# ---- networks and options ----

@test "--net majority: the probabilities are the class frequencies" {
    rows 'i % 7 "," (i % 6 < 3 ? "a" : i % 6 < 5 ? "b" : "c")' 120 >data.csv
    fit --net majority --stop-on none --predict --probs data.csv
    expect train 0
    expect_text "one distribution" 1 "$(sed 1d out | cut -d, -f7- | sort -u | wc -l)"
    near "p of a" .5 "$(cell out p:a)"
    near "p of b" .3333333 "$(cell out p:b)"
    near "p of c" .1666667 "$(cell out p:c)"
    expect_text pred a "$(column_of out pred | sort -u)"
    fit -q --net majority --stop-on none --class-weight balanced --predict \
        --probs data.csv
    sed 1d out | cut -d, -f7- | sort -u | tr , '\n' >p
    expect_text "three classes" 3 "$(wc -l <p)"
    while read -r p; do near balanced .3333333 "$p" 1e-6; done <p
    awk -F, -v OFS=, 'NR == 1 { print $0, "w" }
        NR > 1 { print $0, $2 == "c" ? 3 : 1 }' data.csv >weighted.csv
    fit -q --net majority --stop-on none --weight w --predict --probs weighted.csv
    near "p of c by --weight" .375 "$(cell out p:c)"
}

@test "--class-weight balanced makes a rare class count" {
    rows 'i % 10 "," (i % 10 < 2 && i % 3 == 0 ? "rare" : "common")' 300 \
        >data.csv
    for weight in none balanced; do
        fit -q --epochs 40 --learning-rate .03 --class-weight $weight \
            --predict data.csv
        expect $weight 0 ""
        column_of out pred | sort | uniq -c | xargs >$weight
    done
    expect_text none "300 common" "$(<none)"
    expect_like balanced "* common * rare" "$(<balanced)"
}

@test "--net linear and mlp --hidden: as many values as the layers have" {
    fit --net linear --features a,b "$PARTS"
    expect linear 0
    expect_text linear $((2 * 3 + 3)) "$(learned)"
    fit --hidden 16,8 --features a,b "$PARTS"
    expect mlp 0
    expect_text "mlp 16,8" $((2 * 16 + 16 + 16 * 8 + 8 + 8 * 3 + 3)) "$(learned)"
    fit --embedding 4 --features words "$PARTS"
    narrow=$(learned)
    fit --embedding 8 --features words "$PARTS"
    # n x 4 + 4 x 8 more for n n-grams
    [ $((($(learned) - narrow - 32) % 4)) -eq 0 ] &&
        [ "$(learned)" -gt $((narrow + 400)) ] ||
        fail "--embedding 4: $narrow, 8: $(learned)"
}

# changes OPTION...: the curve is another one with it.
changes() {
    if [ ! -e plain ]; then
        fit -q "$PARTS"
        expect "$* (without)" 0 ""
        mv out plain
    fi
    fit -q "$@" "$PARTS"
    expect "$*" 0 ""
    if cmp -s plain out; then fail "$*: makes no difference"; fi
}

@test "dropout, batch, weight decay, rate and seed change the curve" {
    changes --dropout .2
    changes --batch 16
    changes --weight-decay .1
    changes --learning-rate .01
    expect_text rate 0.01 "$(cell out learning_rate epoch=2 split=train)"
    changes --seed 2
    changes --ngrams word=1
    changes --net linear
}

@test "--epochs and --patience: it stops, and says which epoch was best" {
    # too fast to get any better: the first epochs are the best
    try assay train --hidden 8 --learning-rate .5 --epochs 50 --patience 3 "$PARTS"
    expect train 0
    best=$(sed -n 's/.*best epoch //p' err)
    last=$(tail -n 1 out | cut -d, -f1)
    expect_text "last epoch" $((best + 3)) "$last"
    least=$(awk -F, '$2 == "val" && (!n++ || $3 < low) { low = $3; at = $1 }
        END { print at }' out)
    expect_text "best epoch" "$least" "$best"
}

@test "--stop-on: a part, none, one that is not there" {
    fit --stop-on none "$PARTS"
    expect none 0 "assay train: no rows decide when to stop: all 2 epochs are run
assay train: mlp: 192 rows, $(learned) values learned, best epoch 2"
    expect_text "parts of none" train "$(column_of out split | sort -u)"
    fit --stop-on test "$PARTS"
    expect test 0
    expect_text "parts" "test train" "$(column_of out split | sort -u | xargs)"
    fit --stop-on nope "$PARTS"
    expect nope 1 \
        "assay train: --stop-on: no labelled row has the split 'nope'"
    fit --on train,val --stop-on val "$PARTS"
    expect "trained on" 2 "assay train: --stop-on: 'val' is trained on"
}

@test "testval decides when to stop rather than val" {
    sed 's/,test$/,testval/' "$PARTS" >parts.csv
    fit -q parts.csv
    expect train 0 ""
    expect_text parts "testval train" "$(column_of out split | sort -u | xargs)"
}

@test "--on: the parts that are trained on" {
    fit --on train,val "$PARTS"
    # a tenth of the 216 decides when to stop
    expect train 0
    expect_like rows "assay train: mlp: 194 rows, *" "$(<err)"
    fit --on train,val --stop-on test "$PARTS"
    expect_like "rows, another stops" "assay train: mlp: 216 rows, *" \
        "$(<err)"
}

@test "options that are wrong say so" {
    while IFS='|' read -r option message; do
        fit $option "$PARTS"
        expect "$option" 2 "assay train: $message"
        expect_empty "$option" out
    done <<'EOF'
--net deep|--net: 'deep' is not majority, linear, mlp, lenet, resnet, lstm or attention
--class-weight even|--class-weight: 'even' is not none or balanced
--hidden 8,x|--hidden: 'x' is not a whole number from 1 to 65536
--embedding 0|--embedding: '0' is not a whole number from 1 to 4096
--dropout 1|--dropout: '1' is not a number from 0 to 0.99
--epochs 0|--epochs: '0' is not a whole number from 1 to 1000000
--patience x|--patience: 'x' is not a whole number from 1 to 1000000
--batch 1.5|--batch: '1.5' is not a whole number from 1 to 65536
--learning-rate 0|--learning-rate: '0' is not a number from 1e-09 to 1000
--weight-decay -1|--weight-decay: '-1' is not a number from 0 to 1000
--ngrams x|--ngrams: 'x' is not like word=1-2,char=3-5 (sizes 1 to 8)
--features=|--features: not a list: ''
--on a,,b|--on: not a list: 'a,,b'
--type a|--type: 'a' is not COLUMN=TYPE (number, category, text, sequence, image)
--type a=date|--type: 'a=date' is not COLUMN=TYPE (number, category, text, sequence, image)
--features label|--features: column 'label' is the label, never a feature
--features a,id|--features: column 'id' is the id, never a feature
--features split|--features: column 'split' is the split, never a feature
--weight label|column 'label' is both label and weight
EOF
}

@test "columns that are not there say which are" {
    local there="(there are: a, b, color, words, label, id, split)"

    for option in features exclude label id group time weight; do
        fit --$option nope "$PARTS"
        expect "--$option" 1 "assay train: $PARTS: no column 'nope' $there"
    done
    fit --type nope=text "$PARTS"
    expect "--type" 1 "assay train: $PARTS: no column 'nope' $there"
    fit --exclude a,b,color,words "$PARTS"
    expect "--exclude" 1 "assay train: $PARTS: no column is left to learn from"
}

@test "--features and --exclude leave the same columns" {
    fit -q --features a,words "$PARTS"
    expect features 0 ""
    expect_text rows 5 "$(wc -l <out)"
    mv out kept
    fit -q --exclude b,color "$PARTS"
    expect exclude 0 ""
    expect_file curve kept out
}

@test "a column with a comma in its name is one --features item" {
    sed '1s/^a,/"a, mm",/' "$PARTS" >comma.csv
    fit -q --features '"a, mm",b' comma.csv
    expect train 0 ""
    expect_text rows 5 "$(wc -l <out)"
    mv out comma
    fit -q --features a,b "$PARTS"
    expect_file curve out comma
}

@test "--explain counts cells by how they are written" {
    {
        echo "a,label"
        for cell in 7 07 007 7.0 12 999 1000 0 00 12; do
            echo "$cell,x"
            echo "$cell,y"
        done
    } >data.csv
    fit --explain data.csv
    expect explain 0
    expect_text distinct 9 "$(cell out distinct column=a)"
}

@test "--explain: the table of columns, and nothing is trained" {
    fit --explain -m model --exclude b "$PARTS"
    expect train 0
    expect_like notes "assay train: 192 rows train, 24 decide when to stop; 3 classes
assay train: 5 dense inputs, 1 embedded column with * rows
assay train: mlp: * values to learn
assay train: memory: about * MB, of which 1 model at once *" "$(<err)"
    golden train_explain.csv out
    expect_files train
}

# ---- types ----

@test "of 99 % numbers the others are an error that says what to do" {
    rows '(i == 150 ? "n/a" : i % 7 + .5) "," i % 2' >data.csv
    fit data.csv
    expect train 1 "assay train: data.csv:151: column 'x' (field 1): not a number: 'n/a' (199 of 200 cells are; try --missing 'n/a' or --type x=category)"
    expect_empty train out
    fit --missing n/a data.csv
    expect "--missing" 0
    fit --type x=category data.csv
    expect "--type" 0
}

@test "fewer numbers make a category or a text, with a note" {
    rows '(i % 10 == 7 ? "n/a" : i % 60) "," i % 2' >data.csv
    fit data.csv
    expect text 0
    expect_text text "assay train: column 'x': 180 of 200 are numbers; first other line 8 'n/a'; using text" "$(head -n 1 err)"
    rows '(i % 10 == 7 ? "n/a" : i % 20) "," i % 2' >data.csv
    fit data.csv
    expect category 0
    expect_text category "assay train: column 'x': 180 of 200 are numbers; first other line 8 'n/a'; using category" "$(head -n 1 err)"
}

@test "ranges of years are no mistakes among numbers" {
    rows '(i == 86 ? "1809-1811" : 1800 + i % 90) "," i % 2' >data.csv
    fit data.csv
    expect train 0
    expect_text note "assay train: column 'x': 199 of 200 are numbers; first other line 87 '1809-1811'; using text" "$(head -n 1 err)"
    fit --type x=number data.csv
    expect forced 1 "assay train: data.csv:87: column 'x' (field 1): not a number: '1809-1811' (199 of 200 cells are; try --missing '1809-1811' or --type x=category)"
}

@test "types are found from the training rows only" {
    { echo "x,label,split"
      awk 'BEGIN { for (i = 1; i <= 60; i++)
          print i % 7 "," i % 2 "," (i > 50 ? "val" : "train") }'; } >data.csv
    fit --explain data.csv
    expect_text numbers "x,number,feature,0,7,0,6,,1" "$(sed -n 2p out)"
    # a cell of val that does not fit is an error, not another type
    sed '$s/^[0-9]*/none/' data.csv >bad.csv
    fit bad.csv
    expect val 1 "assay train: bad.csv:61: column 'x' (field 1): not a number: 'none'"
}

@test "identifiers and empty columns are not used, unless asked for" {
    { echo "code,x,none,label"
      awk 'BEGIN { for (i = 1; i <= 100; i++)
          print "B" 1000 + i "," i % 7 ",," i % 2 }'; } >data.csv
    fit data.csv
    expect train 0
    expect_text notes "assay train: column 'code': 100 of 100 values differ; not used (name it in --features to use it)
assay train: column 'none' is empty in the training rows; not used" \
        "$(head -n 2 err)"
    fit --explain data.csv
    lines explain \
        "column,type,role,missing,distinct,min,max,other,example" \
        "code,,unused,0,100,,,nearly all its values differ,B1001" \
        "x,number,feature,0,7,0,6,,1" \
        "none,,unused,100,0,,,it is empty in the training rows," \
        "label,,label,0,2,,,,1"
    fit -q --features code data.csv
    expect "asked for" 0 ""
    fit -q --features none data.csv
    expect "empty" 1 "assay train: data.csv: no column is left to learn from"
}

@test "a weight is no feature, and must be a number of 0 or more" {
    fit --weight b --explain "$PARTS"
    expect_text role "b,,weight" "$(grep ^b, out | cut -d, -f1-3)"
    awk -F, -v OFS=, 'NR == 3 { $2 = -1 } 1' "$PARTS" >negative.csv
    fit --weight b negative.csv
    expect negative 1
    expect_like negative "assay train: negative.csv:3: column 'b' (field 2): *'-1'*" "$(<err)"
    # rows of weight 0 are as good as not there
    awk -F, -v OFS=, 'NR == 1 { print $0, "w"; next }
        { print $0, 1
          if (NR % 5 == 0) {
              $5 = "cow"
              $7 = "train"
              print $0, 0
          }
        }' "$PARTS" >zero.csv
    fit -q --net majority --weight w --predict --probs zero.csv
    expect zero 0 ""
    near "p of cow" .3333333 "$(cell out p:cow)"
}

# ---- odd data ----

@test "header only, empty, no labels, one row, one class" {
    while IFS='|' read -r text message; do
        printf "$text" >data.csv
        fit data.csv
        expect "$text" 1 "assay train: $message"
        expect_empty "$text" out
    done <<'EOF'
x,label\n|data.csv: no rows after the header
|data.csv: empty input: no header row (did what writes it fail?)
x,label\n1,\n2,\n|no row to train on has a label ('label')
x,label\n1,a\n|the label 'label' has a single class in the rows to train on: 'a'
x,label\n1,a\n2,a\n3,a\n|the label 'label' has a single class in the rows to train on: 'a'
x,label,split\n1,a,train\n2,b,val\n|the label 'label' has a single class in the rows to train on: 'a'
EOF
}

@test "classes that the training rows lack: counted, loss inf" {
    printf '%s\n' x,label,split 1,a,train 2,b,train 3,c,val 4,a,val 5,c,test \
        >data.csv
    fit --predict --probs data.csv
    expect train 0
    expect_text note "assay train: 1 row of 'val' with labels that the training rows lack: errors, but not in the loss" "$(head -n 1 err)"
    expect_text header "$PREDICTIONS,p:a,p:b" "$(head -n 1 out)"
    expect_text losses "inf inf" \
        "$(grep ,c, out | cut -d, -f6 | xargs)"
    fit -q data.csv
    awk -F, '$2 == "val" && !($3 >= 0 && $3 < 1e9 && $4 >= .5) { exit 1 }' out ||
        fail "val in the curve" "$(<out)"
}

@test "unlabelled rows: left out and counted, predicted with an empty loss" {
    awk -F, -v OFS=, 'NR == 2 || NR == 9 { $5 = "" } 1' "$MIXED" >data.csv
    fit --stop-on none --predict data.csv
    expect train 0
    expect_text note "assay train: 2 rows without a label left out" \
        "$(head -n 1 err)"
    expect_text rows 241 "$(wc -l <out)"
    expect_like "first row" "1,train,,c*,0.*," "$(sed -n 2p out)"
    awk -F, -v OFS=, 'NR == 2 { $5 = "" } 1' "$MIXED" >data.csv
    fit data.csv
    expect_text "one" "assay train: 1 row without a label left out" \
        "$(head -n 1 err)"
}

@test "1,000 classes" {
    rows 'i / 7 ",c" i' 1000 >data.csv
    fit -q --stop-on none --features x --predict -m model data.csv
    expect train 0 ""
    expect_text rows 1001 "$(wc -l <out)"
    expect_text labels "$(cut -d, -f2 data.csv)" "$(cut -d, -f3 out)"
    head -n 3 out >wanted
    try assay eval -q -m model --probs - < <(head -n 3 data.csv)
    expect eval 0 ""
    expect_text columns 1006 "$(head -n 1 out | tr , '\n' | wc -l)"
    cut -d, -f1,3-6 wanted >trained
    cut -d, -f1,3-6 out | expect_file "eval's rows" trained -
}

@test "labels that are numbers stay as they are written" {
    rows 'i % 7 "," (i % 2 ? "1.0" : "02")' 40 >data.csv
    fit -q --predict --probs data.csv
    expect train 0 ""
    expect_text header "$PREDICTIONS,p:02,p:1.0" "$(head -n 1 out)"
    expect_text labels "02 1.0" "$(column_of out label | sort -u | xargs)"
}

@test "labels with commas and quotes are quoted in rows and column names" {
    rows 'i % 7 "," (i % 2 ? "\"on paper, print\"" : "\"say \"\"hi\"\"\"")' 40 \
        >data.csv
    fit -q --predict --probs data.csv
    expect train 0 ""
    expect_text header "$PREDICTIONS,\"p:on paper, print\",\"p:say \"\"hi\"\"\"" \
        "$(head -n 1 out)"
    expect_like "a row" '1,*,"on paper, print",*' "$(sed -n 2p out)"
}

@test "5,000 columns" {
    awk 'BEGIN {
        for (j = 1; j <= 5000; j++) printf "c%d,", j
        print "label"
        for (i = 0; i < 20; i++) {
            for (j = 1; j <= 5000; j++) printf "%d,", i * j % 5
            print i % 2
        }
    }' >data.csv
    fit --epochs 1 data.csv
    expect train 0
    # every fifth column is all zeros, and still an input
    expect_text learned $((5000 * 8 + 8 + 8 * 2 + 2)) "$(learned)"
}

@test "a field of 1 MB" {
    { echo "x,label"
      awk 'BEGIN {
          printf "\""
          for (i = 0; i < 150000; i++) printf "word%d ", i % 500
          print "\",a"
          for (i = 0; i < 40; i++)
              print "short text " i % 9 "," (i % 2 ? "a" : "b")
      }'; } >data.csv
    [ "$(wc -c <data.csv)" -gt 1048576 ]
    fit -q --type x=text --predict --keep x data.csv
    expect train 0 ""
    sed -n 2p data.csv | cut -d, -f1 >wanted
    sed -n 2p out | cut -d, -f7 | expect_file "the field itself" wanted -
}

@test "UTF-8 in names, labels and text" {
    printf '%s\n' 'título,label' '"żółć, ß",ñ' 日本,é żółć,ñ '日本 x,é' >data.csv
    fit -q --predict --probs --keep título data.csv
    expect train 0 ""
    expect_text header "$PREDICTIONS,p:é,p:ñ,título" "$(head -n 1 out)"
    expect_like "first row" '1,train,ñ,*,"żółć, ß"' "$(sed -n 2p out)"
    expect_like "second row" '2,train,é,*,日本' "$(sed -n 3p out)"
}

@test "bad input: file and line, and nothing is written" {
    sed '50s/,[^,]*$//' "$PARTS" >ragged.csv
    fit -m model -o curve ragged.csv
    expect ragged 1 "assay train: ragged.csv:50: expected 7 fields (header line 1), got 6"
    expect_files ragged ragged.csv
    { head -n 9 "$PARTS"; printf '\377,1,r,x,cat,9,train\n'; } >latin.csv
    fit latin.csv
    expect latin 1
    expect_like latin "assay train: latin.csv:10: *UTF-8*" "$(<err)"
}

@test "--gate on the best epoch's errors" {
    fit -q --gate 'val.error<=1' "$PARTS"
    expect open 0 ""
    fit -q --gate 'val.error<0' -m model "$PARTS"
    expect closed 3
    expect_like closed "assay train: gate 'val.error<0' is closed: val*" \
        "$(<err)"
    [ -s out ] || fail "a closed gate still writes"
    [ -s model ] || fail "a closed gate still writes the model"
    fit -q --folds 2 --gate 'val.error<0' "$PARTS"
    expect folds 3
}

# ---- bytes ----

# same_bytes NAME OPTION...: predictions, curve and model are the same at any
# number of threads.
same_bytes() {
    local name=$1 threads

    shift
    for threads in 1 2 3 8; do
        OMP_NUM_THREADS=$threads try assay train -q --seed 3 --epochs 6 \
            --predict --probs --curve "$threads.curve" "$@"
        expect "$name, $threads threads" 0 ""
        mv out $threads.out
        for kind in out curve; do
            expect_file "$name, $threads threads" 1.$kind $threads.$kind
        done
    done
}

@test "the same bytes at 1, 2, 3 and 8 threads: mlp" {
    # the rate is high enough for the patience to end
    options=(--dropout .2 --learning-rate .1 --patience 1)
    same_bytes mlp "${options[@]}" "$PARTS"
    [ "$(tail -n 1 1.curve | cut -d, -f1)" -lt 6 ] || fail "it never stopped"
    # a step that is worth several threads
    same_bytes "wide mlp" --hidden 300,300 --epochs 2 --batch 96 "$PARTS"
    for threads in 1 2 3 8; do
        OMP_NUM_THREADS=$threads try assay train -q --epochs 4 "${options[@]}" \
            -m "model.$threads" "$PARTS"
        expect_file "model" model.1 "model.$threads"
        try assay train -q --epochs 4 -j $threads "${options[@]}" \
            -m "model.j" "$PARTS"
        expect_file "model, -j" model.1 model.j
    done
}

@test "the same bytes at 1, 2, 3 and 8 threads: linear, majority" {
    same_bytes linear --net linear "$PARTS"
    same_bytes majority --net majority "$PARTS"
    for net in "linear" "linear --features words" "majority"; do
        for threads in 1 2 3 8; do
            OMP_NUM_THREADS=$threads try assay train -q --epochs 3 --net $net \
                -m "model.$threads" "$PARTS"
            expect "$net" 0 ""
            expect_file "$net" model.1 "model.$threads"
        done
    done
}

@test "the same bytes at 1, 2, 3 and 8 threads: folds" {
    same_bytes folds --folds 3 --dropout .1 "$PARTS"
    same_bytes "linear folds" --folds 2 --net linear "$PARTS"
}

@test "another seed, other bytes" {
    for seed in 1 2; do
        try assay train -q --epochs 2 --seed $seed -m model.$seed "$PARTS"
        mv out $seed.out
    done
    if cmp -s model.1 model.2; then fail "the same model"; fi
    if cmp -s 1.out 2.out; then fail "the same curve"; fi
}

@test "a model file holds no path, name of a file, or number of threads" {
    mkdir one two
    (cd one && assay train -q --epochs 2 -j 1 -m first "$PARTS" -o curve.csv)
    (cd two && cp "$PARTS" other.csv && OMP_NUM_THREADS=2 assay train -q \
        --epochs 2 -m second.model other.csv -o /dev/null --timings seconds)
    expect_file model one/first two/second.model
    strings -n 4 one/first | head -n 50 >text
    for word in "$BATS_TEST_TMPDIR" parts.csv first "$(uname -n)"; do
        if grep -qF -- "$word" text; then fail "it holds '$word'"; fi
    done
}

@test "an old model survives a run that fails, and no temporary file is left" {
    mkdir room
    cd room
    fit -q -m model -o /dev/null "$PARTS"
    expect "first" 0 ""
    cp model ../kept
    sed '$s/,[^,]*$//' "$PARTS" >ragged.csv
    fit -m model ragged.csv
    expect ragged 1
    fit -m model -o /dev/full "$PARTS"
    expect full 1
    fit -m model -o curve --timings /dev/full --epochs 3 "$PARTS"
    expect timings 1
    [ ! -e curve ] || fail "a curve of a run that failed"
    fit -m model -o nowhere/curve "$PARTS"
    expect nowhere 1
    expect_text nowhere "assay train: nowhere/curve: cannot write: No such file or directory" "$(tail -n 1 err)"
    { head -n 100 "$PARTS"; echo '"assay split failed: no more rows'; } |
        expect_status 1 assay train -q -m model -
    timeout --preserve-status -s HUP .5 assay train -q --epochs 1000000 \
        --patience 1000000 -m model -o curve "$PARTS" >out 2>err && status=0 ||
        status=$?
    expect_text "killed" 129 "$status"
    expect_file "the old model" ../kept model
    expect_files "what is left" model ragged.csv
}

expect_status() { # STATUS COMMAND...: reads standard input
    local wanted=$1

    shift
    try "$@"
    expect "$*" "$wanted"
}

@test "--on a part that is not there" {
    try assay train --on nope "$PARTS"
    expect "--on" 1 "assay train: $PARTS: no row to train on: none has the split 'nope' (--on PART trains on another)"
    printf 'x,label,split\n1,a,val\n2,b,test\n' >data.csv
    try assay train data.csv
    expect "no train" 1 "assay train: data.csv: no row to train on: none has the split 'train' (--on PART trains on another)"
}

@test "--stop-on train is trained on" {
    try assay train --stop-on train --epochs 1 "$PARTS"
    expect "--stop-on" 2 "assay train: --stop-on: 'train' is trained on"
}

@test "--keep and -o are looked at before anything is trained" {
    try assay train --epochs 1 --predict --keep nope "$PARTS"
    expect "--keep" 1 "assay train: $PARTS: no column 'nope' (there are: a, b, color, words, label, id, split)"
    try assay train --epochs 1 -o nowhere/curve "$PARTS"
    expect "-o" 1 "assay train: nowhere/curve: cannot write: No such file or directory"
}

@test "numbers with a decimal comma are noted" {
    awk 'BEGIN { print "x;label"; for (i = 0; i < 40; i++) print i % 60 ",5;" i % 2 }' >data.csv
    try assay train --delimiter ';' --epochs 1 data.csv
    expect_like comma "assay train: column 'x': 40 of 40 are numbers with a decimal comma; using text (write points to use them as numbers)
assay train: mlp: *" "$(<err)"
}

@test "labels that differ only in blanks or case are noted" {
    awk 'BEGIN { print "x,label"; for (i = 0; i < 40; i++) { print i ",Ja"; print i ",ja "; print i ",no" } }' >data.csv
    try assay train --net majority data.csv
    expect_like alike "*labels 'Ja' and 'ja ' differ only in blanks or case (split --recode makes them one)*" "$(<err)"
}

@test "rows with an empty split are predicted as test, as eval does" {
    awk 'BEGIN { print "x,label,split"; for (i = 0; i < 60; i++) print i % 7 "," i % 2 "," (i < 40 ? "train" : i < 50 ? "val" : "") }' >data.csv
    try assay train -q --net majority --predict -m m.bin data.csv
    expect train 0
    expect_text splits "test 10 train 40 val 10" \
        "$(tail -n +2 out | cut -d, -f2 | sort | uniq -c | awk '{ printf "%s%s %s", s, $2, $1; s = " " }')"
    mv out wanted
    try assay eval -q -m m.bin data.csv
    expect_file eval wanted out
}

@test "-m, -o and --curve are different files, and a model has a name" {
    try assay train --predict --curve x.csv -o x.csv "$PARTS"
    expect curve 2 "assay train: -o and --curve are to be different files"
    try assay train --predict -m x.csv --curve ./x.csv "$PARTS"
    expect model 2 "assay train: -m and --curve are to be different files"
    try assay train --timings x.csv -m x.csv "$PARTS"
    expect timings 2 "assay train: --timings and -m are to be different files"
    cp "$PARTS" parts.csv
    try assay train -m parts.csv parts.csv
    expect input 2 "assay train: -m: 'parts.csv' is read too: name another file"
    expect_file input "$PARTS" parts.csv
    try assay train -m - "$PARTS"
    expect stdout 2 "assay train: standard output is for the stream: name a file"
    try assay train -m model.gz "$PARTS"
    expect gz 2 "assay train: -m: a model is not compressed: leave out .gz"
}

@test "--predict warns of held-out rows that equal trained ones" {
    printf 'x,label,split\n1.5,a,train\n2.5,b,train\n1.5,a,test\n9.5,b,test\n' >data.csv
    try assay train --net majority --predict data.csv
    expect_like leak "*warning: 1 of 2 rows called 'test' stand among those the model was trained on, or equal one" "$(<err)"
}

@test "a cell that is no number is named by its field in its own file" {
    awk 'BEGIN { print "x,z,label"; for (i = 0; i < 200; i++) print i ".5," i ".25," i % 2 }' >one.csv
    printf 'z,label,x\n1,1,oops\n' >two.csv
    try assay train one.csv two.csv
    expect_like field "assay train: two.csv:2: column 'x' (field 3): not a number: 'oops' *" "$(<err)"
}
