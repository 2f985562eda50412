#!/bin/sh
# tune-parallel.sh: a search whose trials GNU parallel runs, here or on hosts
# that need no file of ours: configurations are sent there, results come back.
#
#   tune-parallel.sh --hosts hosts --log trials.csv --space 'x=0..1' \
#       -- ./program --x {x}
#
# Writes the best configuration.  The same command goes on where it was stopped.
set -eu

usage() {
    cat <<'EOT'
Usage: tune-parallel.sh --log FILE [OPTION...] -- COMMAND...

  --log FILE        the search, and where it goes on
  --hosts FILE      a line a host, as ssh takes it, or N/HOST for N trials at
                    once there; : is this machine
  --jobs N          trials at once, on each host (1; without --hosts a trial a
                    core)
  --timeout TIME    a COMMAND that takes longer is ended, and has failed; a
                    trial of which nobody told for that long is asked again (1d)
  --OPTION VALUE    for assay tune --ask: --space, --method, --trials, --seed

COMMAND is what tune-worker.sh takes.  On another host it begins in the home
folder.  A signal ends the search, and what runs here; a COMMAND on another host
runs to its end, for nothing.  The exit status is 0 then, too.
EOT
}

me=tune-parallel.sh own='log hosts jobs' log='' hosts='' jobs=''
# shellcheck source=pipelines/tune-options.sh
. "$(dirname "$0")/tune-options.sh"
case $jobs in
*[!0-9]* | 0*) fail "--jobs: '$jobs' is not a whole number from 1" 2 ;;
esac
case $(parallel --version 2>/dev/null) in
*"GNU parallel"*) ;;
*) fail "no GNU parallel on the PATH" ;;
esac
[ -z "$hosts" ] || [ -r "$hosts" ] || fail "cannot read '$hosts'"
worker=$(dirname "$0")/tune-worker.sh

# A line for each trial that may run at once: the host.
slots() {
    if [ -n "$hosts" ]; then
        awk -v jobs="${jobs:-1}" '
            { sub(/#.*/, ""); gsub(/^[ \t]+|[ \t\r]+$/, "") }
            $0 == "" { next }
            {
                n = jobs
                if (match($0, /^[0-9]+\//)) {
                    n = substr($0, 1, RLENGTH - 1)
                    $0 = substr($0, RLENGTH + 1)
                }
                while (n-- > 0)
                    print
            }' "$hosts"
    else
        yes : | head -n "${jobs:-$(nproc)}"
    fi
}

scratch=$(mktemp -d)
pid=
stop() {
    stopped=1
    # the first is a wish, the second ends what runs
    [ -z "$pid" ] || { kill "$pid" && kill "$pid"; } 2>/dev/null || true
}
stopped=
trap 'rm -rf "$scratch"' EXIT
trap stop INT TERM HUP

slots >"$scratch/slots"
n=$(wc -l <"$scratch/slots")
[ "$n" -gt 0 ] || fail "no host in '$hosts'"

# The first trials; what an earlier run has left unfinished is among them.
mkdir "$scratch/again"
sh "$worker" --fill "$n" --again "$scratch/again" --log "$log" "$@" -- "$command"

# No command of its own: words in braces mean nothing to parallel then.
while IFS= read -r host; do
    printf 'exec%s\0' "$(quoted sh "$worker" --on "$host" \
        --again "$scratch/again" --log "$log" "$@" -- "$command")"
done <"$scratch/slots" >"$scratch/commands"
PARALLEL_SHELL=/bin/sh \
    parallel --will-cite --ungroup --null --jobs "$n" <"$scratch/commands" &
pid=$!
status=0
while kill -0 "$pid" 2>/dev/null; do # a trap ends wait early
    status=0
    wait "$pid" || status=$?
done

if [ -n "$stopped" ]; then
    echo "tune-parallel.sh: stopped; the same command goes on from '$log'" >&2
    assay tune --best "$log" || true
    exit 0
fi
assay tune --best "$log"
[ "$status" -eq 0 ] || fail "$status of $n workers failed"
