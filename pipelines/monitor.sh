#!/bin/sh
# monitor.sh: has the world changed?  For cron: holds each new file against a
# profile of the reference, keeps a history of a row a file, and speaks only
# when something is found.
#
#   monitor.sh --reference ref.csv --profile ref.profile \
#       --history history.csv --label genre incoming/*.csv
#   monitor.sh --plot history.csv -o history.png
set -eu

usage() {
    cat <<'EOT'
Usage: monitor.sh --profile FILE --history FILE [OPTION...] NEW...
       monitor.sh --plot HISTORY [-o FILE]

  --profile FILE    what new files are held against; made of --reference where
                    it is not there (to have it made anew, remove it)
  --reference FILE  the rows it is made of
  --history FILE    a row for each NEW: added when it is checked, all or nothing
  --model FILE      look at its predictions, too
  --on-shift CMD    sh -c CMD for each NEW that has shifted: the message is its
                    input; MONITOR_FILE, MONITOR_VERDICT, and MONITOR_FINDINGS, a
                    file with all findings, are in its environment
  --tell VERDICTS   of which to write on standard error
                    (fail,warn,undecided); others are in the history only
  --findings FILE   adds all findings of every check, with time and file
  --again           check files that the history has, too
  --wait SECONDS    how long to wait for another run that has the history (3600)
  --OPTION VALUE    for assay shift: when the profile is made (--label, --id,
                    --features, --exclude, --type, --missing, --group, --time,
                    --weight, --shape, --on, --accuracy, --sample), when NEW is
                    checked (--tolerate, --gate), or at both
  --plot HISTORY    draw it: as text, or into FILE (.png, .svg or .pdf)

Exit status: 0 nothing was found that is told; 3 a NEW has shifted (fail, warn,
or a closed --gate); 1 something failed, and that NEW is not in the history, so
that the next run checks it; 2 wrong usage.  3 if both: what has shifted is told
once.  A NEW of the same name and content is checked once.

Needs assay and flock (gnuplot for --plot) on the PATH, or else where `make
install` put assay with this script, or in /usr/local/bin, /usr/bin or /bin.
EOT
}

fail() { # MESSAGE [STATUS]
    echo "monitor.sh: $1" >&2
    exit "${2:-1}"
}

