# assay train: what a run says of its rows, its troubles and its options.
load model_helpers

setup_file() {
    start_file
    mixed 240 >mixed.csv
    # Two parts only: a tenth of the training rows decides when to stop.
    awk -F, 'NR == 1 { print "id," $0 ",split" } NR > 1 {
        print NR - 1 "," $0 "," (NR % 5 ? "train" : "test") }' mixed.csv \
        >two.csv
    bars 120 >bars.csv
    export BARS=$BATS_FILE_TMPDIR/bars.csv
    export MIXED=$BATS_FILE_TMPDIR/mixed.csv TWO=$BATS_FILE_TMPDIR/two.csv
}

# steps N: long rows, one to five steps of a sequence.
steps() {
    awk -v n="$1" 'BEGIN {
        srand(2)
        print "key,t,a,b,label"
        for (i = 0; i < n; i++)
            for (t = 0; t <= i % 5; t++)
                printf "k%d,%d,%.3f,%.3f,%s\n", i, t, rand(), rand(),
                    i % 3 ? "x" : "y"
    }'
}

# fit OPTION... FILE: a linear model, briefly.
fit() {
    local small=(--net linear --epochs 2)

    [[ " $* " != *" --net "* ]] || small=(--epochs 2)
    try assay train "${small[@]}" "$@"
}

# refused CASE STATUS MESSAGE OPTION... FILE: the message is exact.
refused() {
    local name=$1 wanted=$2 message=$3

    shift 3
    fit "$@"
    expect "$name" "$wanted" "assay train: $message"
    expect_empty "$name" out
}

# parts FILE: how many predictions of each split.
parts() {
    awk -F, 'NR > 1 { n[$2]++ } END { for (s in n) print s, n[s] }' "$1" |
        sort | paste -sd' '
}

# ---- rows ----

@test "--predict: the tenth that decides when to stop is val, with a split too" {
    fit -q --predict "$TWO"
    expect train 0 ""
    expect_text parts "test 48 train 173 val 19" "$(parts out)"
    sed 's/,test$/,val/' "$TWO" >val.csv
    fit -q --predict val.csv
    expect_text "a part val decides" "train 192 val 48" "$(parts out)"
    fit -q --predict --on train,val val.csv
    expect_text "val is trained on" "train 216 val 24" "$(parts out)"
}

@test "--replica-by bootstrap: rows that were not drawn are no train rows" {
    fit -q --predict --replicas 2 --replica-by bootstrap "$TWO"
    expect train 0 ""
    expect_text "val of both" 38 "$(grep -c '^[0-9]*,val,' out)"
    # With replacement about 63 % of 173 rows are drawn.
    awk -F, '$2 == "train" { n[$7]++ } END {
        exit !(n[1] > 90 && n[1] < 130 && n[2] > 90 && n[2] < 130) }' out ||
        fail "train rows" "$(parts out)"
}

@test "--net majority reads no sequences, and takes them all" {
    steps 60 >long.csv
    awk 'NR == 1 { print "key,seq,label"; next } {
        split($0, f, ",")
        if (f[1] != key && key != "") print key "," seq "," label
        seq = (f[1] == key ? seq ";" : "") f[3] " " f[4]
        key = f[1]; label = f[5] } END { print key "," seq "," label }' \
        long.csv >wide.csv
    fit -q --net majority --sequence key --time t -m long.model long.csv
    expect long 0 ""
    mv out long
    fit -q --net majority --id key wide.csv
    expect wide 0 ""
    expect_file "wide as long" long out
    try assay eval -q -m long.model --sequence key long.csv
    expect eval 0 ""
    expect_text rows 61 "$(wc -l <out)"
    fit -q --net majority --tokens char --features words "$MIXED"
    expect tokens 0 ""
    fit -q --net majority --shape 8x8 "$BARS"
    expect steps 0 ""
}

@test "--shape of two numbers is for networks of sequences" {
    local net

    for net in linear mlp lenet resnet; do
        refused $net 2 "--shape 8x8 is steps of values, which --net $net does \
not read (lstm and attention do); an image is HxWxC" --net $net --shape 8x8 \
            "$BARS"
    done
}

