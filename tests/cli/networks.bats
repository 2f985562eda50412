# assay train and eval: networks for images, sequences and text; many models;
# fine-tuning; and what cannot be.
load model_helpers

setup_file() {
    start_file
    bars 240 255 60 parts >bars.csv
    runs 120 wide >wide.csv
    runs 120 long >long.csv
    names 200 >names.csv
    export MADE=$BATS_FILE_TMPDIR
}

# runs N wide|long: sequences of 1 to 6 steps of two values; the last step's
# first value says the class.
runs() {
    awk -v n="$1" -v layout="$2" 'BEGIN {
        srand(2)
        print layout == "wide" ? "key,sequence,label" : "key,t,a,b,label"
        for (i = 0; i < n; i++) {
            steps = 1 + i * 7 % 6
            label = i * 3 % 4 < 2 ? "up" : "down"
            cell = ""
            for (t = 1; t <= steps; t++) {
                a = t < steps ? int(9 * rand()) - 4 : label == "up" ? 3 : -3
                b = int(100 * rand()) / 10
                if (layout == "long")
                    print "k" i "," t "," a "," b "," label
                cell = cell (t > 1 ? ";" : "") a " " b
            }
            if (layout == "wide") print "k" i "," cell "," label
        }
    }'
}

# learns NAME OPTION... FILE: the best held-out error is at most one in ten.
learns() {
    local name=$1

    shift
    try assay train -q --gate 'val<=0.1' --learning-rate 1e-2 --epochs 12 "$@"
    expect "$name" 0 ""
}

image() {
    echo --shape 8x8x1 "$MADE/bars.csv"
}

@test "every network learns what it is for" {
    learns mlp --net mlp $(image)
    learns lenet --net lenet --kernel 3 $(image)
    learns "lenet with batch norm" --net lenet --kernel 3 --norm batch $(image)
    learns resnet --net resnet --depth 8 $(image)
    learns lstm --net lstm --hidden 16 --features sequence "$MADE/wide.csv"
    learns "lstm of characters" --net lstm --tokens char --type name=text \
        "$MADE/names.csv"
    learns attention --net attention --width 16 --tokens char \
        --type name=text "$MADE/names.csv"
}

@test "wide and long rows of sequences are the same, in eval too" {
    try assay train -q --net lstm --hidden 8 --epochs 3 --features sequence \
        --id key --predict --probs -m wide.model "$MADE/wide.csv"
    expect wide 0 ""
    mv out wide
    try assay train -q --net lstm --hidden 8 --epochs 3 --sequence key \
        --time t --predict --probs -m long.model "$MADE/long.csv"
    expect long 0 ""
    expect_file predictions wide out
    try assay eval -q -m long.model --sequence key --probs "$MADE/long.csv"
    expect eval 0 ""
    cut -d, -f3- wide >wanted
    cut -d, -f3- out | expect_file "predictions of eval" wanted -
    try assay eval -m long.model "$MADE/long.csv"
    expect "without --sequence" 2 "assay eval: the model was trained on long rows: --sequence COLUMN says which rows are one sequence"
}

