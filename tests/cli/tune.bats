#!/usr/bin/env bats
# assay tune: searches, their logs, asking and telling, commands.
load helpers

search=(assay tune --label genre --features title --net linear --epochs 4
    --method random --repeat 0 --workers 1 --trials 5)

setup_books() {
    small_books 90 >books.csv
}

# values COLUMN FILE
values() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++)
        if ($i == name) at = i; next } { print $at }' "$2"
}

@test "a search writes a row a trial, the same for the same seed" {
    setup_books
    try "${search[@]}" -q books.csv
    expect search 0 ""
    expect_text header \
        "trial,state,objective,val_error,val_loss,epochs_run,trial_seed" \
        "$(head -n 1 out | cut -d, -f1-7)"
    expect_text trials "1 2 3 4 5" "$(values trial out | tr '\n' ' ' | sed 's/ $//')"
    cp out first
    try "${search[@]}" -q -j 2 books.csv
    expect_file threads first out
    try "${search[@]}" -q --seed 2 books.csv
    expect_other seed first out
}

@test "a trial is what train makes of its row and seed" {
    setup_books
    assay split -q --label genre books.csv >split.csv
    try "${search[@]}" -q --trials 1 split.csv
    expect search 0 ""
    cp out trials.csv
    assay train -q --label genre --features title --net linear --epochs 4 \
        --config trials.csv --seed "$(values trial_seed trials.csv)" \
        -o curve.csv split.csv
    expect_text error "$(values val_error trials.csv)" "$(
        awk -F, '$2 == "val" && (low == "" || $3 < low) { low = $3; e = $4 }
            END { print e }' curve.csv)"
}

@test "a given hyperparameter is not searched" {
    setup_books
    try "${search[@]}" -q --learning-rate .01 books.csv
    expect given 0 ""
    ! head -n 1 out | grep -q learning_rate
    try "${search[@]}" -q --learning-rate .01 \
        --space 'learning_rate=log:.001...1' books.csv
    expect both 2
}

@test "test rows are never looked at" {
    setup_books
    assay split -q --label genre books.csv >split.csv
    try "${search[@]}" -q split.csv
    cp out first
    # other labels and titles in the test part change nothing
    awk -F, 'NR > 1 && $NF == "test" { $1 = "zzz"; $2 = "Fiction" } 1' OFS=, \
        split.csv >spoilt.csv
    expect_other data split.csv spoilt.csv
    try "${search[@]}" -q spoilt.csv
    expect_file trials first out
}

@test "a log is gone on from, and the rows are written again" {
    setup_books
    try "${search[@]}" -q --log whole.log books.csv
    expect whole 0 ""
    cp out whole.csv
    for lines in 1 2 3 4 7; do
        head -n "$lines" whole.log >part.log
        printf '3,asked,,,' >>part.log
        try "${search[@]}" -q --log part.log books.csv
        expect "$lines lines" 0 ""
        expect_file "$lines lines" whole.log part.log
        expect_file "$lines lines" whole.csv out
    done
}

@test "more trials go on from a log, by another method too" {
    setup_books
    try "${search[@]}" -q --log s.log books.csv
    cp out five
    try "${search[@]}" -q --log s.log --method tpe --trials 8 books.csv
    expect more 0 ""
    expect_text trials 8 "$(values trial out | wc -l)"
    head -n 6 out >first
    expect_file first five first
}

@test "a log of other data, labels, spaces or options is refused" {
    setup_books
    try "${search[@]}" -q --log s.log books.csv
    cp s.log before
    try "${search[@]}" -q --log s.log --space 'learning_rate=.01,.1' books.csv
    expect space 1 "assay tune: s.log:1: not the log of a search of these parameters"
    sed '5s/.$/1/' books.csv >other.csv
    try "${search[@]}" -q --log s.log --features title,year other.csv
    expect_like features "*--features was 'title', not 'title,title,year'" "$(<err)"
    sed '2s/tale/tail/;3s/.*/A novel tale of heart 2,Fiction,1801/' books.csv >other.csv
    try "${search[@]}" -q --log s.log other.csv
    expect_like data "*data was '*', not '*'" "$(<err)"
    expect data 1
    expect_file untouched before s.log
}

