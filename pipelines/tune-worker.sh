#!/bin/sh
# tune-worker.sh: one worker of a search: asks for a trial, runs a command for
# it, tells what came of it, until the search is over.  tune-parallel.sh and
# tune-slurm.sh start many.
#
#   tune-worker.sh --log trials.csv --space 'x=0..1' -- ./program --x {x}
set -eu

usage() {
    cat <<'EOT'
Usage: tune-worker.sh --log FILE [OPTION...] -- COMMAND...

  --log FILE        the search; as many workers as you like may share it
  --timeout TIME    a COMMAND that takes longer is ended, and has failed; a
                    trial of which nobody told for that long is asked again (1d)
  --on HOST         run COMMAND there, by GNU parallel and ssh (:, which is
                    here, by neither)
  --again DIR       first run what is there, a trial a file
  --fill N          run nothing, but ask for N trials, into the DIR of --again,
                    those among them that were asked for before: to be called
                    while no worker runs
  --OPTION VALUE    for assay tune --ask: --space, --method, --trials, --seed

COMMAND is joined by blanks and given to sh -c.  {NAME} is replaced by a
hyperparameter, by trial or by trial_seed; they are in its environment, too.
The number on its last line is made small, or the column objective of the last
row, where it writes a CSV.
EOT
}

me=tune-worker.sh own='log timeout on again fill'
log='' timeout=1d on=: again='' fill=''
# shellcheck source=pipelines/tune-options.sh
. "$(dirname "$0")/tune-options.sh"
command -v assay >/dev/null || fail "no assay on the PATH"

