# assay decompose: advice on six recorded situations, and on what was tried.
load model_helpers

setup_file() {
    start_file
    SITUATIONS=$BATS_TEST_DIRNAME/../data/situations
    export SITUATIONS
}

# table SPLIT,ERROR,N...
table() {
    printf '%s\n' split,error,n "$@" >table.csv
}

# advise OPTIONS... FILE: the notes of the `next` rows, a line each.
advise() {
    try assay decompose "$@"
    expect "$*" 0 ""
    sed -n 's/^next,,,[0-9]*,,,,//p' out | sed 's/^"\(.*\)"$/\1/; s/""/"/g' \
        >next
}

next_is() { # CASE TEXT
    expect_text "$1" "$2" "$(<next)"
}

# ---- the situations, exactly ----

@test "underfit: a linear model of a corner problem" {
    cp "$SITUATIONS"/underfit.* .
    advise -m underfit.model underfit.csv.gz
    next_is underfit "bigger model: a hidden layer, after linear: assay train --features x1,x2 --net mlp -m next.model data.csv
error analysis on the training rows: assay confuse --on train --top-losses 20 pred.csv
tune, the learning rate first, after 0.0003: assay train --features x1,x2 --net linear --epochs 20 --learning-rate 0.0009 -m next.model data.csv
more features (x1, x2 are used; which are not?): assay train --net linear --epochs 20 --explain data.csv"
}

@test "overfit: a wide network of 200 rows" {
    cp "$SITUATIONS"/overfit.* .
    advise -m overfit.model overfit.csv.gz
    next_is overfit "more training data: first see how much it would bring: assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --train-sizes 20%,40%,60%,80%,100% --replicas 3 --predict data.csv | assay decompose --learning-curve
normalisation: assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --norm batch -m next.model data.csv
augmentation: assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --noise 0.1 -m next.model data.csv
error analysis on the held-out rows: assay confuse --on val --top-losses 20 pred.csv
another kind of model, after mlp: assay train --net linear -m next.model data.csv
tune, the learning rate first, after 0.003: assay train --hidden 64 --dropout 0.3 --epochs 200 --learning-rate 0.001 -m next.model data.csv
stop earlier (all 200 epochs were run): assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --patience 5 -m next.model data.csv
fewer features, one at a time, such as x30: assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --exclude x30 -m next.model data.csv
smaller model than hidden 64 (2114 values learned from 200 rows, enough to learn them by heart): assay train --dropout 0.3 --learning-rate 0.003 --epochs 200 --hidden 32 -m next.model data.csv
more regularisation: weight decay (dropout was on): assay train --hidden 64 --dropout 0.3 --learning-rate 0.003 --epochs 200 --weight-decay 0.001 -m next.model data.csv
more regularisation: dropout .5 (0.3 was tried): assay train --hidden 64 --learning-rate 0.003 --epochs 200 --dropout 0.5 -m next.model data.csv"
}

@test "shifted: the rows to be judged by lie elsewhere" {
    cp "$SITUATIONS"/shifted.* .
    advise --tried shifted.tried.csv shifted.csv.gz
    next_is shifted "look at the errors on 'testval' and collect such rows (the shift costs 0.339 of the error, 0.289 - 0.386): assay confuse --on testval --top-losses 20 pred.csv
train on some of them too: assay train --label LABEL --hidden 16 --epochs 40 --on train,testval --stop-on none -m next.model data.csv
synthesise such rows: augmentation that makes training rows look like them: assay train --label LABEL --hidden 16 --epochs 40 --mixup 0.2 -m next.model data.csv
domain adaptation: fine-tune on some of them (and test on others): assay train --label LABEL --hidden 16 --learning-rate 3e-05 --epochs 10 --on testval --stop-on none --init-from MODEL -m next.model data.csv"
}

@test "val-overfit: the validation rows were trained on" {
    cp "$SITUATIONS"/val-overfit.* .
    advise --tried val-overfit.tried.csv val-overfit.csv.gz
    next_is val-overfit "divide the data anew (validation was too easy by 0.247 of the error, 0.2 - 0.297): assay split --replace --seed 2 --label LABEL data.csv
larger validation and test sets (to see such a gap takes about 27 rows a side): assay split --replace --parts train=.6,val=.2,test=.2 --label LABEL data.csv
choose by folds, which test every row once: assay train --label LABEL --hidden 256 --learning-rate 0.001 --epochs 200 --folds 5 --predict data.csv | assay decompose"
}

@test "noise-limited: one label in ten is wrong" {
    cp "$SITUATIONS"/noise.* .
    advise --goal .1 --tried noise.tried.csv noise.csv.gz
    next_is noise "the goal is reached within noise: the error on test of 0.086 (0.0702 - 0.105) holds the goal of 0.1; use the model: assay eval --coverage pred.csv
or go below it: are the labels of what is still wrong right? If they are not, the goal is lower: assay confuse --on test --top-losses 20 pred.csv"
}

