# pipelines/monitor.sh: new files against a profile, from cron.
load helpers

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)

# A stand-in for assay that does what the file to be checked says in its first
# line; `calls` has what it was called with.
stand_in() {
    mkdir bin
    cat >bin/assay <<'END'
#!/bin/sh
printf '%s\n' "$*" >>calls
for word; do
    case ${last-} in -o) out=$word ;; esac
    last=$word
done
case " $* " in
*" --profile "*)
    read -r what <"$last"
    [ "$what" != broken ] || { echo "assay shift: broken" >&2; exit 1; }
    echo "profile of $last" >"$out"
    exit ;;
esac
read -r what rest <"$last"
say() {
    echo "check,subject,status,value,limit,p_value,p_adjusted,effect,low,high,detectable,test,n_reference,n_current,advice"
    [ "$what" = none ] ||
        echo "verdict,,$1,0.15,0.02,,,0.05,0.01,0.0912345,,all,1000,200,\"$2\""
    echo "harm,confidence,$1,0.15,0.02,,,0.05,0.01,0.09,,CBPE,1000,200,"
    case $1 in
    ok | undecided) ;;
    *)
        echo "number,x,fail,3,,1e-9,2e-9,-0.512345,-0.6,-0.4,0.1,KS,1000,200,lower"
        printf 'category,"a, ""b""\nc",warn,3,,.01,0.02,0.1,.05,.2,0.1,chi,1000,200,\n' ;;
    esac
    echo "number,y,ok,3,,.5,0.5,-0.7,-.1,.2,0.1,KS,1000,200,"
}
case $what in
crash) say fail shifted >"$out"; kill -9 $$ ;;
error) echo "assay shift: $last:7: not a number" >&2; exit 1 ;;
wait) touch waiting; while [ -e waiting ]; do sleep .02; done; say ok "" >"$out" ;;
half) say fail shifted | head -c 290 >"$out" ;;
empty) : >"$out" ;;
gate) say ok "not shifted" >"$out"; echo "assay shift: gate closed" >&2; exit 3 ;;
*) say "$what" "$rest" >"$out" ;;
esac
END
    chmod +x bin/assay
    PATH=$PWD/bin:$PATH
    echo rows >ref.csv
    for word in ok warn fail undecided; do
        echo "$word they are $word" >$word.csv
    done
}

monitor() {
    try sh "$ROOT/pipelines/monitor.sh" --reference ref.csv \
        --profile ref.profile --history history.csv "$@"
}

HEADER=time,file,verdict,rows,shifted,smallest_p,largest_effect,error,change,\
low,high,what,size,checksum

# rows: of the history, but for their time.
history_rows() {
    [ "$(head -n 1 history.csv)" = "$HEADER" ] || fail "no header"
    sed '1d; s/^20[0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-9:]*Z,//' history.csv
}

# verdicts: "file verdict" of each row.
verdicts() {
    history_rows | cut -d, -f1-2 | tr ',\n' ' ;'
}

@test "a profile is made once, each file is checked once" {
    stand_in
    monitor --label y -m the.model --tolerate .1 --seed=7 ok.csv
    expect first 0 ""
    expect_empty first out
    expect_text profile "profile of ref.csv" "$(<ref.profile)"
    expect_text making "shift --profile -q --label y -m the.model --seed 7 -o \
ref.profile -- ref.csv" "$(head -n 1 calls)"
    expect_like checking "shift -q --csv -m the.model --tolerate .1 --seed 7 -o \
/*/findings -- ref.profile ok.csv" "$(tail -n 1 calls)"
    expect_text row "ok.csv,ok,200,0,0.5,0.7,0.15,0.05,0.01,0.0912345,,\
$(wc -c <ok.csv),$(cksum <ok.csv | cut -d' ' -f1)" "$(history_rows)"
    monitor ok.csv
    expect again 0 ""
    expect_text "calls" 2 "$(wc -l <calls)"
    monitor --again ok.csv
    expect "--again" 0 ""
    expect_text verdicts "ok.csv ok;ok.csv ok;" "$(verdicts)"
    # another content, another name
    echo "ok still" >ok.csv
    cp ok.csv "a, \"b\" c.csv"
    monitor ok.csv "a, \"b\" c.csv"
    expect other 0 ""
    monitor ok.csv "a, \"b\" c.csv"
    expect_text rows 5 "$(wc -l <history.csv)"
    touch -d '2001-01-01' ok.csv
    monitor ok.csv
    expect_text "another time" 5 "$(wc -l <history.csv)"
    expect_text profiles 1 "$(grep -c -- --profile calls)"
    # nothing else is left, no reference is needed any more
    expect_files left "a, \"b\" c.csv" bin calls fail.csv history.csv \
        history.csv.lock ok.csv ref.csv ref.profile undecided.csv warn.csv
    rm ref.csv
    try sh "$ROOT/pipelines/monitor.sh" --profile ref.profile \
        --history history.csv --again ok.csv
    expect "no reference" 0 ""
}

