# pipelines/tune-parallel.sh and tune-worker.sh: trials that GNU parallel runs,
# here and on hosts.
load tune_helpers

search=(--log log.csv --method random --space)

@test "every trial is run once, and the best is written" {
    pipeline tune-parallel.sh --jobs 2 --trials 7 "${search[@]}" 'x=0..1 y=2..3' \
        -- 'echo "{x} $x {y} $y {trial} $trial {trial_seed} $trial_seed" \
        >>seen; echo {x}'
    expect run 0
    expect_over run log.csv 7
    expect_best run log.csv out
    expect_text header "x,y" "$(head -n 1 out | cut -d, -f1-2)"
    expect_text progress 7 "$(grep -c '^trial [0-9]*: 0\.' err)"
    # what the command saw is what was asked
    awk -F, '$2 == "asked" { print $8, $8, $9, $9, $1, $1, $7, $7 }' log.csv |
        sort >asked
    sort -o seen seen
    expect_file values asked seen
    # over is over
    rm seen
    pipeline tune-parallel.sh --log=log.csv -- 'echo >>seen; echo {x}'
    expect again 0
    expect_over again log.csv 7
    expect_best again log.csv out
    [ ! -e seen ] || fail "a finished search ran something"
}

@test "values are quoted, other braces are left alone" {
    pipeline tune-parallel.sh --jobs 1 --trials 4 "${search[@]}" \
        'x=0..1 kind="it'\''s","on paper, print" m=1..2 if kind=it'\''s b-c=0..1' \
        -- 'test {kind} = "$kind" && echo {kind}"|"{m}"|${m+set}" >>seen;' \
        'echo "{} {#} {1} {.} {=1=} {kind {X} {{trial}} \t %s" >>braces;' \
        "awk 'BEGIN { print {x} + 0 * {b-c} }'"
    expect run 0
    expect_over run log.csv 4
    awk -F, '$2 == "asked" && !/paper/ { print "it'\''s|" $10 "|set" }
        $2 == "asked" && /paper/ { print "on paper, print||" }' log.csv |
        sed 's/\(it.s|\)[^|]*/\1m/' | sort >wanted
    sed 's/\(it.s|\)[0-9.]*/\1m/' seen | sort >got
    expect_file kinds wanted got
    expect_text braces '{} {#} {1} {.} {=1=} {kind {X} {1}' \
        "$(sort braces | head -n 1 | cut -c1-34)"
}

outcomes() {
    awk -F, '$2 == "done" || $2 == "failed" {
        print $1, $2, $3, $4, $5, $6, $9 }' log.csv
}

@test "what counts as a number, and what is a failure" {
    cat >program <<'END'
case $1 in
1) echo 1; exit 3 ;;
2) kill -9 $$ ;;
3) echo "loss 0.5" ;;
4) exec sleep 20 ;;
5) echo nan ;;
6) printf 'noise\n\n -1.5e-3 \r\n\n' ;;
7) printf 'note\nepoch,val_error,"objective",epochs_run,val_loss,name\n'
   printf '1,,9,1,,a\n2,0.25,0.125,2,0.7,"on paper, print"' ;;
8) printf 'a,objective\n1,\n' ;;
9) ;;
10) printf 'a,objective\n1,2\n5\n' ;;
esac
END
    pipeline tune-worker.sh --timeout .3 --trials 10 "${search[@]}" x=0..1 \
        -- 'sh program $trial'
    expect run 0
    outcomes >got
    cat >wanted <<'END'
1 failed    0 exit 3
2 failed    0 signal 9
3 failed    0 no number
4 failed    0 timeout
5 failed    0 no number
6 done -0.0015   0 
7 done 0.125 0.25 0.7 2 
8 failed    0 no number
9 failed    0 no number
10 done 5   0 
END
    expect_file outcomes wanted got
    # --command has the same word for each
    rm log.csv
    try assay tune --command 'sh program $trial' --workers 1 --timeout .3 \
        --trials 10 "${search[@]}" x=0..1 --repeat 0
    expect command 0
    outcomes >got
    expect_file "--command" wanted got
}

# started N: as many commands have been started.
started() {
    [ -e pids ] && [ "$(wc -l <pids)" -ge "$1" ]
}

