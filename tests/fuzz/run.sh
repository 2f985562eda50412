#!/bin/sh
# run.sh FOLDER SECONDS: runs the fuzzers in FOLDER, each for so many seconds,
# beginning with the files of tests/fuzz/corpus.  Prints a line each; what made
# one fail is left in FOLDER.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 seconds=$2
failed=0

for fuzzer in "$folder"/fuzz_*; do
    name=${fuzzer##*/fuzz_}
    found=$folder/corpus-$name
    seeds=$here/corpus/$name
    [ "$name" != image ] || seeds=$here/../data/images
    mkdir -p "$found"
    if ! "$fuzzer" -max_total_time="$seconds" -max_len=4096 -timeout=60 \
        -print_final_stats=1 -artifact_prefix="$folder/$name-" \
        "$found" "$seeds" > "$folder/$name.log" 2>&1; then
        failed=1
        tail -n 40 "$folder/$name.log" >&2
        echo "fuzz $name: failed: see $folder/$name-* and $folder/$name.log" >&2
    fi
    sed -n "s/^stat::number_of_executed_units: */fuzz $name: executions: /p" \
        "$folder/$name.log"
done
exit $failed