@test "what is found is told, with what to do, and the status is 3" {
    stand_in
    monitor ok.csv fail.csv
    expect fail 3
    sed 's/20[0-9-]*T[0-9:]*Z/TIME/' err >told
    cat >wanted <<'END'
monitor.sh: fail.csv: fail: they are fail
  TIME: 200 rows, against 1000 of ref.profile; 2 of 3 tests have found a shift
  the error is expected to be 0.15, a change by 0.05 (0.01 to 0.0912)
  fail number x: effect -0.512 (-0.6 to -0.4), p 2e-09: lower
  warn category a, "b" c: effect 0.1 (0.05 to 0.2), p 0.02
  all of it: assay shift --view 'ref.profile' 'fail.csv'
END
    expect_file message wanted told
    expect_text row "fail.csv,fail,200,2,2e-9,0.7,0.15,0.05,0.01,0.0912345,\
\"number x; category a, \"\"b\"\" c\"" "$(history_rows | tail -n 1 |
        sed 's/,[0-9]*,[0-9]*$//')"
    monitor warn.csv
    expect warn 3
    # undecided is told, but no shift
    monitor undecided.csv
    expect undecided 0
    expect_like undecided "monitor.sh: undecided.csv: undecided: *" "$(<err)"
    rm history.csv
    monitor --tell fail undecided.csv warn.csv
    expect "--tell" 0 ""
    expect_text "--tell" "undecided.csv undecided;warn.csv warn;" "$(verdicts)"
    # a gate that somebody set
    echo gate >gate.csv
    monitor --gate 'verdict.effect<.05' gate.csv
    expect gate 3
    expect_text gate "assay shift: gate closed" "$(head -n 1 err)"
    expect_like gate "*; 0 of 1 tests have found a shift*" "$(<err)"
}

@test "--on-shift: the message, the file and the findings" {
    stand_in
    monitor --on-shift 'cat >mail; echo "$MONITOR_VERDICT $MONITOR_FILE"
        cp "$MONITOR_FINDINGS" kept' ok.csv fail.csv undecided.csv
    expect shift 3
    expect_text output "fail fail.csv" "$(<out)"
    expect_file message mail <(grep -v undecided err | head -n 6)
    expect_text findings 7 "$(wc -l <kept)"
    monitor --on-shift 'exit 4' warn.csv
    expect "a command that fails" 3
    expect_text "fails" "monitor.sh: --on-shift failed (4) for 'warn.csv'" \
        "$(tail -n 1 err)"
    # what it leaves behind does not keep others out
    monitor --again --on-shift 'sleep 5 >/dev/null 2>&1 3>&- & echo $! >pid' \
        warn.csv
    monitor --wait 0 ok.csv --again
    expect "left behind" 0 ""
    kill $(<pid)
}

@test "a failure is no shift, and leaves no row" {
    stand_in
    for word in crash error half empty none; do
        echo $word >$word.csv
        monitor $word.csv
        expect $word 1
        [ ! -e history.csv ] || fail "$word: a history" "$(<history.csv)"
    done
    monitor crash.csv
    expect_text crash "monitor.sh: assay shift failed (137): 'crash.csv' is not \
checked" "$(tail -n 1 err)"
    monitor error.csv
    expect error 1 "assay shift: error.csv:7: not a number
monitor.sh: assay shift failed (1): 'error.csv' is not checked"
    monitor half.csv
    expect half 1 "monitor.sh: assay shift has no verdict: 'half.csv' is not \
checked"
    # the others are checked; what has shifted counts
    monitor error.csv ok.csv
    expect "and ok" 1
    expect_text "and ok" "ok.csv ok;" "$(verdicts)"
    monitor error.csv fail.csv
    expect "and fail" 3
    # mended, it is checked
    echo ok >error.csv
    monitor error.csv
    expect mended 0 ""
    monitor nofile.csv
    expect "no file" 1 "monitor.sh: cannot read 'nofile.csv'"
    monitor - <ok.csv
    expect "standard input" 1 "monitor.sh: cannot read '-'"
    monitor "$(printf 'a\nb')"
    expect "two lines" 1
}