@test "folds, replicas and sizes without rows or of one class are refused" {
    printf 'x,label\n1,a\n2,b\n' >two_rows.csv
    printf 'x,label\n1,a\n2,a\n3,a\n4,a\n5,b\n6,b\n' >few.csv
    fit --folds 3 two_rows.csv
    expect folds 1
    expect_like folds "assay train: fold * has a single class in the rows to \
train on: '?'" "$(<err)"
    fit --folds 9 few.csv
    expect "more folds than rows" 1
    expect_like "more folds than rows" "assay train: --folds: no row is left \
for fold *" "$(<err)"
    refused size 1 "the training size 1 has a single class in the rows to \
train on: 'a'" --train-sizes 1 few.csv
    fit -q --folds 2 few.csv
    expect "two folds" 0 ""
}

@test "long rows are split by --hash, whole sequences at a time" {
    steps 60 >long.csv
    assay split -q --hash key long.csv >split.csv
    try assay train -q --net lstm --hidden 4 --epochs 1 --sequence key --time t \
        --predict -m steps.model split.csv
    expect train 0 ""
    expect_text ids "k0 k1 k2" "$(column_of out id | head -3 | xargs)"
    mv out predictions
    try assay eval -q -m steps.model --sequence key split.csv
    expect eval 0 ""
    expect_text rows 60 "$(sed 1d out | wc -l)"
    assay split -q --label label long.csv >rows.csv
    try assay train -q --net lstm --epochs 1 --sequence key --time t rows.csv
    expect rows 1
    expect_like rows "assay train: rows.csv:*: column 'split' (field 7): *, but \
sequence 'k*' began with '*' (split --hash key keeps sequences together)" \
        "$(<err)"
}

@test "eval -m warns of rows called train that the model has not learned from" {
    fit -q -m model "$TWO"
    try assay eval -m model "$TWO"
    expect eval 0 "assay eval: warning: 19 of 192 rows called 'train' are not \
among those the model was trained on: their errors are no training errors"
}

# ---- troubles ----

@test "a learning rate that is far too large is told, whatever the network" {
    local net

    for net in "mlp --shape 8x8x1" "lenet --kernel 3 --shape 8x8x1" \
        "lstm --hidden 8 --shape 8x8" "attention --width 8 --shape 8x8"; do
        # shellcheck disable=SC2086
        try assay train --net $net --learning-rate 1e3 --epochs 4 "$BARS"
        expect "$net" 0
        grep -q '^assay train: exploding: the loss is ' err ||
            fail "$net: not told" "$(<err)"
        expect_like "$net" "*exploding*" "$(cell out warning epoch=3 split=train)"
    done
}

@test "weights that are not finite are an error, also behind a ReLU" {
    try assay train --net resnet --depth 8 --shape 8x8x1 --optimizer sgd \
        --learning-rate 1e3 --epochs 20 -m resnet.model "$BARS"
    expect resnet 1
    expect_like resnet "*the weights are not finite in epoch *, step * (first \
in *): lower --learning-rate, or look for huge numbers in the data" "$(<err)"
    expect_empty resnet out
    expect_files resnet
}

@test "--norm batch: a batch of one row is refused, a last one is told" {
    try assay train --hidden 4 --norm batch --batch 1 "$MIXED"
    expect one 2 "assay train: --norm batch needs a --batch of 2 rows or more: \
one row does not deviate from its mean"
    try assay train --hidden 4 --norm batch --batch 43 --epochs 1 "$MIXED"
    expect last 0
    grep -q "^assay train: the last batch of 216 rows is a single row" err ||
        fail "not told" "$(<err)"
    try assay train -q --net resnet --depth 8 --shape 8x8x1 --batch 1 \
        --epochs 1 "$BARS"
    expect resnet 0 ""
}

# ---- --init-from ----

