#!/bin/sh
# A million predictions of ten classes, with p: columns and without: seconds
# and memory of confuse, decompose and eval --metrics, beside pandas and
# scikit-learn on the same files, as CSV:
#
#     what,file,seconds,cpu_seconds,peak_kb,ratio
#
#     metrics.sh [ROWS [CLASSES]]
#
# Best of RUNS runs each (3); ratio is that of the peer's CPU seconds to ours.
# Needs GNU time and a Python with numpy, pandas and scikit-learn; run it on an
# idle machine.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
rows=${1:-1000000} classes=${2:-10} runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=
for name in /usr/bin/python3 python3; do
    "$name" -c 'import sklearn, pandas' 2>/dev/null && python=$name && break
done
[ -n "$python" ] || {
    echo "metrics.sh: no Python with pandas and scikit-learn" >&2
    exit 1
}

"$python" "$here/metrics_peer.py" make "$rows" "$classes" "$work/probs.csv"
cut -d, -f1-6 "$work/probs.csv" >"$work/plain.csv"

# best COMMAND...: wall, cpu, peak of the run with the least CPU time
best() {
    for _ in $(seq "$runs"); do
        command time -f '%e %U %S %M' -o "$work/time" "$@" >/dev/null ||
            exit 1
        tail -n 1 "$work/time"
    done | awk -v runs="$runs" '{ cpu = $2 + $3 }
        NR == 1 || cpu < least { least = cpu; wall = $1; peak = $4 }
        END { print wall, least, peak; exit NR < runs }'
}

echo what,file,seconds,cpu_seconds,peak_kb,ratio
for file in probs plain; do
    for what in confuse decompose metrics; do
        case $what in
        metrics) set -- assay eval --metrics -q "$work/$file.csv" ;;
        *) set -- assay $what -q "$work/$file.csv" ;;
        esac
        ours=$(best "$@")
        peer=$(best "$python" "$here/metrics_peer.py" $what "$work/$file.csv")
        echo "$what $file $ours $peer" | awk '{
            printf "%s,%s,%s,%s,%s,\n", $1, $2, $3, $4, $5
            printf "peer-%s,%s,%s,%s,%s,%.1f\n", $1, $2, $6, $7, $8,
                $7 / ($4 > 0 ? $4 : .01) }'
    done
done