@test "the profile cannot be made, the history cannot be written" {
    stand_in
    echo broken >ref.csv
    monitor ok.csv
    expect profile 1 "assay shift: broken
monitor.sh: assay shift --profile failed (1): nothing is checked"
    [ ! -e ref.profile ] || fail "half a profile"
    try sh "$ROOT/pipelines/monitor.sh" --profile ref.profile \
        --history history.csv ok.csv
    expect "no reference" 2 "monitor.sh: there is no 'ref.profile', and no \
--reference to make it of"
    echo rows >ref.csv
    try sh "$ROOT/pipelines/monitor.sh" --reference ref.csv \
        --profile ref.profile --history none/history.csv ok.csv
    expect "no folder" 1 "monitor.sh: cannot write 'none/history.csv.lock'"
    small_books >history.csv
    cp history.csv before
    monitor ok.csv
    expect "not ours" 1 "monitor.sh: 'history.csv' is not a history of \
monitor.sh"
    expect_file "not ours" before history.csv
    # a disk that is full while the row is written: the old rows stay
    rm history.csv
    monitor ok.csv
    cp history.csv before
    mkdir history.csv.new
    monitor fail.csv
    expect "full" 1
    expect_text full "monitor.sh: cannot write 'history.csv': 'fail.csv' counts \
as not checked" "$(tail -n 1 err)"
    expect_file full before history.csv
    rm -r history.csv.new
    monitor fail.csv
    expect "room again" 3
    # through a link
    mkdir elsewhere
    mv history.csv elsewhere/h.csv
    ln -s elsewhere/h.csv history.csv
    monitor warn.csv
    [ -h history.csv ] || fail "the link is gone"
    expect_text link "ok.csv ok;fail.csv fail;warn.csv warn;" "$(verdicts)"
}

@test "never two runs at once" {
    stand_in
    echo wait >wait.csv
    sh "$ROOT/pipelines/monitor.sh" --reference ref.csv --profile ref.profile \
        --history history.csv wait.csv 3>&- &
    pid=$!
    until_true test -e waiting
    monitor --wait 0 ok.csv
    expect "too late" 1 "monitor.sh: another run has 'history.csv', still after \
0 seconds"
    [ ! -e history.csv ] || fail "a history"
    sh "$ROOT/pipelines/monitor.sh" --reference ref.csv --profile ref.profile \
        --history history.csv ok.csv 3>&- &
    other=$!
    sleep .1
    [ ! -e history.csv ] || fail "it did not wait"
    rm waiting
    wait $pid
    wait $other
    expect_text both "wait.csv ok;ok.csv ok;" "$(verdicts)"
    expect_text "profile once" 1 "$(grep -c -- --profile calls)"
    # one that was killed does not keep others out, and has left no row
    sh "$ROOT/pipelines/monitor.sh" --profile ref.profile --history history.csv \
        --again wait.csv 3>&- &
    pid=$!
    until_true test -e waiting
    kill -9 $pid
    rm waiting
    monitor --wait 5 fail.csv
    expect killed 3
    expect_text killed "wait.csv ok;ok.csv ok;fail.csv fail;" "$(verdicts)"
}

@test "under cron: no terminal, no HOME, no locale, a short PATH" {
    stand_in
    mkdir -p root/share/assay/pipelines root/bin
    cp "$ROOT"/pipelines/*.sh root/share/assay/pipelines
    cp bin/assay root/bin
    chmod +x root/share/assay/pipelines/monitor.sh
    # what `make install` puts beside it goes before /usr/local/bin
    [ ! -e /usr/bin/assay ] && [ ! -e /bin/assay ] || skip "an assay is there"
    try env -i PATH=/usr/bin:/bin setsid \
        root/share/assay/pipelines/monitor.sh --reference ref.csv \
        --profile ref.profile --history history.csv fail.csv <&-
    expect cron 3
    expect_text lines 6 "$(wc -l <err)"
    expect_text row "fail.csv fail;" "$(verdicts)"
    try env -i setsid root/share/assay/pipelines/monitor.sh --profile \
        ref.profile --history history.csv warn.csv
    expect "no PATH at all" 3
    [ ! -e /usr/local/bin/assay ] || return 0
    rm root/bin/assay
    try env -i setsid root/share/assay/pipelines/monitor.sh --profile \
        ref.profile --history history.csv ok.csv
    expect "no assay" 1
    expect_like "no assay" "monitor.sh: no assay on the PATH (*)" "$(<err)"
}

@test "--findings: all of every check" {
    stand_in
    monitor --findings all.csv fail.csv
    expect_like calls "* --append all.csv --stamp time=20*Z --stamp \
file=fail.csv -o *" "$(tail -n 1 calls)"
    time=$(sed -n '2s/,.*//p' history.csv)
    expect_like time "* --stamp time=$time *" "$(tail -n 1 calls)"
}

@test "--plot: text on a terminal, a file with -o" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    stand_in
    monitor ok.csv warn.csv fail.csv undecided.csv
    try setsid sh "$ROOT/pipelines/monitor.sh" --plot history.csv
    expect text 0 ""
    grep -q "tests that have found a shift" out || fail "no title" "$(<out)"
    grep -q "expected change of the error" out || fail "no change" "$(<out)"
    expect_like last "check 1: 20??-??-??