@test "below the goal: said first, though a gap is large" {
    table train,0,1000 test,.2,1000
    advise --goal .5 table.csv
    expect_text first "the goal is reached: the error on test of 0.2 (0.176 - 0.226) is below the goal of 0.5; use the model, or set a harder goal: assay eval --coverage pred.csv" \
        "$(head -1 next)"
    expect_like second "more training data*" "$(sed -n 2p next)"
}

@test "too little data to tell" {
    cp "$SITUATIONS"/few.* .
    advise --tried few.tried.csv few.csv.gz
    next_is few "no gap is beyond noise: to tell whether val_overfitting of 0.075 is real takes about 163 rows a side (with folds every row is tested once): assay train --label LABEL --hidden 16 --learning-rate 0.003 --epochs 60 --folds 10 --predict data.csv | assay decompose
or label more rows for validation and test: assay split --fill --label LABEL grown.csv"
}

# ---- what was tried ----

@test "what was tried moves behind, and is worded as the next stronger step" {
    table train,.01,1000 val,.2,1000 test,.2,1000
    printf 'net,dropout,norm\nmlp,.3,batch\n' >tried.csv
    advise --tried tried.csv table.csv
    expect_text norm "" "$(grep '^normalisation' next || true)"
    expect_text last "more regularisation: dropout .5 (0.3 was tried): assay train --label LABEL --norm batch --dropout 0.5 -m next.model data.csv" \
        "$(tail -n 1 next)"
    printf 'net,dropout,weight_decay\nmlp,.5,.001\n' >tried.csv
    advise --tried tried.csv table.csv
    expect_text last "more regularisation: ten times the weight decay (0.001 was tried): assay train --label LABEL --dropout 0.5 --weight-decay 0.01 -m next.model data.csv" \
        "$(tail -n 1 next)"
}

@test "the next kind of network and the next size" {
    table train,.2,1000 val,.2,1000 test,.2,1000
    while IFS='|' read -r header values pattern; do
        printf '%s\n' "$header" "$values" >tried.csv
        advise --tried tried.csv table.csv
        grep -q -e "$pattern" next || fail "$values" "$(<next)"
    done <<'EOF'
net|lenet|^another kind of model, after lenet: assay train .*--net resnet
net|lstm|^another kind of model, after lstm: assay train .*--net attention
net|linear|^bigger model: a hidden layer, after linear: assay train .*--net mlp
net,depth|resnet,32|^bigger model than depth 32: assay train .*--net resnet --depth 44
net,depth|resnet,50|^error analysis on the training rows
net,hidden|mlp,"64,32"|^bigger model than hidden 64,32: assay train .*--hidden 128,64
net,width|attention,32|^bigger model than width 32: assay train .*--net attention --width 64
learning_rate|0.01|^tune, the learning rate first, after 0.01: assay train .*--learning-rate 0.03
weight_decay,dropout|.1,.5|^less regularisation: without dropout 0.5, weight_decay 0.1: assay train --label LABEL -m
EOF
}

@test "a model: label, features, epochs, and values against rows" {
    mixed 120 | assay split -q --label label >data.csv
    assay train -q --features a,b --epochs 3 -m short.model -o /dev/null data.csv
    table train,.2,1000 val,.2,1000 test,.2,1000
    advise -m short.model table.csv
    expect_text longer "longer training: the last epoch (3) was the best: assay train --features a,b --epochs 9 --patience 20 -m next.model data.csv" \
        "$(head -n 1 next)"
    # 771 values of 96 rows are not many enough to be named
    expect_like size "bigger model than hidden 128: *" "$(sed -n 2p next)"
    grep -q "^more features (a, b are used; which are not?): assay train --epochs 3 --explain data.csv" next
    assay train -q --epochs 3 -m text.model -o /dev/null data.csv
    advise -m text.model table.csv
    expect_like size "bigger model than hidden 128 (* values learned from 96 rows, so size is hardly what it lacks): *" \
        "$(tail -n 1 next)"
}

@test "trials: the best counts, and the range of the others" {
    table train,.01,1000 val,.2,1000 test,.2,1000
    printf '%s\n' trial,state,objective,net,hidden,dropout,learning_rate \
        1,done,.2,mlp,128,.5,1e-3 '2,asked,,mlp,64,0,1e-3' \
        '2,done,.1,mlp,"256,64",0,3e-4' 3,failed,,mlp,8,0,10 >trials.csv
    advise --tried trials.csv table.csv
    grep -q "^tune (2 trials had learning rates from 0.0003 to 0.001): assay train --label LABEL --hidden 256,64 --learning-rate 0.0001 " next ||
        fail "$(<next)"
    # dropout .5 was tried, though not by the best
    grep -q "^more regularisation: weight decay (dropout was on): " next
}

