# assay check --curve: anybody's training, by its log.
load helpers

# status CHECK [SUBJECT]: of its first finding in out
finding() {
    awk -F, -v check="$1" -v subject="$2" \
        '$1 == check && (subject == "" || $2 == subject) { print $3; exit }' out
}

# log ROWS TRAIN HELD: a Keras log by two formulas of e in awk
log() {
    awk "BEGIN {
        print \"epoch,loss,val_loss\"
        for (e = 0; e < $1; e++)
            printf \"%d,%.6f,%.6f\n\", e, $2, $3
    }"
}

@test "curve: our own, of several runs, is clean" {
    assay synth blobs --classes 3 --rows 300 >data.csv
    assay train -q --net linear --learning-rate .02 --replicas 3 data.csv >curve.csv
    try assay check --strict --classes 3 --curve curve.csv
    expect own 0 "assay check: 0 failed, 0 warned, 0 undecided, 16 ok"
    cut -d, -f1-3 out >some
    cat >wanted <<'END'
check,subject,status
epochs,all runs,ok
finite,all runs,ok
finite,all runs,ok
sign,all runs,ok
course,all runs,ok
learning,all runs,ok
learning,all runs,ok
start,all runs,ok
same_rows,all runs,ok
error,all runs,ok
gap,all runs,ok
overfitting,all runs,ok
spikes,all runs,ok
rate,all runs,ok
end,all runs,ok
replicas,all runs,ok
END
    expect_file own wanted some
    assay check -q --classes 3 --curve - <curve.csv >again
    expect_file "standard input" out again
}

@test "curve: each course and its cause" {
    while IFS='|' read -r train held check wanted advice; do
        log 30 "$train" "$held" >log.csv
        try assay check -q --classes 10 --curve log.csv
        expect "$check" 0 ""
        expect_text "$check: $train" "$wanted" "$(finding "$check")"
        grep -q "^$check,.*$advice" out || fail "$train" "$(<out)"
    done <<'END'
-2.3 - .2 * e|2.3|sign|fail|flipped sign
2.3 + .2 * e|2.3|course|fail|flipped sign
2.3 * exp(e)|2.3|course|fail|explodes
2 + sin(3 * e * e)|2.3|course|fail|oscillates: too high a learning rate
.2 + 2 * exp(-e / 4) + (e > 20) * .1 * (e - 20)|2.3|course|warn|rises again
2.3026 + .0003 * sin(9 * e * e)|2.3|learning|fail|nothing is learned
2.303 - .001 * e|2.3|learning|warn|too low a learning rate
1.9 + .2 * exp(-e)|1.9|learning|warn|plateaus little below guessing
.2 + 2 * exp(-e / 4)|2.35 + .02 * e|learning|fail|labels shuffled
.2 + 2 * exp(-e / 4)|.2 + 2 * exp(-e / 4)|same_rows|fail|same rows
.2 + 2 * exp(-e / 4)|e < 9 ? 2 - .2 * e : .2 + .1 * (e - 8)|overfitting|warn|from epoch 9 on
2.3 - .06 * e|2.31 - .06 * e|end|warn|train on (--epochs 58)
.3 + 90 * exp(-e)|.31 + exp(-e)|start|fail|far above ln K
.2 + 2 * exp(-e / 4) + (e == 12) * 3|.3 + 2 * exp(-e / 4)|spikes|warn|epoch 12
END
}