check 4: 20??-??-??" "$(tail -n 2 out)"
    for type in png svg pdf; do
        try sh "$ROOT/pipelines/monitor.sh" --plot=history.csv -o drawn.$type
        expect $type 0 ""
        expect_empty $type out
        [ "$(wc -c <drawn.$type)" -gt 3000 ] || fail "$type: too small"
    done
    grep -q "<title>Gnuplot" drawn.svg || fail "no svg"
    # the marks of the four are there: impulses of warn and of fail
    try sh "$ROOT/pipelines/monitor.sh" --plot history.csv -o drawn.gif
    expect gif 2 "monitor.sh: -o: 'drawn.gif' does not end in .png, .svg or .pdf"
    echo "$HEADER" >none.csv
    try sh "$ROOT/pipelines/monitor.sh" --plot none.csv
    expect none 1 "monitor.sh: 'none.csv' has no check to draw"
    try sh "$ROOT/pipelines/monitor.sh" --plot ref.csv
    expect other 1 "monitor.sh: 'ref.csv' is not a history of monitor.sh"
    try sh "$ROOT/pipelines/monitor.sh" --plot nofile.csv
    expect nofile 1 "monitor.sh: cannot read 'nofile.csv'"
    expect_files left bin calls drawn.pdf drawn.png drawn.svg fail.csv \
        history.csv history.csv.lock none.csv ok.csv ref.csv ref.profile \
        undecided.csv warn.csv
}

@test "--help, and wrong usage" {
    stand_in
    monitor --help
    expect help 0 ""
    expect_like help "Usage: monitor.sh --profile FILE *" "$(<out)"
    cp out help
    monitor
    expect "no file" 2
    expect_file "no file" help err
    try sh "$ROOT/pipelines/monitor.sh" --history h.csv ok.csv
    expect "no profile" 2
    monitor --tell good ok.csv
    expect tell 2 "monitor.sh: --tell: 'good' is not fail, warn, undecided or ok"
    monitor --tell '*' ok.csv
    expect tell 2 "monitor.sh: --tell: '*' is no list of verdicts"
    monitor --wait long ok.csv
    expect wait 2 "monitor.sh: --wait: 'long' is not a number of seconds"
    monitor -o x.png ok.csv
    expect output 2 "monitor.sh: -o is for --plot"
    monitor --by year ok.csv
    expect by 2 "monitor.sh: --by does not go with a history"
    monitor --strict ok.csv
    expect strict 2 "monitor.sh: --strict does not go with a history"
    monitor ok.csv --label
    expect label 2 "monitor.sh: --label needs a value"
    [ ! -e calls ] || fail "assay was called"
    # names that look like options, and a value with quotes
    echo ok >-x.csv
    monitor --exclude "it's, \"x\"" -- -x.csv
    expect names 0 ""
    expect_like quotes "*--exclude it's, \"x\" -o *" "$(head -n 1 calls)"
}

# ---- with assay itself ----

# rows SEED N MOVE: id, x, kind and a label.
rows() {
    awk -v seed="$1" -v n="$2" -v move="$3" 'BEGIN {
        srand(seed)
        print "id,x,kind,y"
        for (i = 1; i <= n; i++)
            printf "%d,%.3f,%s,%s\n", i, rand() + rand() + rand() + move,
                rand() < .3 ? "b" : "a", rand() < .5 ? "no" : "yes"
    }'
}

@test "assay shift: rows of the reference's kind are ok, others are not" {
    rows 1 2000 0 >ref.csv
    rows 2 500 0 >same.csv
    rows 3 500 .5 >"the moved.csv"
    monitor --label y --findings all.csv same.csv "the moved.csv"
    expect shift 3
    expect_text verdicts "same.csv ok;the moved.csv fail;" "$(verdicts)"
    expect_like message "monitor.sh: the moved.csv: fail: shifted (number x*" \
        "$(head -n 1 err)"
    grep -q "^  fail number x: effect " err || fail "no column" "$(<err)"
    [ "$(grep -c '^verdict,' all.csv)" -eq 2 ] || fail "findings" "$(<all.csv)"
    expect_text stamps "time,file" "$(head -n 1 all.csv | cut -d, -f16-)"
    # what it says is to be tried next can be tried
    try sh -c "$(sed -n 's/^  all of it: //p' err)"
    expect next 0
    [ -s out ] || fail "nothing is shown"
    # the profile's maker failed: no row
    echo "id,x,kind,y" >bad.csv
    echo "1,oops,a,no" >>bad.csv
    monitor bad.csv
    [ "$status" -ne 3 ] || fail "a bad file is a shift"
    # a run over the rows that made the profile finds nothing
    monitor ref.csv
    expect "the reference" 0 ""
}