# cron has a PATH of its own, and neither HOME nor a locale.
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
here=$(cd "$here" && pwd)
case $here in
*/share/assay/pipelines) PATH=${PATH:+$PATH:}${here%/share/*}/bin ;;
esac
PATH=${PATH:+$PATH:}/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL

need() { # PROGRAM
    command -v "$1" >/dev/null || fail "no $1 on the PATH ($PATH)"
}

# shellcheck source=pipelines/words.sh
. "$here/words.sh"

# ---- options ----

reference='' profile='' history='' command='' findings='' plot='' output=''
tell=fail,warn,undecided again='' patience=3600 making='' checking=''

left=$#
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
    --help) usage; exit 0 ;;
    --again) again=1; continue ;;
    -q | --quiet) continue ;; # it is
    --skip-bad)
        making="$making $word"
        checking="$checking $word"
        continue ;;
    --strict | --view | --csv | --bom | --merge | --errors | \
        --weights | --label-shift)
        fail "$word does not go with a history" 2 ;;
    --) break ;;
    --*=*) value=${word#*=} word=${word%%=*} ;;
    -[!-]?*)
        value=${word#-?}
        word=${word%"$value"} ;;
    -?*)
        [ "$left" -gt 0 ] || fail "$word needs a value" 2
        value=$1
        shift
        left=$((left - 1)) ;;
    *) set -- "$@" "$word"; continue ;;
    esac
    case $word in
    --reference) reference=$value ;;
    --profile) profile=$value ;;
    --history) history=$value ;;
    --on-shift) command=$value ;;
    --tell) tell=$value ;;
    --findings) findings=$value ;;
    --wait) patience=$value ;;
    --plot) plot=$value ;;
    -o | --output) output=$value ;;
    --label | --id | --group | --time | --weight | --features | --exclude | \
        --type | --missing | --shape | --on | --accuracy | --sample)
        making="$making $word$(quoted "$value")" ;;
    --tolerate | --gate) checking="$checking $word$(quoted "$value")" ;;
    --by | --append | --stamp)
        fail "$word does not go with a history" 2 ;;
    *)
        making="$making $word$(quoted "$value")"
        checking="$checking $word$(quoted "$value")" ;;
    esac
done
while [ "$left" -gt 0 ]; do # behind --
    set -- "$@" "$1"
    shift
    left=$((left - 1))
done

# ---- CSV ----

header=time,file,verdict,rows,shifted,smallest_p,largest_effect,error,change,\
low,high,what,size,checksum

# shellcheck disable=SC2016 # awk has dollars of its own
cells=$csv_cut'
function quote(text) {
    if (text !~ /[,"\n\r]/)
        return text
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}
# The records of the input, one a call of row(n), with cell[] and at[NAME].
{
    record = open ? record "\n" $0 : $0
    n = cut(record, cell)
    open = !n
}
open { next }
!width {
    sub(/\r$/, "", cell[n])
    for (width = n; n; n--)
        at[cell[n]] = n
    next
}'

# ---- the history as a plot ----

# Of each check: its number, how many tests have found a shift in one of four (ok,
# undecided, warn, fail), digits of p, change, low, high, day.
points() {
    awk "$cells"'
        function number(name) {
            return cell[at[name]] == "" ? "NaN" : cell[at[name]]
        }
        n == width {
            verdict = cell[at["verdict"]]
            printf "%d", ++checks
            for (i = 1; i <= split("ok undecided warn fail", word, " "); i++)
                printf " %s", word[i] == verdict ? number("shifted") : "NaN"
            p = number("smallest_p") + 0
            digits = p > 1e-99 ? -log(p) / log(10) : 99
            print "", number("smallest_p") == "NaN" ? "NaN" : digits,
                number("change"), number("low"), number("high"),
                substr(cell[at["time"]], 1, 10)
        }' "$1"
}

drawing() {
    cat <<'EOT'
set grid ytics
set lmargin 8
set rmargin 21
set offsets 0, 0, graph .08, graph .08
set yrange [0:*]
set key outside right top vertical
set title "tests that have found a shift"
plot for [i = 2:5] "points" using 1:i with impulses lw 3 lc i - 1 notitle, \
    for [i = 2:5] "points" using 1:i with points pt i lc i - 1 \
        title word("_ ok undecided warn fail", i)
set title "smallest p, in digits"
plot "points" using 1:6 with points pt 7 title "p", \
    1.30103 with lines title ".05"
EOT
    [ "$1" -eq 2 ] || cat <<'EOT'
set yrange [*:*]
set title "expected change of the error"
plot "points" using 1:7:8:9 with yerrorbars pt 7 title "change", \
    0 with lines notitle
EOT
    echo 'unset multiplot'
}

# Text is as wide as the terminal, if there is one.
terminal() { # PANELS
    case $output in
    '') size=$(stty size 2>/dev/null </dev/tty) || size='24 80'
        echo "dumb noenhanced size ${size#* }, $((13 * $1))" ;;
    *.png) echo "pngcairo noenhanced size 900, 700" ;;
    *.svg) echo "svg noenhanced size 900, 700" ;;
    *.pdf) echo "pdfcairo noenhanced size 9, 7" ;;
    *) fail "-o: '$output' does not end in .png, .svg or .pdf" 2 ;;
    esac
}

plot_history() {
    need gnuplot
    [ -r "$plot" ] || fail "cannot read '$plot'"
    check_header "$plot"
    points "$plot" >"$scratch/points"
    [ -s "$scratch/points" ] || fail "'$plot' has no check to draw"
    panels=$(awk '$7 != "NaN" { n = 3 } END { print n ? n : 2 }' \
        "$scratch/points")
    checks=$(wc -l <"$scratch/points")
    wanted=$(terminal "$panels")
    {
        echo "set terminal $wanted"
        [ -z "$output" ] || echo 'set output "drawn"'
        echo "set multiplot layout $panels, 1"
        echo "set xrange [.5:$checks.5]"
        [ "$checks" -gt 20 ] || echo 'set xtics 1'
        drawing "$panels"
    } >"$scratch/draw"
    (cd "$scratch" && gnuplot draw 2>said) || {
        cat "$scratch/said" >&2
        fail "gnuplot failed"
    }
    if [ -n "$output" ]; then
        cp "$scratch/drawn" "$output.$$" && mv "$output.$$" "$output"
    else
        sed -n "s/^\([0-9]*\) .* /check \1: /; 1p; 2,\${\$p}" "$scratch/points"
    fi
}

# ---- the history ----

# A history that somebody else's columns are in is left alone.
check_header() { # FILE
    [ "$(head -n 1 "$1" | tr -d '\r')" = "$header" ] ||
        fail "'$1' is not a history of monitor.sh"
}

# Whether FILE was checked with this size and checksum.
is_checked() { # FILE SIZE CHECKSUM
    [ -s "$history" ] || return 1
    NAME=$1 SIZE=$2 SUM=$3 awk "$cells"'
        cell[at["file"]] == ENVIRON["NAME"] &&
            cell[at["size"]] == ENVIRON["SIZE"] &&
            cell[at["checksum"]] == ENVIRON["SUM"] { found = 1; exit }
        END { exit !found }' "$history"
}

# --append of assay adds all findings of a run, and a history needs one row of
# them: so it is written here.  Aside, and renamed: neither a full disk nor a
# signal leaves half a row.
add_row() { # ROW
    if [ -s "$history" ]; then
        cp -p "$history" "$history.new"
    else
        printf '%s\n' "$header" >"$history.new"
    fi &&
        printf '%s\n' "$1" >>"$history.new" &&
        mv "$history.new" "$history"
}

# ---- one file ----

# From findings to a row of the history, the verdict's word, and a message, in
# files of these names; fails where there is no verdict.
sum_up() { # FILE SIZE CHECKSUM
    NAME=$1 SIZE=$2 SUM=$3 NOW=$now PROFILE=$profile ROW=$scratch/row \
        VERDICT=$scratch/verdict MESSAGE=$scratch/message awk "$cells"'
        function get(name) {
            return cell[at[name]]
        }
        function size(x) {
            return x < 0 ? -x : x + 0
        }
        function rounded(x, digits) {
            return x == "" ? "?" : sprintf("%." digits "g", x)
        }
        function interval() {
            return get("low") == "" ? "" : " (" rounded(get("low"), 3) " to " \
                rounded(get("high"), 3) ")"
        }
        function line(text) { # what may be on several
            gsub(/[\n\r\t]+/, " ", text)
            return text
        }
        n != width { broken = 1; exit }
        get("check") == "verdict" {
            verdict = get("status")
            advice = line(get("advice"))
            rows = get("n_current")
            reference = get("n_reference")
            error = get("value")
            change = get("effect")
            low = get("low")
            high = get("high")
            within = interval()
        }
        get("check") == "verdict" || get("check") == "harm" { next }
        {
            all++
            p = get("p_adjusted")
            effect = get("effect")
            if (p != "" && (least == "" || p + 0 < least + 0))
                least = p
            if (effect != "" && (most == "" || size(effect) > most + 0))
                most = size(effect)
        }
        get("status") ~ /^(fail|warn)$/ && ++shifted <= 20 {
            name = line(get("check") " " get("subject"))
            sub(/ $/, "", name)
            what = what (what == "" ? "" : "; ") name
            list = list "  " get("status") " " name ": effect " \
                rounded(effect, 3) interval() ", p " rounded(p, 2) \
                (get("advice") == "" ? "" : ": " line(get("advice"))) "\n"
        }
        END {
            if (broken || open || verdict !~ /^(ok|undecided|warn|fail)$/)
                exit 1
            more = shifted > 20 ? "and " shifted - 20 " more" : ""
            print verdict >ENVIRON["VERDICT"]
            print ENVIRON["NOW"] "," quote(ENVIRON["NAME"]) "," verdict "," \
                rows "," shifted + 0 "," least "," most "," error "," \
                change "," low "," high "," \
                quote(what (more ? "; " more : "")) "," ENVIRON["SIZE"] "," \
                ENVIRON["SUM"] >ENVIRON["ROW"]
            to = ENVIRON["MESSAGE"]
            print ENVIRON["NAME"] ": " verdict ": " advice >to
            print "  " ENVIRON["NOW"] ": " rows " rows, against " reference \
                " of " ENVIRON["PROFILE"] "; " shifted + 0 " of " all + 0 \
                " tests have found a shift" >to
            if (change != "")
                print "  the error is expected to be " rounded(error, 3) \
                    ", a change by " rounded(change, 3) within >to
            printf "%s", list >to
            if (more)
                print "  " more >to
        }' "$scratch/findings"
}

complain() { # MESSAGE: something failed, but there is more to do
    echo "monitor.sh: $1" >&2
    failed=1
}

ask() { # FILE
    name=$1
    eval "set -- $checking"
    [ -z "$findings" ] || set -- "$@" --append "$findings" \
        --stamp "time=$now" --stamp "file=$name"
    assay shift -q --csv "$@" -o "$scratch/findings" -- "$profile" "$name"
}

speak() { # FILE VERDICT
    {
        sed '1s/^/monitor.sh: /' "$scratch/message"
        echo "  all of it: assay shift --view$checking$(quoted "$profile")$(
            quoted "$1")"
    } >"$scratch/told"
    cat "$scratch/told" >&2
    case $status,$2 in
    0,ok | 0,undecided) return ;;
    esac
    found=1
    # What it leaves behind must not hold the lock.
    [ -z "$command" ] ||
        MONITOR_FILE=$1 MONITOR_VERDICT=$2 MONITOR_FINDINGS=$scratch/findings \
            sh -c "$command" <"$scratch/told" 9>&- ||
        complain "--on-shift failed ($?) for '$1'"
}

check() { # FILE
    case $1 in
    *"
"*) complain "a name of several lines: '$1' is not checked"; return ;;
    esac
    if ! [ -f "$1" ] || ! sum=$(cksum <"$1" 2>/dev/null); then
        complain "cannot read '$1'"
        return
    fi
    set -- "$1" "${sum##* }" "${sum%% *}"
    [ -n "$again" ] || ! is_checked "$@" || return 0
    rm -f "$scratch"/*
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    status=0
    ask "$1" 2>"$scratch/said" || status=$?
    [ "$status" -eq 0 ] || cat "$scratch/said" >&2
    if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
        complain "assay shift failed ($status): '$1' is not checked"
    elif ! sum_up "$@"; then
        complain "assay shift has no verdict: '$1' is not checked"
    elif ! add_row "$(cat "$scratch/row")"; then
        complain "cannot write '$history': '$1' counts as not checked"
    else
        verdict=$(cat "$scratch/verdict")
        case $status,$tell, in
        3,* | *,"$verdict",*) speak "$1" "$verdict" ;;
        esac
    fi
}

make_profile() { # REFERENCE
    from=$1
    eval "set -- $making"
    assay shift --profile -q "$@" -o "$profile" -- "$from"
}

# ---- all of it ----

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$plot" ]; then
    [ $# -eq 0 ] || fail "--plot draws one history" 2
    plot_history
    exit
fi
[ -z "$output" ] || fail "-o is for --plot" 2
if [ $# -eq 0 ] || [ -z "$profile" ] || [ -z "$history" ]; then
    usage >&2
    exit 2
fi
case ,$tell, in
*[!a-z,]*) fail "--tell: '$tell' is no list of verdicts" 2 ;;
esac
for word in $(printf '%s\n' "$tell" | tr , ' '); do
    case $word in
    ok | undecided | warn | fail) ;;
    *) fail "--tell: '$word' is not fail, warn, undecided or ok" 2 ;;
    esac
done
case $patience in
'' | *[!0-9]*) fail "--wait: '$patience' is not a number of seconds" 2 ;;
esac
need assay
need flock
[ ! -h "$history" ] || history=$(readlink -f "$history")

# A run that left because of another would leave the files it was started for:
# so it waits.
(: >>"$history.lock") 2>/dev/null || fail "cannot write '$history.lock'"
exec 9>>"$history.lock"
flock -w "$patience" 9 ||
    fail "another run has '$history', still after $patience seconds"
[ ! -s "$history" ] || check_header "$history"
if [ ! -e "$profile" ]; then
    [ -n "$reference" ] ||
        fail "there is no '$profile', and no --reference to make it of" 2
    make_profile "$reference" ||
        fail "assay shift --profile failed ($?): nothing is checked"
fi
found='' failed=''
for file; do
    check "$file"
done
[ -z "$found" ] || exit 3
[ -z "$failed" ] || exit 1