# sizes: models of 100 to 800 rows, three of each, tested on 400 rows.
sizes() {
    awk 'BEGIN {
        print "id,split,label,pred,replica,train_size"
        for (n = 100; n <= 800; n *= 2)
            for (r = 1; r <= 3; r++) {
                e = .05 + 2 / sqrt(n)
                for (i = 1; i <= 400; i++)
                    print i ",test," i % 2 "," \
                        ((i * 7919 + r * 31 + n) % 400 < 400 * e ? 1 - i % 2 \
                        : i % 2) "," r "," n
                for (i = 1; i <= n; i++)
                    print 1000 + i ",train," i % 2 "," \
                        (i % 50 ? i % 2 : 1 - i % 2) "," r "," n
            }
    }'
}

@test "more data carries a number where there is a learning curve" {
    sizes >sizes.csv
    try assay decompose sizes.csv
    expect decompose 0
    expect_like more "*: at this slope 800 rows more take 0.0* off an error of 0.* (0* - 0.*)*: assay split --fill --label LABEL grown.csv*" \
        "$(grep '^next,,,1,' out)"
    # only the models with the largest training set make the gaps
    expect_text rows "2400 1200" "$(cell out n kind=error name=train) \
$(cell out n kind=error name=test)"
    expect_like note "*5700 rows of smaller training sets than 800 left out*" \
        "$(<err)"
}

@test "every command of the advice runs as it stands" {
    local n=0 options

    small_books 90 | assay split -q --label genre >data.csv
    sed 's/,train$/,/' data.csv >grown.csv
    assay train -q --label genre --features title --net linear --epochs 3 \
        -m books.model -o /dev/null data.csv
    assay eval -q -m books.model data.csv >pred.csv
    for parts in "train,.3,900 val,.31,900 test,.31,900" \
        "train,.01,900 val,.2,900 test,.2,900" \
        "train,.01,900 val,.01,900 test,.2,900" \
        "train,.02,90 val,.04,90 test,.05,90" "val,.2,100 test,.3,100" \
        "train,.2,900 val,.2,900 test,.21,900"; do
        table $parts
        options=(-m books.model --goal 0)
        [[ $parts != *.21,900 ]] || options=(-m books.model --goal .2)
        advise "${options[@]}" table.csv
        sed 's/.*: assay /assay /' next >>commands
    done
    sed -i 's/ --net mlp/& --epochs 2/; s/80%,100%/100%/' commands # fast
    while read -r command; do
        bash -o pipefail -c "$command" >/dev/null 2>ran </dev/null ||
            fail "$command" "$(<ran)"
        n=$((n + 1))
    done < <(sort -u commands)
    [ $n -ge 15 ] || fail "only $n commands"
}

@test "names that a shell would take apart are quoted" {
    small_books 60 | sed '1s/.*/"the ""title""; it",the genre,year/' >data.csv
    assay train -q --label "the genre" --features '"the ""title""; it",year' \
        --net linear --epochs 1 -m 'a model' -o /dev/null data.csv
    table train,.2,1000 val,.2,1000 test,.2,1000
    advise -m 'a model' table.csv
    grep -q -F -e "--label 'the genre' --features '\"the \"\"title\"\"; it\",year'" next ||
        fail "$(<next)"
    tail -n 2 next | head -n 1 | sed 's/.*: assay /assay /' >command
    sh ./command >/dev/null 2>ran || fail "$(<command)" "$(<ran)"
}

@test "on the screen commands name the file" {
    cp "$SITUATIONS"/underfit.* .
    mv underfit.csv.gz 'my predictions.csv.gz'
    COLUMNS=120 try assay decompose --view -m underfit.model \
        'my predictions.csv.gz'
    expect view 0 ""
    grep -q "assay confuse --on train --top-losses 20 'my predictions.csv.gz'" \
        out || fail "$(<out)"
}

@test "what is refused" {
    table train,.2,1000 val,.2,1000 test,.2,1000
    try assay decompose -m no.model table.csv
    expect "no model" 1
    expect_like "no model" "assay decompose: *no.model*" "$(<err)"
    printf 'net\nmlp\n' >t.csv
    try assay decompose -m no.model --tried t.csv table.csv
    expect both 2 "assay decompose: --tried: the model says what was tried"
    while IFS='|' read -r text message; do
        printf "$text" >t.csv
        try assay decompose --tried t.csv table.csv
        expect "$text" 1 "assay decompose: t.csv$message"
        expect_empty "$text" out
    done <<'EOF'
a,b\n1,2\n|: no column has the name of a hyperparameter
net\nmpl\n|:2: column 'net' (field 1): no such network: 'mpl'
net,dropout\nmlp,2\n|:2: column 'dropout' (field 2): --dropout: '2' is not a number from 0 to 0.99
state,net\nfailed,mlp\n|: no trial is done
EOF
}
