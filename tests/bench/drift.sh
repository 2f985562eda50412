#!/bin/sh
# drift.sh [ROWS]: two tables of ROWS (1,000,000) rows x 20 numbers: all columns
# by pandas and scipy's ks_2samp, and by assay shift: by themselves (--each), the
# full report, and from a profile.  Needs python3 with pandas and scipy.
#
# Writes what,seconds,mb: the best of three runs, on two threads, and the most
# memory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rows=${1:-1000000}
assay=${ASSAY_BIN:-$here/../../.build/bin}/assay
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$python" - "$rows" <<'END'
import sys
import numpy as np
import pandas as pd
rng = np.random.default_rng(0)
for name in ("ref", "cur"):
    x = rng.standard_normal((int(sys.argv[1]), 20)).round(6)
    pd.DataFrame(x, columns=[f"x{i}" for i in range(20)]).to_csv(
        f"{name}.csv", index=False)
END
cat >peer.py <<'END'
import pandas as pd
from scipy import stats
a, b = pd.read_csv("ref.csv"), pd.read_csv("cur.csv")
for c in a:
    stats.ks_2samp(a[c], b[c])
END

measure() { # NAME COMMAND...
    name=$1
    shift
    for _ in 1 2 3; do
        /usr/bin/time -f '%e %M' -o time "$@" >/dev/null
        cat time
    done | awk -v name="$name" '
        NR == 1 || $1 < best { best = $1 }
        $2 > most { most = $2 }
        END { printf "%s,%.2f,%.0f\n", name, best, most / 1024 }'
}

echo what,seconds,mb
measure "pandas and ks_2samp" "$python" peer.py
measure "each column" "$assay" shift -q -j 2 --each ref.csv cur.csv
measure "full report" "$assay" shift -q -j 2 ref.csv cur.csv
measure "making a profile" "$assay" shift -q -j 2 --profile ref.csv -o ref.profile
measure "from a profile" "$assay" shift -q -j 2 ref.profile cur.csv
