#!/bin/sh
# Samples per second of each network, in training steps and in prediction, on
# one thread and on all, beside PyTorch where it is installed, as CSV:
#
#     network,what,batch,threads,samples_per_second,scaling,gflops,peak_share,
#     peer,ratio
#
# scaling is over one thread, peak_share over a loop of fused multiply-adds on
# the same threads.  Ours and theirs take turns, and the best of all turns
# counts: machines are noisy.  Run it on an idle one.
#
#     speed.sh PROGRAM [TURNS]        PROGRAM: speed.c, built
set -eu

here=$(cd "$(dirname "$0")" && pwd)
program=$1
turns=${2:-3}
threads=${OMP_NUM_THREADS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# OpenBLAS takes its slowest kernel on a processor that it does not know.
if grep -qs avx512f /proc/cpuinfo; then
    export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE-SkylakeX}"
fi
peer=
for python in /usr/bin/python3 python3; do
    if "$python" -c 'import torch, torchvision' 2> /dev/null; then
        peer=$python
        break
    fi
done

"$program" names | while read -r name; do
    for _ in $(seq "$turns"); do
        "$program" "$threads" "$name" | sed 1d >> "$work/ours"
        [ -z "$peer" ] || "$peer" "$here/peer_speed.py" "$threads" "$name" |
            sed 1d >> "$work/theirs"
    done
done
touch "$work/theirs"

echo "network,what,batch,threads,samples_per_second,scaling,gflops,peak_share,peer,ratio"
awk -F, -v threads="$threads" '
    FILENAME ~ /theirs$/ { key = $1 "," $2; if ($5 > peer[key]) peer[key] = $5; next }
    $2 == "peak" { next }
    {
        key = $1 "," $2 "," $3
        if (!(key in seen)) { seen[key] = 1; order[++n] = key }
        if ($4 == 1 && $5 > one[key]) one[key] = $5
        if ($4 == threads && $5 > best[key]) {
            best[key] = $5; gflops[key] = $6; share[key] = $7
        }
    }
    END {
        for (i = 1; i <= n; i++) {
            key = order[i]; split(key, part, ",")
            theirs = peer[part[1] "," part[2]]
            printf "%s,%d,%d,%.2f,%s,%s,%s,%s\n", key, threads, best[key],
                best[key] / one[key], gflops[key], share[key], theirs,
                theirs ? sprintf("%.2f", best[key] / theirs) : ""
        }
    }' "$work/theirs" "$work/ours"