@test "halving: all are trained a little, one of three goes on" {
    setup_books
    try "${search[@]}" -q --halving asha --epochs 9 --trials 9 --log h.log \
        books.csv
    expect halving 0 ""
    cp out whole.csv
    cp h.log whole.log
    expect_text stopped 6 "$(grep -c ',\?stopped:0,' out)"
    expect_text epochs 9 "$(values epochs_run out | sort -n | tail -n 1)"
    [ ! -e h.log.states ] || fail "states are left"
    for lines in 4 9 14 20; do
        head -n "$lines" whole.log >h.log
        try "${search[@]}" -q --halving asha --epochs 9 --trials 9 \
            --log h.log books.csv
        expect_file "$lines lines" whole.log h.log
    done
}

@test "killed at random moments, nothing is lost and nothing is twice" {
    setup_books
    slow=("${search[@]}" -q --halving asha --net mlp --epochs 30 --trials 9)
    try "${slow[@]}" --log whole.log books.csv
    cp out whole.csv
    for wait in .05 .11 .17 .08 .23 .14; do
        timeout -s KILL "$wait" "${slow[@]}" --log k.log books.csv \
            >/dev/null 2>&1 || true
    done
    try "${slow[@]}" --log k.log books.csv
    expect killed 0 ""
    expect_file log whole.log k.log
    expect_file trials whole.csv out
}

@test "a signal and a time limit end a search well" {
    setup_books
    many=("${search[@]}" --net mlp --epochs 100000 --patience 100000
        --trials 100 --log s.log books.csv)
    "${many[@]}" >out 2>err &
    until_true grep -qs ,asked, s.log
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect signal 0
    expect_like signal "*stopped by SIGTERM after 1 trial; the same command goes on from 's.log'" "$(<err)"
    try "${many[@]}" --time-limit 1
    expect limit 0
    expect_like limit "*stopped by --time-limit after * trial*" "$(<err)"
}

@test "configurations of a file" {
    setup_books
    printf 'learning_rate,title,batch\n.01,x,16\n.1,y,32\n' >configs.csv
    try assay tune -q --label genre --features title --net linear --epochs 2 \
        --repeat 0 --configs configs.csv books.csv
    expect configs 0 ""
    expect_text rates ".01 .1" "$(values learning_rate out | sort | tr '\n' ' ' | sed 's/ $//')"
    printf 'learning_rate,batch\n.01,16\nfast,32\n' >configs.csv
    try assay tune -q --label genre --features title --net linear \
        --configs configs.csv books.csv
    expect bad 2 "assay tune: --learning-rate: 'fast' is not a number from 1e-09 to 1000"
    printf 'x,k\n1,a\n2,b\n' >configs.csv
    try assay tune -q --space 'k=a,b x=0..3 if k=a' --configs configs.csv \
        --workers 1 --command 'echo 1'
    expect conditions 0 ""
    expect_text conditions "1,done,1,,,0,a,1 2,done,1,,,0,b," "$(sed 1d out |
        cut -d, -f1-6,8- | tr '\n' ' ' | sed 's/ $//')"
    printf 'learning_rate\n.01\n5\n' >configs.csv
    try assay tune -q --label genre --features title --net linear \
        --space 'learning_rate=.01..1' --configs configs.csv books.csv
    expect range 1 "assay tune: configs.csv:3: column 'learning_rate' (field 1): 'learning_rate': 5 is outside of its range"
}

@test "folds" {
    setup_books
    try "${search[@]}" -q --folds 3 books.csv
    expect folds 0 ""
    expect_text trials 5 "$(values trial out | wc -l)"
}

# ---- others ----

@test "ask and tell" {
    ask=(assay tune --log s.log --ask)
    try "${ask[@]}" 2 --method random --trials 3 --repeat 0 \
        --space 'x=0..1 k=a,b m=int:1..3 if k=b'
    expect ask 0 ""
    expect_text header "trial,trial_seed,x,k,m" "$(head -n 1 out)"
    expect_text two 3 "$(wc -l <out)"
    printf 'trial,objective,note\n1,.25,\n2,,out of memory\n' >told.csv
    try assay tune --tell --log s.log told.csv
    expect tell 0 ""
    expect_text states "done failed" "$(values state out | tr '\n' ' ' | sed 's/ $//')"
    try "${ask[@]}" 5
    expect_text last 2 "$(wc -l <out)"
    try "${ask[@]}" 5
    expect busy 0 "assay tune: nothing to run before others have told"
    try assay tune --tell --log s.log told.csv
    expect again 0 "assay tune: trial 1 was told before; left out
assay tune: trial 2 was told before; left out"
    printf 'trial,objective\n3,1e-3\n' | try assay tune --tell --log s.log
    expect third 0 ""
    try "${ask[@]}" 1
    expect over 0 "assay tune: the search is over"
}

