# pipelines/tune-slurm.sh: trials that the tasks of a Slurm array job run.
load tune_helpers

setup_file() {
    local status=0

    export SLURM=$BATS_FILE_TMPDIR/slurm CANNOT=
    sh "$BATS_TEST_DIRNAME/slurm_here.sh" start "$SLURM" \
        2>"$BATS_FILE_TMPDIR/why" 3>&- || status=$?
    [ "$status" -ne 3 ] || CANNOT=$(<"$BATS_FILE_TMPDIR/why")
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    export SLURM_CONF=$SLURM/slurm.conf
}

teardown_file() {
    sh "$BATS_TEST_DIRNAME/slurm_here.sh" stop "$SLURM"
}

needs_slurm() {
    [ -z "$CANNOT" ] || skip "$CANNOT"
}

search=(--log log.csv --method random --space)

asked() {
    [ -e log.csv ] && grep -q "^$1,asked," log.csv
}

no_job() {
    [ -z "$(squeue -h)" ]
}

@test "two tasks share a search, and the best is written" {
    needs_slurm
    pipeline tune-slurm.sh --array 2 --trials 6 "${search[@]}" \
        'x=0..1 kind="it'\''s"' \
        -- 'echo "$SLURM_ARRAY_TASK_ID" {kind} >>seen; sleep .2; echo {x}'
    expect run 0
    expect_over run log.csv 6
    expect_best run log.csv out
    expect_text tasks "1 it's 2 it's" "$(sort -u seen | xargs -d '\n')"
    expect_text lines 6 "$(cat log.csv.task-1 log.csv.task-2 | wc -l)"
    expect_files run log.csv log.csv.task-1 log.csv.task-2 seen
    pipeline tune-slurm.sh --array 1 --log log.csv --space x=0..2 -- 'echo 1'
    expect "another search" 1
    grep -q "^tune-slurm.sh: 1 of 1 tasks failed: see log.csv.task-" err ||
        fail "another search" "$(<err)"
}

@test "a signal cancels the job, the same command goes on" {
    needs_slurm
    sh "$ROOT/pipelines/tune-slurm.sh" --array 2 --trials 3 "${search[@]}" \
        x=0..1 -- 'echo >>started; [ $trial = 1 ] || sleep 20 || exit; echo {x}' \
        >out 2>err 3>&- &
    pid=$!
    until_true asked 3
    kill $pid
    status=0
    wait $pid || status=$?
    expect stopped 0
    expect_best stopped log.csv out
    expect_text "one is done" 1 "$(events log.csv done)"
    until_true no_job
    pipeline tune-slurm.sh --sbatch '--comment=x --requeue' --log log.csv \
        -- 'echo {x}'
    expect on 0
    expect_over on log.csv 3
}

@test "wrong usage" {
    needs_slurm
    pipeline tune-slurm.sh --help
    expect help 0 ""
    expect_like help "Usage: tune-slurm.sh *" "$(<out)"
    pipeline tune-slurm.sh --log log.csv --array x -- echo 1
    expect array 2 "tune-slurm.sh: --array: 'x' is not a whole number from 1"
    pipeline tune-slurm.sh --log log.csv --space x=0..1
    expect "no command" 2
    pipeline tune-slurm.sh --log log.csv --space x=0..1 --sbatch --nonsense \
        -- echo 1
    [ "$status" -ne 0 ] || fail "options of sbatch"
    expect_like sbatch "*nonsense*" "$(<err)"
    expect_files "nothing was made"
}