# A little more, so that a command that is too slow is told, not asked again.
patience=$(printf '%s\n' "$timeout" | awk '
    /^[0-9]*\.?[0-9]+[smhd]?$/ {
        unit["m"] = 60; unit["h"] = 3600; unit["d"] = 86400
        last = substr($0, length($0))
        print $0 * (last in unit ? unit[last] : 1) + 2
    }')
[ -n "$patience" ] ||
    fail "--timeout: '$timeout' is not a time like 90, 30s, 10m or 1.5h" 2

# Trials that were asked for, and of which nobody has told.
pending() {
    [ -e "$log" ] || { echo 0; return; }
    awk -F, '/^[0-9]+,[a-z]/ { state[$1] = $2 }
        END {
            for (trial in state)
                n += state[trial] == "asked"
            print n + 0
        }' "$log"
}

ask() {
    number=$1
    shift
    assay tune -q --csv --ask "$number" --log "$log" "$@"
}

if [ -n "$fill" ]; then
    mkdir -p "$again"
    left=$(pending)
    if [ "$left" -gt 0 ]; then # ask again at once: nobody runs them
        sleep 1
        [ "$fill" -ge "$left" ] || fill=$left
    fi
    [ "$fill" -gt 0 ] || exit 0
    asked=$(ask "$fill" --timeout .001 "$@")
    printf '%s\n' "$asked" | awk -F, -v folder="$again" '
        NR == 1 { header = $0; next }
        { print header "\n" $0 >(folder "/" $1); close(folder "/" $1) }'
    exit
fi

# ---- one trial ----

# From a configuration (a header and a row) to what runs COMMAND for it and
# ends with a line that says how it went: without it the host is no more.
script() {
    COMMAND=$command TIMEOUT=$timeout awk "$csv_cut"'
    function quote(word) {
        gsub(/\047/, "\047\\\047\047", word)
        return "\047" word "\047"
    }
    function is_plain(word) {
        return word ~ /^[A-Za-z0-9_+.\/:,%@=-]+$/
    }
    # {name} into its value, but not within what was replaced already
    function expand(text,    done, at, i, found, word) {
        while ((at = index(text, "{")) > 0) {
            done = done substr(text, 1, at - 1)
            text = substr(text, at)
            found = 0
            for (i = 1; i <= n && !found; i++)
                if (index(text, "{" name[i] "}") == 1)
                    found = i
            if (found) {
                word = value[found]
                done = done (is_plain(word) ? word : quote(word))
                text = substr(text, length(name[found]) + 3)
            } else {
                done = done "{"
                text = substr(text, 2)
            }
        }
        return done text
    }
    NR == 1 { n = cut($0, name); next }
    { cut($0, value) }
    END {
        for (i = 1; i <= n; i++)
            if (name[i] !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
                continue
            else if (value[i] == "")
                print "unset " name[i]
            else
                print "export " name[i] "=" quote(value[i])
        print "limit="
        print "if command -v timeout >/dev/null; then"
        print "    limit=" quote("timeout -k 1 " ENVIRON["TIMEOUT"])
        print "fi"
        print "$limit sh -c " quote(expand(ENVIRON["COMMAND"])) " </dev/null &"
        print "trap \"kill $!; exit 1\" HUP INT TERM"
        print "wait $!"
        print "printf \"\\n%s %s\\n\" assay-tune-worker $?"
    }'
}

# From what the script printed to what is told of it, or nothing.
outcome() {
    awk -v trial="$1" "$csv_cut"'
    function number(text) {
        gsub(/^[ \t]+|[ \t]+$/, "", text)
        return text ~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/
    }
    function tell(objective, error, loss, epochs, state, note) {
        OFS = ","
        print "trial,objective,val_error,val_loss,epochs_run,state,note"
        print trial, objective, error, loss, epochs, state, note
    }
    # the cell of the last row, where it is a number
    function at(column,    i) {
        for (i = 1; i <= width; i++)
            if (name[i] == column && number(cell[i]))
                return cell[i]
        return ""
    }
    { sub(/\r$/, "") }
    /^assay-tune-worker [0-9]+$/ { status = $2; ended = NR }
    !/^[ \t]*$/ && ended != NR {
        last = $0
        if (/objective/ && (found = cut($0, cell)))
            for (i = 1; i <= found; i++)
                if (cell[i] == "objective")
                    width = cut($0, name)
    }
    END {
        if (!ended || ended != NR)
            exit
        is_row = width && cut(last, cell) == width
        if (status == 124)
            tell("", "", "", "", "failed", "timeout")
        else if (status > 128 && status <= 192)
            tell("", "", "", "", "failed", "signal " status - 128)
        else if (status > 0)
            tell("", "", "", "", "failed", "exit " status)
        else if (is_row && at("objective") != "")
            tell(at("objective"), at("val_error"), at("val_loss"),
                at("epochs_run"), "done", "")
        else if (!is_row && number(last))
            tell(last, "", "", "", "done", "")
        else
            tell("", "", "", "", "failed", "no number")
    }'
}

# Runs a script on the host.  1/ saves asking it for its number of cores; parallel
# guesses a shell, wrongly at times, where nothing says which.
run() {
    if [ "$on" = : ]; then
        sh
    else
        PARALLEL_SHELL=/bin/sh \
            parallel --will-cite --ungroup --pipe --block 100M --jobs 1 \
            --sshlogin "1/$on" sh
    fi
}

# ---- all of them ----

# A trial that is to be run again, from the folder of --again.
take() {
    mine=$again/.$(uname -n).$$
    for file in "$again"/*; do
        if mv "$file" "$mine" 2>/dev/null; then
            row=$(cat "$mine")
            rm -f "$mine"
            return
        fi
    done
    return 1
}

give_back() {
    [ -n "$again" ] || return 0
    printf '%s\n' "$row" >"$mine"
    mv "$mine" "$again/$trial"
}

newline='
'
failures=0 nap=.2
while :; do
    before=$(pending)
    if [ -z "$again" ] || ! take; then
        row=$(ask 1 --timeout "$patience" "$@")
    fi
    if [ "$row" = "${row#*"$newline"}" ]; then # the header alone
        [ "$before" -gt 0 ] || [ "$(pending)" -gt 0 ] || break
        sleep "$nap"
        case $nap in .*) nap=1 ;; 30) ;; *) nap=$((nap + 1)) ;; esac
        continue
    fi
    trial=${row#*"$newline"}
    trial=${trial%%,*}
    nap=.2
    told=$(printf '%s\n' "$row" | script | run | outcome "$trial") || true
    if [ -n "$told" ]; then
        failures=0
        printf '%s\n' "$told" |
            assay tune -q --csv --tell --log "$log" >/dev/null
        printf '%s\n' "$told" | awk -F, -v on="$on" 'NR > 1 {
            print "trial " $1 ": " ($7 == "" ? $2 : $7) \
                (on == ":" ? "" : " on " on) }' >&2
        continue
    fi
    give_back
    failures=$((failures + 1))
    [ "$failures" -lt 8 ] || fail "no answer from '$on': given up"
    echo "tune-worker.sh: trial $trial: no answer from '$on'" >&2
    sleep "$failures"
done
