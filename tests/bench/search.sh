#!/bin/sh
# The samplers beside Optuna's: search.sh REGRET [SEEDS]; regret.c has what the
# columns mean.
"$1" "${2:-50}"
for python in /usr/bin/python3 python3; do
    if "$python" -c 'import optuna' 2> /dev/null; then
        exec "$python" "$(dirname "$0")/regret_optuna.py" "${2:-50}"
    fi
done
echo 'no rows of Optuna, which is not installed' >&2