gone() {
    local pid

    for pid in $(<pids); do
        [ ! -e "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" ||
            return 1
    done
}

@test "a signal ends it, the same command goes on" {
    env --default-signal=INT sh "$ROOT/pipelines/tune-parallel.sh" \
        --jobs 2 --trials 5 "${search[@]}" x=0..1 \
        -- 'echo $$ >>pids; [ $trial = 1 ] || sleep 20; echo {x}' \
        >out 2>err 3>&- &
    pid=$!
    until_true started 3
    kill -INT $pid
    status=0
    wait $pid || status=$?
    expect stopped 0
    until_true gone
    expect_text "one is done" 1 "$(events log.csv done)"
    grep -qx "tune-parallel.sh: stopped; the same command .* 'log.csv'" err ||
        fail "says nothing" "$(<err)"
    expect_best stopped log.csv out
    pipeline tune-parallel.sh --jobs 2 --log log.csv -- 'echo {x}'
    expect on 0
    expect_over on log.csv 5
}

@test "a worker is killed: its trial is asked again after --timeout" {
    sh "$ROOT/pipelines/tune-worker.sh" --trials 2 "${search[@]}" x=0..1 \
        -- 'echo $$ >>pids; exec sleep 20' >out 2>err 3>&- &
    pid=$!
    until_true started 1
    kill -9 $pid
    kill $(<pids)
    pipeline tune-worker.sh --timeout .1 --log log.csv -- 'echo {x}'
    expect other 0
    expect_over other log.csv 2
    expect_text asked 3 "$(events log.csv asked)"
}

@test "hosts: nothing is needed there, and one that is gone is left out" {
    cat >ssh <<'END'
#!/bin/sh
# ssh, but for the network
while :; do
    case $1 in
    -[bcDEeFIiJLlmOopQRSWw]) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
host=$1
shift
[ "$1" != -- ] || shift
[ "$host" != gone ] || exit 255
cd / && HOST=$host PATH=/usr/bin:/bin exec sh -c "$*"
END
    chmod +x ssh
    printf '# mine\n2/alpha\n\n  gone\n:\n' >hosts
    unset SHELL # as in many a container
    PARALLEL_SSH=$PWD/ssh pipeline tune-parallel.sh --hosts hosts --trials 6 \
        "${search[@]}" 'x=0..1 kind="it'\''s",b' \
        -- 'test "$kind" = {kind} || exit 1; sleep .2; cat; echo "{x}"'
    expect hosts 0
    expect_over hosts log.csv 6
    grep -q "^trial [0-9]*: .* on alpha$" err || fail "alpha did nothing" "$(<err)"
    grep -q "no answer from 'gone'" err || fail "gone was not asked" "$(<err)"
    if grep -q ":.* on gone$" err; then fail "gone answered"; fi
}

@test "wrong usage" {
    for script in tune-parallel.sh tune-worker.sh; do
        pipeline $script --help
        expect $script 0 ""
        expect_like $script "Usage: $script *" "$(<out)"
        pipeline $script --log
        expect "$script: no value" 2 "$script: --log needs a value"
        pipeline $script log.csv
        expect "$script: a word" 2 \
            "$script: COMMAND stands behind --, not 'log.csv'"
        pipeline $script --log log.csv --space x=0..1
        expect "$script: no command" 2
        pipeline $script --space x=0..1 -- echo 1
        expect "$script: no log" 2
        pipeline $script --log log.csv --timeout soon --space x=0..1 -- echo 1
        expect "$script: timeout" 2 \
            "tune-worker.sh: --timeout: 'soon' is not a time like 90, 30s, 10m or 1.5h"
    done
    pipeline tune-parallel.sh --log log.csv --jobs 0 -- echo 1
    expect jobs 2 "tune-parallel.sh: --jobs: '0' is not a whole number from 1"
    pipeline tune-parallel.sh --log log.csv --hosts none -- echo 1
    expect hosts 1 "tune-parallel.sh: cannot read 'none'"
    echo '# nobody' >none
    pipeline tune-parallel.sh --log log.csv --hosts none -- echo 1
    expect hosts 1 "tune-parallel.sh: no host in 'none'"
    pipeline tune-parallel.sh --log log.csv --space 'x=1..0' -- echo 1
    [ "$status" -ne 0 ] || fail "a space that is none"
    expect_like space "assay tune: *" "$(<err)"
    expect_files "nothing was made" none
}