# from MODEL CASE STATUS MESSAGE OPTION... FILE
from() {
    local model=$1 name=$2 wanted=$3 message=$4

    shift 4
    try assay train -q --epochs 1 --init-from "$model" "$@"
    expect "$name" "$wanted" "${message:+assay train: $message}"
}

@test "--init-from: what the model reads cannot be changed by options" {
    try assay train -q --net lstm --hidden 4 --tokens char --max-steps 9 \
        --features words --epochs 1 -m letters "$MIXED"
    from letters same 0 "" --tokens char --max-steps 9 --features words "$MIXED"
    from letters tokens 2 "--tokens: 'letters' was trained on another one \
(leave it out)" --tokens word --features words "$MIXED"
    from letters steps 2 "--max-steps: 'letters' was trained on another one \
(leave it out)" --max-steps 8 --features words "$MIXED"
    try assay train -q --hidden 4 --ngrams char=2 --epochs 1 -m bag "$MIXED"
    from bag same 0 "" --ngrams char=2 --type color=category "$MIXED"
    from bag default 0 "" "$MIXED"
    from bag ngrams 2 "--ngrams: 'bag' was trained on another one (leave it \
out)" --ngrams word=1-2,char=3-5 "$MIXED"
    from bag type 2 "--type: column 'color' is a category in 'bag', not a text" \
        --type color=text "$MIXED"
}

@test "--init-from: pixel means are the model's, or the same" {
    local stats=(--pixel-mean .5 --pixel-std .25)

    try assay train -q --net linear --shape 8x8x1 "${stats[@]}" --epochs 1 \
        -m scaled "$BARS"
    expect scaled 0 ""
    from scaled same 0 "" "${stats[@]}" "$BARS"
    from scaled others 2 "--pixel-mean, --pixel-std: 'scaled' was trained on \
another one (leave it out)" --pixel-mean .4 --pixel-std .25 "$BARS"
    try assay train -q --net linear --shape 8x8x1 --epochs 1 -m plain "$BARS"
    from plain none 2 "--pixel-mean, --pixel-std: 'plain' was trained on \
another one (leave it out)" "${stats[@]}" "$BARS"
}

@test "--init-from: features that the model or the data lack" {
    try assay train -q --net linear --features a,b --epochs 1 -m two "$MIXED"
    from two more 1 "--init-from: 'two' was trained without 'color', which the \
data has (--features)" --features a,b,color "$MIXED"
    from two fewer 1 "--init-from: 'two' was trained with 'b', which the data \
lacks or does not use (--features)" --features a "$MIXED"
    from two others 1 "--init-from: the features of 'two' are others: 'b' where \
the data has 'color' (--features)" --features a,color "$MIXED"
}

@test "--init-from: a file of PyTorch's own, and --freeze without one" {
    printf 'PK\003\004data of resnet18' >resnet18.pth
    from resnet18.pth pth 1 "resnet18.pth: not a model file: it is PyTorch's, \
which assay-train(1), Fine-tuning, turns into safetensors" --net resnet "$BARS"
    try assay train --freeze conv "$MIXED"
    expect freeze 2 "assay train: --freeze needs --init-from: weights that are \
random would stay so"
}

@test "ImageNet's mean is taken off with weights of torchvision's networks only" {
    local depth

    for depth in 18 20; do
        awk -F, -v OFS=, '{ for (p = 1; p <= 48; p++) printf "%s,", $p
            print $NF }' "$BARS" | head -20 >tiny.csv
        try assay train -q --net resnet --depth $depth --shape 4x4x3 \
            --batch 20 --epochs 1 -m own tiny.csv
        expect "own $depth" 0 ""
        sed 's/"assay":/"other":/' own >other
        try assay train --net resnet --depth $depth --shape 4x4x3 --explain \
            --init-from other tiny.csv
        expect "other $depth" 0
        expect_text "means at $depth" $((depth == 18)) "$(
            grep -c "^assay train: pixels less ImageNet's mean" err)"
    done
}

# ---- gates ----

