#!/bin/sh
# tune-slurm.sh: a search whose trials the tasks of a Slurm array job run, each
# one after the other, around one log on a file system that they share.
#
#   tune-slurm.sh --array 8 --timeout 2h --log trials.csv --space 'x=0..1' \
#       -- ./program --x {x}
#
# Waits for the job and writes the best configuration.  The same command goes on
# where it was stopped.
set -eu

usage() {
    cat <<'EOT'
Usage: tune-slurm.sh --log FILE [OPTION...] -- COMMAND...

  --log FILE        the search, and where it goes on
  --array N         tasks, each of which runs a trial at a time (4)
  --sbatch OPTIONS  for sbatch: '--partition=long --cpus-per-task=4'
  --timeout TIME    a COMMAND that takes longer is ended, and has failed; a
                    trial of which nobody told for that long is asked again (1d)
  --OPTION VALUE    for assay tune --ask: --space, --method, --trials, --seed

COMMAND is what tune-worker.sh takes.  What task N says is in LOG.task-N.  A
signal cancels the job.
EOT
}

me=tune-slurm.sh own='log array sbatch' log='' array=4 sbatch=''
# shellcheck source=pipelines/tune-options.sh
. "$(dirname "$0")/tune-options.sh"
case $array in
'' | *[!0-9]* | 0*) fail "--array: '$array' is not a whole number from 1" 2 ;;
esac
command -v sbatch >/dev/null || fail "no sbatch on the PATH"
worker=$(cd "$(dirname "$0")" && pwd)/tune-worker.sh

# What an earlier run has left unfinished goes first.
again=$log.again
rm -rf "$again"
sh "$worker" --fill 0 --again "$again" --log "$log" "$@" -- "$command"
trap 'rm -rf "$again"' EXIT

job='' stopped=''
stop() {
    stopped=1
    [ -z "$job" ] || scancel "$job" || true
}
trap stop INT TERM HUP

# shellcheck disable=SC2016,SC2086 # for the task; options are several
job=$(printf '#!/bin/sh\nset -e\n%s\n: >%s/.over-"$SLURM_ARRAY_TASK_ID"\n' \
    "$(quoted sh "$worker" --again "$again" --log "$log" "$@" -- "$command")" \
    "$(quoted "$again")" |
    sbatch --parsable --array="1-$array" --job-name=tune \
        --output="$log.task-%a" $sbatch)
job=${job%%;*}
echo "tune-slurm.sh: job $job: $array tasks" >&2

# A controller that does not answer is no end of the job.
runs() {
    if queue=$(squeue -h -j "$job" 2>&1); then
        [ -n "$queue" ]
    else
        case $queue in *"Invalid job id"*) return 1 ;; esac
    fi
}

nap=1
while [ -z "$stopped" ] && runs; do
    sleep "$nap" & # which a signal does not wait for
    wait $! || true
    [ "$nap" -ge 10 ] || nap=$((nap + 1))
done

if [ -n "$stopped" ]; then
    echo "tune-slurm.sh: stopped; the same command goes on from '$log'" >&2
    assay tune --best "$log" || true
    exit 0
fi
failed=$((array - $(find "$again" -name '.over-*' | wc -l)))
[ "$failed" -eq 0 ] ||
    echo "tune-slurm.sh: $failed of $array tasks failed: see $log.task-*" >&2
assay tune --best "$log"
[ "$failed" -eq 0 ]
