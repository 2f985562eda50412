#!/bin/sh
# How fast tables are read, beside pandas where it is installed, as CSV:
#
#     file,threads,megabytes,types,values,megabytes_per_second
#
#     reading.sh PROGRAM          PROGRAM: reading.c, compiled
#
# Small whole numbers, 60,000 x 785, and floats as programs write them, 200,000
# x 20, which take up to 17 digits; each plain, with every field in quotes, and
# gzipped; on one thread and on all.  Seconds are those of the pass that finds
# types and of the one that makes columns of floats, the best of five runs; of
# pandas only the last number is known.  Run it on an idle machine.
set -eu

program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk 'BEGIN {
    srand(1)
    printf "label"
    for (i = 0; i < 784; i++)
        printf ",p%d", i
    print ""
    for (row = 0; row < 60000; row++) {
        line = row % 10
        for (i = 0; i < 784; i++)
            line = line "," (rand() < .5 ? 0 : int(rand() * 256))
        print line
    }
}' > "$work/wide.csv"
awk 'BEGIN {
    srand(2)
    printf "label"
    for (i = 0; i < 19; i++)
        printf ",x%d", i
    print ""
    for (row = 0; row < 200000; row++) {
        line = row % 2
        for (i = 0; i < 19; i++)
            line = line sprintf(",%.17g", (rand() + rand() / 2147483648 - .5) * 4)
        print line
    }
}' > "$work/floats.csv"
for name in wide floats; do
    sed 's/[^,]*/"&"/g' "$work/$name.csv" > "$work/${name}_quoted.csv"
    gzip -k1 "$work/$name.csv"
done

echo file,threads,megabytes,types,values,megabytes_per_second
cd "$work"
for threads in 1 ''; do
    for file in *.csv *.gz; do
        OMP_NUM_THREADS=${threads:-$(nproc)} "$program" 5 label "$file"
    done
done
for python in /usr/bin/python3 python3; do
    if "$python" -c 'import pandas' 2> /dev/null; then
        "$python" - ./*.csv << 'EOF'
import os
import sys
import time
import pandas

for file in sys.argv[1:]:
    best = 1e9
    for _ in range(3):
        start = time.perf_counter()
        pandas.read_csv(file)
        best = min(best, time.perf_counter() - start)
    size = os.path.getsize(file) / 1e6
    print(f"pandas {file},,{size:.1f},,,{size / best:.1f}")
EOF
        break
    fi
done