@test "the same bytes at 1, 2, 3 and 8 threads; eval as train --predict; a row alone" {
    while read -r name options; do
        for threads in 1 2 3 8; do
            OMP_NUM_THREADS=$threads try assay train -q --epochs 2 \
                --dropout .1 --predict --probs -m "$name.$threads" \
                ${options//MADE/$MADE}
            expect "$name at $threads" 0 ""
            mv out "out.$threads"
            expect_file "$name: predictions" out.1 "out.$threads"
            expect_file "$name: model" "$name.1" "$name.$threads"
        done
        file=${options##* }
        try assay eval -q -m "$name.1" --probs "${file//MADE/$MADE}"
        expect "$name: eval" 0 ""
        cut -d, -f3- out.1 >wanted
        cut -d, -f3- out | expect_file "$name: eval" wanted -
        sed -n '1p;17p' "${file//MADE/$MADE}" >one.csv
        try assay eval -q -m "$name.1" --probs one.csv
        sed -n 2p out | cut -d, -f3- >alone
        sed -n 17p out.1 | cut -d, -f3- | expect_file "$name: alone" - alone
    done <<'END'
lenet --net lenet --kernel 3 --hidden 200,90 --batch 192 --norm batch --shift 1 --flip horizontal --shape 8x8x1 MADE/bars.csv
resnet --net resnet --depth 8 --rotate 10 --cutout 2 --shape 8x8x1 MADE/bars.csv
lstm --net lstm --hidden 48 --layers 2 --noise .1 --crop .2 --features sequence MADE/wide.csv
attention --net attention --width 32 --token-drop .1 --tokens char --type name=text MADE/names.csv
END
}

@test "optimizers, schedules, losses and initialisations change the curve" {
    try assay train -q --net mlp --hidden 8 --epochs 3 $(image)
    mv out plain
    for option in "--optimizer sgd" "--optimizer momentum" \
        "--optimizer nesterov" "--optimizer rmsprop" \
        "--optimizer adamw --weight-decay .1" "--schedule cosine" \
        "--schedule one_cycle" "--schedule step --schedule-epochs 1" \
        "--warmup 2" "--loss focal" "--loss squared" "--label-smoothing .1" \
        "--init orthogonal" "--init glorot_uniform" "--activation gelu" \
        "--l1 .01" "--clip .1" "--mixup .5" "--sampler balanced"; do
        try assay train -q --net mlp --hidden 8 --epochs 3 $option $(image)
        expect "$option" 0 ""
        ! cmp -s out plain || fail "$option: the same curve"
    done
}

@test "replicas, bootstrap and training sizes: columns and counts" {
    try assay train -q --net linear --epochs 1 --replicas 2 \
        --train-sizes 50%,90 --predict $(image)
    expect train 0 ""
    expect_text header "$(echo id,split,label,pred,prob,loss,replica,train_size)" \
        "$(head -n 1 out)"
    expect_text counts "1 90 138 2 90 138 1 96 144 2 96 144" "$(
        sed 1d out | cut -d, -f7,8 | uniq -c |
            awk '{ split($2, f, ","); printf "%s%s %s %s", s, f[1], f[2], $1; s = " " }')"
    mv out many.csv
    for tool in "eval --metrics" decompose confuse; do
        try assay $tool many.csv
        expect "$tool" 0
        grep -q "predictions of several models" err ||
            fail "$tool: no word of it" "$(<err)"
    done
    try assay train -q --net linear --epochs 1 --replicas 2 --replica-by \
        bootstrap --folds 2 $(image)
    expect curve 0 ""
    expect_text header \
        "epoch,split,loss,error,learning_rate,grad_norm,update_ratio,dead,warning,fold,replica" \
        "$(head -n 1 out)"
    expect_text rows 9 "$(wc -l <out)"
}

@test "--init-from and --freeze: frozen layers stay, the last starts anew" {
    try assay train -q --net lenet --kernel 3 --epochs 3 -m old $(image)
    # a third class: some of the columns
    awk 'NR % 3 == 0 { sub(",column,", ",other,") } 1' "$MADE/bars.csv" \
        >other.csv
    try assay train --epochs 2 --init-from old --freeze conv -m new other.csv
    expect tune 0
    grep -q "'output.weight' starts anew" err || fail "no note" "$(<err)"
    for file in old new; do
        # the tensors stand in the order of the network: conv.0.weight first
        size=$(head -c 8 $file | od -An -tu8)
        tail -c +$((size + 9)) $file | head -c $(((9 * 6 + 6) * 4)) >$file.conv
    done
    expect_file "frozen weights" old.conv new.conv
    # as many classes, but others
    sed 's/,column,/,upright,/; s/,row,/,flat,/' "$MADE/bars.csv" >renamed.csv
    try assay train --epochs 1 --init-from old renamed.csv
    grep -q "'output.weight' starts anew" err || fail "renamed" "$(<err)"
    try assay train --epochs 1 --init-from old "$MADE/bars.csv"
    ! grep -q "starts anew" err || fail "the same classes" "$(<err)"
    try assay train --epochs 2 --init-from old --shape 4x16x1 other.csv
    expect shape 2 "assay train: --shape: 'old' was trained on another one (leave it out)"
    try assay train --epochs 2 --init-from old --filters 4,16 other.csv
    expect filters 1 "assay train: old: tensor 'conv.0.weight' is 6x1x3x3, but the network's is 4x1x3x3"
    try assay train --epochs 2 --init-from old --freeze nothing other.csv
    expect_like freeze "assay train: --freeze: no parameter starts with 'nothing' (there are: conv.0.weight, *" "$(<err)"
}

@test "--lr-range: a curve by learning rate, and a suggestion" {
    try assay train --net mlp --lr-range $(image)
    expect range 0
    expect_like suggestion "assay train: the loss falls fastest at --learning-rate *" "$(<err)"
    expect_text "first rate" 1e-07 "$(cell out learning_rate epoch=1)"
}

@test "what cannot be is one clear line" {
    cp "$MADE"/*.csv .
    awk 'BEGIN { print "x,label"; for (i = 0; i < 300; i++) print i % 7 "," i * 1.5 }' >amount.csv
    awk 'BEGIN { print "x,label"; for (i = 0; i < 60; i++) print i % 7 "," (i % 3 ? "a" : i % 2 ? "a;b" : "b;c") }' >several.csv
    sed '3s/,.*;/,1 2 3;/' wide.csv >ragged.csv
    while IFS='|' read -r options status message; do
        try assay train --epochs 1 $options
        expect "$options" "$status" "assay train: $message"
        expect_empty "$options" out
    done <<'END'
--net lenet --shape 8x8x1 --kernel 12 bars.csv|2|--kernel 12: an image of 8x8 is 4x4 at convolution 2, too small (smaller --kernel, or fewer --filters)
--net lenet bars.csv|2|--net lenet reads images: --shape HxWxC says how the columns make one
--net lenet --shape 8x7x1 bars.csv|1|bars.csv: --shape 8x7x1 is 56 values, but there are 64 number columns
--net attention --heads 5 --features sequence wide.csv|2|--heads 5 does not divide --width 64
--net mlp --features sequence wide.csv|2|column 'sequence' is a sequence: --net lstm or attention read it (else --exclude sequence, or --type sequence=text)
--net resnet --depth 21 --shape 8x8x1 bars.csv|2|--depth 21: resnet has 20, 32, 44, 56, 110 (6n + 2) layers for small images, 18, 34 or 50 for large ones
--net mlp --heads 2 bars.csv|2|--heads: --net mlp has none
--momentum .5 bars.csv|2|--momentum needs --optimizer momentum or nesterov
--replica-by seed bars.csv|2|--replica-by needs --replicas
--train-sizes 0 bars.csv|2|--train-sizes: '0' is not like 10% or 500
--train-sizes 500 bars.csv|1|--train-sizes: '500' is more than the 192 rows to train on
--replicas 2 -m model bars.csv|2|--replicas trains many models: leave out -m
--shift 1 --net mlp names.csv|2|--shift is for images: --shape HxWxC says how the columns make one
--tokens char names.csv|2|--tokens: --net mlp does not read sequences (lstm and attention do)
--pixel-mean .5,.5 --pixel-std 1,1 --shape 8x8x1 bars.csv|2|--pixel-mean has 2 numbers, --shape 1 channel
END
    try assay train amount.csv
    expect_like amount "assay train: label 'label' has 300 different numbers: predicting an amount is not offered*" "$(<err)"
    try assay train several.csv
    expect_like several "assay train: label 'label': '?;?' looks like several labels in one cell*" "$(<err)"
    try assay train --net lstm --features sequence ragged.csv
    expect_like ragged "assay train: ragged.csv:3: column 'sequence' (field 2): *" "$(<err)"
}