@test "what is told wrong is refused, with its place" {
    assay tune --ask 2 --log s.log --method random --space 'x=0..1' >asked.csv
    cp s.log before
    printf 'trial,objective\n1,fast\n' >told.csv
    try assay tune --tell --log s.log told.csv
    expect word 1 "assay tune: told.csv:2: column 'objective' (field 2): not a number: 'fast'"
    printf 'trial,objective\n7,1\n' >told.csv
    try assay tune --tell --log s.log told.csv
    expect unknown 1 "assay tune: told.csv:2: column 'trial' (field 1): there is no trial 7"
    printf 'trial,objective,state\n1,1,gone\n' >told.csv
    try assay tune --tell --log s.log told.csv
    expect state 1 "assay tune: told.csv:2: column 'state' (field 3): not done, failed or pruned:REASON: 'gone'"
    expect_file untouched before s.log
    try assay tune --tell --log none.log told.csv
    expect none 1 "assay tune: none.log: cannot open the log: No such file or directory"
}

@test "a trial that was given away is asked again after a while" {
    assay tune --ask 1 --log s.log --method random --trials 1 \
        --repeat 0 --space 'x=0..1' >first
    try assay tune --ask 1 --log s.log --timeout 1h
    expect busy 0 "assay tune: nothing to run before others have told"
    sleep 2
    try assay tune --ask 1 --log s.log --timeout 1
    expect_file again first out
}

@test "commands: values in the text and in the environment" {
    run_it=(assay tune -q --method random --space 'x=0..1 word=a,"b c"'
        --trials 4 --repeat 0)
    # shellcheck disable=SC2016
    try "${run_it[@]}" --command 'test {word} = "$word" && echo "$x"'
    expect values 0 ""
    expect_text objective "$(values x out)" "$(values objective out)"
    # shellcheck disable=SC2016
    try "${run_it[@]}" --command 'printf "objective,val_error\n9,1\n%s,.5\n" {x}'
    expect_text column "$(values x out)" "$(values objective out)"
    expect_text error ".5 .5 .5 .5" "$(values val_error out | sed 's/^0//' | tr '\n' ' ' | sed 's/ $//')"
}

@test "commands: one that fails is a failed trial, all that fail a failure" {
    # shellcheck disable=SC2016
    try assay tune --method random --workers 1 --trials 3 --repeat 0 \
        --space 'x=1,2,3' --command 'test "$x" != 2 || exit 3; echo "$x"'
    expect some 0
    try assay tune -q --method random --trials 2 --repeat 0 --space 'x=0..1' \
        --command 'echo fast'
    expect all 1 "assay tune: no trial of 2 came to its end; the last one: no number"
}

# ---- looking at a log ----

# A log of 30 trials of a bowl in x, noisy by the seed, and of no y.
bowl() {
    # shellcheck disable=SC2016
    assay tune -q --method sobol --workers 1 --trials 30 --repeat "$1" \
        --space 'x=0..1 y=0..1' --log bowl.log -o bowl.csv --command \
        'awk "BEGIN { print ($x - .3)^2 + $trial_seed % 1000 / 1e5 }"'
}

@test "the best: a row that train takes, with what was given" {
    setup_books
    try "${search[@]}" -q --log s.log books.csv
    try assay tune -q --best s.log
    expect best 0 ""
    expect_text rows 2 "$(wc -l <out)"
    expect_text net linear "$(values net out)"
    expect_text epochs 4 "$(values epochs out)"
    cp out best.csv
    try assay train -q --label genre --features title --config best.csv books.csv
    expect train 0 ""
    expect_text epochs 4 "$(tail -n 1 out | cut -d, -f1)"
}

@test "the best ones are tried again on fresh seeds" {
    bowl 4
    expect_text trials $((30 + 12)) "$(values trial bowl.csv | wc -l)"
    try assay tune -q --best bowl.log
    expect_text runs 5 "$(values runs out)"
    # the same command has nothing left to do
    cp bowl.log before
    bowl 4
    expect_file log before bowl.log
    try assay tune -q --within-noise bowl.log
    expect noise 0 ""
    expect_text first 1 "$(values rank out | head -n 1)"
}