@test "--gate: a name that cannot be is found before anything is trained" {
    refused row 2 "gate 'test<1': no such row; there are: 'train', 'val'" \
        -m model --gate 'test<1' "$TWO"
    refused column 2 "gate 'val.f1>0': no such column; there are: 'loss', \
'error'" -m model --gate 'val.f1>0' "$TWO"
    refused folds 2 "gate 'train<1': no such row; there are: 'val'" \
        --folds 2 --gate 'train<1' "$TWO"
    expect_files "no model"
    fit -q -m model --gate 'val<=1' --gate 'train.loss<9' "$TWO"
    expect gates 0 ""
    [ -s model ] || fail "no model"
}

# ---- what is shown ----

@test "--explain: pixels are one line on a terminal, and one each in CSV" {
    try assay train -q --explain --view --shape 8x8x1 "$BARS"
    expect explain 0 ""
    expect_like pixels "64: p0 to p63  number  feature  *" "$(sed -n 2p out)"
    expect_text lines 3 "$(wc -l <out)"
    try assay train -q --explain --csv --shape 8x8x1 "$BARS"
    expect_text csv 66 "$(wc -l <out)"
}

@test "--hyperparameters: options as they are typed, nothing cut" {
    local columns

    for columns in 60 80 100; do
        COLUMNS=$columns try assay train --hyperparameters --view
        expect $columns 0 ""
        grep -q '^  --schedule-epochs  5 ' out || fail "$columns: option"
        awk -v most=$columns 'length > most { exit 1 }' out ||
            fail "$columns: too wide"
        expect_text "$columns: words" 1 "$(tr -s '\n ' ' ' <out |
            grep -c 'course of the learning rate: constant, step, cosine, one_cycle, plateau --warmup')"
    done
}

# cleared CASE: messages stand at the beginning of a line.
cleared() {
    tr '\r' '\n' <err >lines
    grep -q '^assay train: ' lines || fail "$1: no message" "$(<lines)"
    ! grep -q '.assay train: ' lines || fail "$1: behind the progress" "$(<lines)"
}

@test "progress within an epoch, and cleared before a message" {
    # Many steps: more than a tenth of a second.
    { head -1 "$BARS"; for i in {1..40}; do tail -n +2 "$BARS"; done; } >many.csv
    try assay train --progress always --net lenet --kernel 3 --shape 8x8x1 \
        --batch 2 --epochs 1 --stop-on none many.csv
    expect progress 0
    tr '\r' '\n' <err >lines
    grep -q '^train  .* 0/1  loss .* rows/s  .* left' lines ||
        fail "nothing within the epoch" "$(<lines)"
    cleared note
    try assay train --progress always --net resnet --depth 8 --shape 8x8x1 \
        --optimizer sgd --learning-rate 1e3 --epochs 20 "$BARS"
    expect failure 1
    cleared error
}

@test "the loss is drawn once: in the table, or on standard error" {
    try assay train --progress always --net linear --epochs 3 --view "$MIXED"
    ! tr '\r' '\n' <err | grep -q '^loss ' || fail "drawn twice" "$(<err)"
    try assay train --progress always --net linear --epochs 3 --csv "$MIXED"
    tr '\r' '\n' <err | grep -q '^loss ' || fail "not drawn" "$(<err)"
    try assay train --progress always --net linear --epochs 3 --csv \
        --replicas 2 "$MIXED"
    ! tr '\r' '\n' <err | grep -q '^loss ' || fail "of several models" "$(<err)"
}

@test "eval -m: a label under another name is told" {
    fit -q --id a --features b,color -m few "$MIXED"
    sed '1s/label/animal/' "$MIXED" >renamed.csv
    try assay eval -m few renamed.csv
    expect renamed 0
    expect_text renamed "assay eval: no column 'label': the labels are empty \
(--label names another)" "$(head -n 1 err)"
    cut -d, -f2,3 "$MIXED" >new.csv
    try assay eval -m few new.csv
    ! grep -q "no column" err || fail "nothing but features" "$(<err)"
    try assay eval -q -m few --label animal renamed.csv
    expect "--label" 0 ""
}