@test "curve: the logs of frameworks, and what was taken for what" {
    printf 'epoch,accuracy,loss,val_accuracy,val_loss\n1,.5,1.2,.6,1\n' >keras.csv
    try assay check --curve keras.csv
    expect keras 0 "assay check: taken for: epoch 'epoch', training loss 'loss', validation loss 'val_loss', training accuracy 'accuracy', validation accuracy 'val_accuracy'
assay check: 0 failed, 0 warned, 1 undecided, 5 ok"
    {
        echo epoch,step,train_loss_step,train_loss_epoch,val_loss
        for e in 0 1 2 3 4 5; do
            echo "$e,$((2 * e)),$((9 - e)),,"
            echo "$e,$((2 * e + 1)),,,$((8 - e))"
            echo "$e,$((2 * e + 1)),,$((10 - e)),"
        done
    } >lightning.csv
    try assay check --curve lightning.csv
    expect lightning 0 "assay check: taken for: epoch 'epoch', step 'step', training loss 'train_loss_epoch', validation loss 'val_loss'
assay check: 0 failed, 0 warned, 0 undecided, 9 ok"
    {
        echo loss,learning_rate,epoch,step,eval_loss
        for s in 1 2 3 4 5 6 7 8; do
            echo "$((9 - s)),.1,$((s / 2)).$((s % 2 * 5)),$s,"
            [ $((s % 2)) = 1 ] || echo ",,$((s / 2)).0,$s,$((10 - s))"
        done
    } >hf.csv
    try assay check --curve hf.csv
    expect "hugging face" 0 "assay check: taken for: epoch 'epoch', step 'step', training loss 'loss', validation loss 'eval_loss', learning rate 'learning_rate'
assay check: 0 failed, 0 warned, 0 undecided, 8 ok"
    printf 'epoch,train_loss,valid_loss,error_rate,time\n0,1,1.1,.5,00:01\n' |
        assay check --curve - 2>err >out
    expect_text fastai "assay check: taken for: epoch 'epoch', training loss 'train_loss', validation loss 'valid_loss', validation error 'error_rate'" "$(head -n 1 err)"
    printf 'Phase;Epoch;Loss;Acc\nTrain;1;2;10\nValid;1;2;20\n' |
        assay check --delimiter ';' --curve - 2>err >out
    expect_text long "assay check: taken for: epoch 'Epoch', part 'Phase', loss 'Loss', accuracy 'Acc'" "$(head -n 1 err)"
}

@test "curve: other names, and what is refused" {
    printf 'it,objective\n1,3\n' >odd.csv
    try assay check --curve odd.csv
    expect "no loss" 1 "assay check: odd.csv: no column is a loss by its name (there are: it, objective); say which: --rename loss=COLUMN"
    try assay check -q --curve odd.csv --rename loss=objective,epoch=it
    expect renamed 0 ""
    try assay check --curve odd.csv --rename loss=nothing
    expect "no column" 1 "assay check: odd.csv: no column 'nothing' (there are: it, objective)"
    try assay check --curve odd.csv --rename los=objective
    expect "no name" 2 "assay check: --rename: 'los=objective' is not NAME=COLUMN with NAME one of epoch, step, split, run, learning_rate, or [train_|val_|test_] loss, error, accuracy"
    printf 'epoch,loss\n1,3\n2,3x\n' >bad.csv
    try assay check --curve bad.csv
    expect "no number" 1 "assay check: bad.csv:3: column 'loss' (field 2): not a number: '3x'"
    printf 'epoch,loss\n1,\n' >empty.csv
    try assay check --curve empty.csv
    expect "no loss in a row" 1 "assay check: empty.csv: no row has a loss"
    while IFS='|' read -r options message; do
        try assay check $options
        expect "$options" 2 "assay check: $message"
    done <<'END'
--classes 3|--classes needs --curve
--rename loss=x|--rename needs --curve or --predictions
--curve a --predictions b --rename loss=x|--rename is for one file: check --curve and --predictions in two runs
--columns --curve a|--columns describes a table: it goes with neither --curve nor --predictions
--curve - --predictions -|standard input can be read once only
--curve - --label x|standard input can be read once only
END
}

@test "curve: not finite, begun anew, gates" {
    { log 12 '2 - .1 * e' '2 - .1 * e + .01'; echo 12,nan,nan; } >log.csv
    try assay check -q --strict --curve log.csv
    expect strict 3 ""
    expect_text finite fail "$(finding finite)"
    grep -q '^finite,train,fail,12,' out
    grep -q '^finite,validation,fail,12,' out
    { log 12 '2 - .1 * e' 2; log 12 '2 - .1 * e' 2 | sed 1d; } >twice.csv
    assay check -q --curve twice.csv >out
    expect_text anew warn "$(finding epochs)"
    grep -q '^epochs.*goes back to an earlier epoch 1 time:' out
    try assay check -q --gate 'epochs<=0' --curve twice.csv
    expect gate 3
}

@test "curve: beside a table and predictions, one list" {
    assay synth blobs --rows 200 --classes 3 >data.csv
    assay train -q --net linear --epochs 30 --learning-rate .05 --curve curve.csv \
        --predict data.csv >pred.csv
    try assay check -q --curve curve.csv --classes 3 --predictions pred.csv data.csv
    expect together 0 ""
    for check in duplicates course floor; do
        expect_text $check ok "$(finding $check)"
    done
    expect_text table ok "$(finding alignment 'all rows')"
    expect_text predictions ok "$(finding alignment predictions)"
}