@test "what mattered, and the curve of one parameter" {
    bowl 0
    try assay tune --importance bowl.log
    expect importance 0 ""
    expect_text first "x,," "$(sed -n 2p out | cut -c1-3)"
    awk -F, '$1 == "x" && $2 == "" { if ($3 < .6) exit 1 }' out
    try assay tune --marginal x bowl.log
    expect marginal 0 ""
    expect_text least true "$(awk -F, 'NR > 1 && (low == "" || $2 < low) {
        low = $2; at = $1 } END { print (at > .1 && at < .5) ? "true" : at }' out)"
    try assay tune --marginal z bowl.log
    expect name 2 "assay tune: --marginal: 'z' was not searched"
    head -n 12 bowl.log >few.log
    try assay tune --importance few.log
    expect few 1
    expect_like few "assay tune: few.log: *10*" "$(<err)"
    try assay tune --best few.none
    expect none 1 "assay tune: few.none: cannot open the log: No such file or directory"
}

@test "parameters may be called like what is said of the best" {
    try assay tune -q --method sobol --workers 1 --trials 6 --log s.log \
        --space 'rank=int:1..64 score=0..1' --command 'echo {rank}'
    expect search 0 ""
    best=$(values objective out | sort -n | head -n 1)
    try assay tune -q --best s.log
    expect_text rank "$best" "$(sed -n 2p out | cut -d, -f1)"
}

@test "outputs do not take the place of the log" {
    bowl 0
    cp bowl.log before
    try assay tune -q --best bowl.log -o bowl.log
    expect best 2 "assay tune: -o would take the place of the log 'bowl.log'"
    try assay tune -q --space 'x=0..1' --command 'echo {x}' --log bowl.log \
        -o ./bowl.log
    expect search 2 "assay tune: -o would take the place of the log 'bowl.log'"
    expect_file log before bowl.log
    printf hello >letter
    try assay tune -q --space 'x=0..1' --command 'echo {x}' --log letter
    expect letter 1 "assay tune: letter: not the log of a search"
    expect_text letter hello "$(<letter)"
}

@test "what is told is told whole" {
    assay tune --ask 2 --log s.log --method random --space 'x=0..1' >asked.csv
    cp s.log before
    printf 'trial,objective\n1,.5\n2,fast\n' >told.csv
    try assay tune --tell --log s.log told.csv
    expect tell 1 "assay tune: told.csv:3: column 'objective' (field 2): not a number: 'fast'"
    expect_file log before s.log
    try assay tune --ask 1 --log s.log -o none/asked.csv
    expect ask 1
    expect_file log before s.log
}

@test "rows that decide need a weight" {
    setup_books
    assay split -q --label genre books.csv |
        awk -F, 'NR == 1 { print $0 ",w"; next }
            { print $0 "," ($NF == "val" ? 0 : 1) }' >weighed.csv
    try "${search[@]}" -q --weight w weighed.csv
    expect weight 1 "assay tune: the rows that tell which trial is better have no weight"
}

# ---- wrong usage ----

@test "what does not go together is said" {
    setup_books
    while IFS='|' read -r options message; do
        eval "try assay tune $options"
        expect "$options" 2 "assay tune: $message"
    done <<'END'
--method best|--method: 'best' is not gp, tpe, coarse, random, sobol, grid or manual
--method manual --label genre books.csv|--method manual needs --configs
--halving some|--halving: 'some' is not asha
--eta 4 --label genre books.csv|--eta needs --halving
--min-epochs 4 --label genre books.csv|--min-epochs needs --halving
--ask 2 --tell|--ask and --tell: one of them
--ask 2 --space 'x=0..1'|--ask needs --log
--tell|--tell needs --log
--ask 2 --log s.log|--space is needed: there is no log that has one
--command true|--command needs --space, or --configs
--command true --space 'x=0..1' --net mlp|--net: no network is trained here
--command true --space 'x=0..1' books.csv|'books.csv': no data is read here
--command true --space 'x=0..1' --halving asha|--halving is for networks: only they can be trained further
--command true --space 'x=0..1' --folds 3|--folds is for networks
--command true --space 'x=2..1'|'x': 2 is not below 1
--command true --space 'state=a,b'|'state' is a column of the log: no parameter can be called so
--command true --space 'x=0..1' --log ''|--log: name a file
--command true --space ''|no parameter to search
--best|name one log
--label genre --net majority books.csv|--net majority: there is nothing to tune
END
}
