# What all tools have in common; a failure names the case it happened in.
load helpers

setup_file() {
    export MODEL=$BATS_FILE_TMPDIR/small.model
    PATH=${ASSAY_BIN:-$BATS_TEST_DIRNAME/../../.build/bin}:$PATH
    small_model "$MODEL"
}

# same_result CASE WHAT COMMAND...: succeeds with the bytes in file `plain`.
same_result() {
    local name="$1: $2"

    shift 2
    try "$@"
    expect "$name" 0
    expect_file "$name" plain out
}

# plain_result CASE: use, and its output in the file `plain`.
plain_result() {
    local kept=$BATS_FILE_TMPDIR/$1.plain

    use "$1"
    if [ ! -e "$kept" ]; then
        try "${cmd[@]}" "$input"
        expect "$1" 0
        [ -s out ] || fail "$1: no output"
        cp out "$kept"
    fi
    cp "$kept" plain
}

@test "--help prints the usage to standard output" {
    for case in $TOOLS; do
        use "$case"
        try assay "$tool" --help
        expect "$tool" 0 ""
        expect_like "$tool" "Usage: assay $tool [[]OPTION...] *" \
            "$(<out)"
        grep -q -- "--output=FILE" out || fail "$tool: no --output in --help"
    done
}

@test "--version names the version" {
    for case in $TOOLS; do
        use "$case"
        try assay "$tool" --version
        expect "$tool" 0 ""
        expect_like "$tool" "assay $tool [0-9]*.*libraries: *licence: GPL*" \
            "$(<out)"
    done
}

@test "an unknown option is wrong usage" {
    for case in $TOOLS; do
        use "$case"
        try "${cmd[@]}" --nonsense "$input"
        expect "$case" 2
        expect_empty "$case" out
        expect_text "$case" "assay $tool: unrecognized option '--nonsense'" \
            "$(head -n 1 err)"
    done
}

@test "wrong values of shared options are wrong usage" {
    for case in $READERS; do
        use "$case"
        try "${cmd[@]}" -j 0 "$input"
        expect "$case" 2 "assay $tool: --threads: '0' is not a whole number \
from 1 to 1024"
        try "${cmd[@]}" --seed -1 "$input"
        expect "$case" 2
        try "${cmd[@]}" --stamp run "$input"
        expect "$case" 2 "assay $tool: --stamp: 'run' is not NAME=VALUE"
        try "${cmd[@]}" --delimiter ,, "$input"
        expect "$case" 2 "assay $tool: --delimiter: ',,' is not one character"
        try "${cmd[@]}" --progress loud "$input"
        expect "$case" 2 "assay $tool: --progress: 'loud' is not auto, always \
or never"
        try "${cmd[@]}" --encoding klingon "$input"
        expect "$case" 2 "assay $tool: unknown encoding 'klingon'"
    done
}

@test "a missing file" {
    for case in $READERS; do
        use "$case"
        try "${cmd[@]}" nowhere.csv
        expect "$case" 1 "assay $tool: nowhere.csv: cannot open: No such file \
or directory"
        expect_empty "$case" out
    done
}

@test "a folder instead of a file" {
    mkdir folder
    for case in $READERS; do
        [ "$case" != pair ] || continue # which looks for images there
        use "$case"
        try "${cmd[@]}" folder
        expect "$case" 1 "assay $tool: folder: is a folder, not a file"
    done
}

@test "empty input, and a header without rows, are told apart" {
    : >empty
    for case in $CASES; do
        use "$case"
        try "${cmd[@]}" empty
        expect "$case" 1 "assay $tool: empty: empty input: no header row (did \
what writes it fail?)"
        expect_empty "$case" out
        head -n 1 "$input" >header
        try "${cmd[@]}" header
        expect "$case" 1 "assay $tool: header: no rows after the header"
        try "${cmd[@]}" </dev/null
        expect "$case" 1 "assay $tool: <stdin>: empty input: no header row \
(did what writes it fail?)"
    done
}

@test "standard input by default and as -" {
    for case in $CASES; do
        plain_result "$case"
        same_result "$case" default "${cmd[@]}" <"$input"
        same_result "$case" dash "${cmd[@]}" - <"$input"
        cat "$input" | same_result "$case" pipe "${cmd[@]}"
    done
}

@test "CRLF gives the same result as LF" {
    for case in $CASES; do
        plain_result "$case"
        sed 's/$/\r/' "$input" >crlf
        same_result "$case" crlf "${cmd[@]}" crlf
    done
}

@test "a byte order mark is no part of the first name" {
    for case in $CASES; do
        plain_result "$case"
        { printf '\357\273\277' && cat "$input"; } >bom
        same_result "$case" bom "${cmd[@]}" bom
        try "${cmd[@]}" --bom "$input"
        expect "$case --bom" 0
        { printf '\357\273\277' && cat plain; } >wanted
        expect_file "$case --bom" wanted out
    done
}

# noted FILE: FILE behind one more column, of two lines, with quotes.
noted() {
    awk 'NR == 1 { print "note," $0 }
         NR > 1 { print "\"two, \"\"lines\"\"\n" NR "\"," $0 }' "$1"
}

@test "quoted newlines, and the line number of what comes after them" {
    for case in $CASES; do
        plain_result "$case"
        noted "$input" >noted
        if [ "$case" = split ]; then
            try "${cmd[@]}" noted
            expect "$case" 0
            sed -E 's/(,id,split|,[0-9]+,(train|val|test))$//' out >got
            expect_file "$case" noted got
        elif [ "$case" = pair ]; then
            try "${cmd[@]}" noted
            expect "$case" 0
            sed -E 's/(,shelf|,[0-9])$//' out >got
            expect_file "$case" noted got
        elif [ "$case" = check ]; then
            try "${cmd[@]}" noted
            expect "$case" 0
            sed '/^note,/,/"$/d' out >got
            expect_file "$case" plain got
        else
            same_result "$case" noted "${cmd[@]}" noted
        fi
        echo 1 >>noted
        width=$(head -n 1 noted | tr ',' '\n' | wc -l)
        try "${cmd[@]}" noted
        expect "$case" 1 "assay $tool: noted:122: expected $width fields \
(header line 1), got 1"
    done
}

@test "a ragged row is named, and nothing is written" {
    for case in $CASES; do
        use "$case"
        width=$(head -n 1 "$input" | tr ',' '\n' | wc -l)
        { head -n 7 "$input" && echo 1,2 && tail -n 5 "$input"; } >ragged
        try "${cmd[@]}" -o result ragged
        expect "$case" 1 "assay $tool: ragged:8: expected $width fields \
(header line 1), got 2"
        try "${cmd[@]}" -o result - <ragged
        expect "$case" 1 "assay $tool: <stdin>:8: expected $width fields \
(header line 1), got 2"
        [ ! -e result ] || fail "$case: a result of half a file"
    done
}

@test "an unterminated quote is found on the line where it starts" {
    for case in $READERS; do
        use "$case"
        { cat "$input" && printf '"abc\ndef\nghi\n'; } >open
        try "${cmd[@]}" open
        expect "$case" 1 "assay $tool: open:62: unterminated quote: \
'\"abc\\ndef\\nghi\\n'"
    done
}

@test "gzip, several members, from a file, a pipe and a FIFO" {
    for case in $CASES; do
        plain_result "$case"
        gzip -c "$input" >whole.gz
        same_result "$case" gzip "${cmd[@]}" whole.gz
        { head -c 400 "$input" | gzip && tail -c +401 "$input" | gzip; } >two
        same_result "$case" members "${cmd[@]}" two
        gzip -c "$input" | same_result "$case" pipe "${cmd[@]}"
        [ -p fifo ] || mkfifo fifo
        timeout 5 sh -c "cat two >fifo" 3>&- &
        same_result "$case" fifo "${cmd[@]}" fifo
        wait
    done
}

@test "truncated and damaged gzip are errors at the right line" {
    for case in $READERS; do
        use "$case"
        head -n 20 "$input" | gzip >head.gz
        { cat head.gz && tail -n 20 "$input" | gzip | head -c 12; } >cut.gz
        try "${cmd[@]}" cut.gz
        expect "$case" 1 "assay $tool: cut.gz:21: truncated gzip data"
        { cat head.gz && echo more; } >more.gz
        try "${cmd[@]}" more.gz
        expect "$case" 1 "assay $tool: more.gz:21: garbage after the gzip data"
        { head -c 10 head.gz && printf '\377\377' && tail -c +13 head.gz; } \
            >damaged.gz
        try "${cmd[@]}" damaged.gz
        expect "$case" 1 "assay $tool: damaged.gz:1: damaged gzip data"
    done
}

@test "a full disk is an error" {
    for case in $CASES; do
        use "$case"
        try "${cmd[@]}" -q -o /dev/full "$input"
        expect "$case" 1 "assay $tool: /dev/full: cannot write: No space left \
on device"
        status=0
        "${cmd[@]}" -q "$input" 2>err >/dev/full || status=$?
        expect "$case" 1 "assay $tool: <stdout>: cannot write: No space left \
on device"
    done
}

@test "a closed standard output is an error" {
    for case in $CASES; do
        use "$case"
        status=0
        "${cmd[@]}" -q "$input" 2>err >&- || status=$?
        expect "$case" 1 "assay $tool: <stdout>: cannot write: Bad file \
descriptor"
    done
}

@test "an output that cannot be opened" {
    for case in $TOOLS; do
        use "$case"
        try "${cmd[@]}" -q -o nowhere/out.csv "$input"
        expect "$case" 1 "assay $tool: nowhere/out.csv: cannot write: No such \
file or directory"
    done
}

@test "a closed pipe ends a tool quietly" {
    for case in $CASES; do
        use "$case"
        # The input comes when the reader is gone for sure.
        { sleep .05 && cat "$input"; } | "${cmd[@]}" -q 2>err | true
        status=${PIPESTATUS[1]}
        expect "$case" 141 ""
    done
}

@test "head -1 of a long stream" {
    small_books 20000 >long.csv
    for case in split eval; do
        use "$case"
        "${cmd[@]}" -q long.csv 2>err | head -n 1 >first
        status=${PIPESTATUS[0]}
        expect "$case" 141 ""
        [ "$(wc -l <first)" -eq 1 ] || fail "$case: no header"
    done
}

@test "any number of threads gives the same bytes" {
    small_books 300 >books.csv
    for case in $CASES; do
        use "$case"
        [ "$tool" != train ] || cmd+=(--net mlp -m model)
        for n in 1 2 3 8; do
            OMP_NUM_THREADS=$n try "${cmd[@]}" "$input"
            expect "$case, OMP_NUM_THREADS=$n" 0
            [ $n -gt 1 ] || { cp out plain && [ ! -e model ] ||
                cp model plain.model; }
            expect_file "$case, OMP_NUM_THREADS=$n" plain out
            [ ! -e model ] ||
                expect_file "$case, OMP_NUM_THREADS=$n" plain.model model
        done
        try "${cmd[@]}" -j 3 "$input"
        expect "$case, -j 3" 0
        expect_file "$case, -j 3" plain out
        [ ! -e model ] || expect_file "$case, -j 3" plain.model model
        rm -f model
    done
}

@test "-o FILE, -o FILE.gz and standard output hold the same" {
    for case in $CASES; do
        plain_result "$case"
        try "${cmd[@]}" -q -o result "$input"
        expect "$case" 0 ""
        expect_empty "$case" out
        expect_file "$case" plain result
        try "${cmd[@]}" -q -o result.gz "$input"
        expect "$case" 0 ""
        expect_text "$case: magic" "1f8b" \
            "$(head -c 2 result.gz | od -An -tx1 | tr -d ' ')"
        gzip -dc result.gz >unpacked
        expect_file "$case" plain unpacked
        try "${cmd[@]}" -o - "$input"
        expect_file "$case, -o -" plain out
    done
}

@test "-o replaces a file through its link and keeps its mode" {
    for case in $CASES; do
        plain_result "$case"
        echo old >real && chmod 640 real && ln -sf real link
        try "${cmd[@]}" -o link "$input"
        expect "$case" 0
        [ -L link ] || fail "$case: the link was cut"
        expect_file "$case" plain real
        expect_text "$case: mode" 640 "$(stat -c %a real)"
    done
}

@test "-o may name the input" {
    for case in $CASES; do
        plain_result "$case"
        cp "$input" same
        try "${cmd[@]}" -o same same
        expect "$case" 0
        expect_file "$case" plain same
    done
}

@test "a failed run keeps the old file and leaves no other" {
    for case in $CASES; do
        use "$case"
        echo old >result
        echo old >wanted
        { cat "$input" && echo 1; } >bad
        try "${cmd[@]}" -o result bad
        expect "$case" 1
        expect_file "$case" wanted result
        expect_files "$case" result wanted bad
    done
}

@test "--stamp adds columns to every row" {
    for case in $CASES; do
        plain_result "$case"
        try "${cmd[@]}" --stamp run=7 --stamp 'remark=a, "b"=c' "$input"
        expect "$case" 0
        awk 'NR == 1 { print $0 ",run,remark" }
             NR > 1 { print $0 ",7,\"a, \"\"b\"\"=c\"" }' plain >wanted
        expect_file "$case" wanted out
    done
}

@test "--append gathers a history: one header, then rows" {
    for case in $CASES; do
        plain_result "$case"
        rm -f history
        same_result "$case" first "${cmd[@]}" --append history "$input"
        expect_file "$case" plain history
        same_result "$case" second "${cmd[@]}" --append history "$input"
        { cat plain && tail -n +2 plain; } >wanted
        expect_file "$case" wanted history
        try "${cmd[@]}" -q --append history --stamp run=7 "$input"
        expect "$case" 1
        expect_like "$case" "assay $tool: history:1: has other columns than the \
rows to append: '*', not '*,run'" "$(<err)"
        expect_file "$case" wanted history
    done
}

@test "a failed run appends nothing to a history" {
    for case in $CASES; do
        use "$case"
        { cat "$input" && echo 1; } >bad
        try "${cmd[@]}" --append history bad
        expect "$case" 1
        [ ! -e history ] || fail "$case: a history of a failed run"
    done
}

# gate_name CASE: the name of something in its result.
gate_name() {
    case $1 in
    pair) echo matched ;;
    check) echo title ;;
    split | train | predict) echo train ;;
    eval) echo test ;;
    metrics) echo test.error ;;
    decompose) echo error.test ;;
    confuse) echo b.a ;;
    shift) echo "number.Fiction: year" ;;
    tune) echo best ;;
    esac
}

# gate_word CASE: a column of that row which holds no number.
gate_word() {
    case $1 in
    pair) echo kind ;;
    split) echo part ;;
    check) echo type ;;
    metrics) echo method ;;
    decompose) echo kind ;;
    confuse) echo label ;;
    shift) echo status ;;
    tune) echo method ;;
    *) echo split ;;
    esac
}

@test "an open gate lets pass" {
    for case in $CASES; do
        plain_result "$case"
        name=$(gate_name "$case")
        same_result "$case" gate "${cmd[@]}" --gate "$name>=0" \
            --gate "$name < 1000" "$input"
    done
}

@test "a closed gate exits with 3, says why, and writes the result" {
    for case in $CASES; do
        plain_result "$case"
        name=$(gate_name "$case")
        try "${cmd[@]}" -q -o result --gate "$name>=0" --gate "$name<0" \
            "$input"
        expect "$case" 3
        expect_like "$case" "assay $tool: gate '$name<0' is closed: $name = \
[0-9]*" "$(<err)"
        expect_text "$case: lines" 1 "$(wc -l <err)"
        expect_file "$case" plain result
    done
}

@test "a gate that names nothing is wrong usage" {
    for case in $CASES; do
        use "$case"
        try "${cmd[@]}" -q --gate "nothing<1" "$input"
        expect "$case" 2
        expect_like "$case" "assay $tool: gate 'nothing<1': no such row; \
there are: '*" "$(<err)"
        try "${cmd[@]}" -q --gate "nothing" "$input"
        expect "$case" 2 "assay $tool: gate 'nothing': no comparison; write \
'[ROW.]NAME[.COLUMN] OP NUMBER', OP one of < <= > >= == !="
    done
}

@test "a gate that cannot be computed is a failure" {
    for case in $CASES; do
        use "$case"
        name=$(gate_name "$case").$(gate_word "$case")
        try "${cmd[@]}" -q --gate "$name<1" "$input"
        expect "$case" 1
        expect_like "$case" "assay $tool: gate '$name<1' cannot be computed: \
'$name' is not a number: '*'" "$(<err)"
    done
}

@test "--timings writes seconds by phase" {
    for case in $CASES; do
        plain_result "$case"
        rm -f times
        same_result "$case" timings "${cmd[@]}" --timings times "$input"
        expect_text "$case" phase,seconds "$(head -n 1 times)"
        awk -F , 'NR > 1 && NF == 2 && $2 ~ /^[0-9.e-]+$/ { n++ }
                  END { exit !(n && n == NR - 1) }' times ||
            fail "$case: timings" "$(<times)"
    done
}

@test "timings that cannot be written: nothing ends well" {
    local full="/dev/full: cannot write: No space left on device"

    for case in $CASES; do
        use "$case"
        try "${cmd[@]}" -q --timings /dev/full "$input"
        expect "$case" 1 "assay $tool: $full"
        expect_text "$case" "\"assay $tool failed: $full" "$(tail -n 1 out)"
        try "${cmd[@]}" -q --timings /dev/full --append history -o result \
            "$input"
        expect "$case: -o" 1 "assay $tool: $full"
        [ ! -e result ] && [ ! -e history ] || fail "$case: a result"
    done
}

@test "two outputs are two files, and none of what is read" {
    mkdir -p folder
    ln -sf folder linked
    for case in $CASES; do
        use "$case"
        try "${cmd[@]}" -o both --timings both "$input"
        expect "$case" 2 "assay $tool: -o and --timings are to be different \
files"
        try "${cmd[@]}" -o folder/x --timings linked/x "$input"
        expect "$case: link" 2 "assay $tool: -o and --timings are to be \
different files"
        try "${cmd[@]}" --append both --timings both "$input"
        expect "$case: history" 2 "assay $tool: --append and --timings are to \
be different files"
        try "${cmd[@]}" --timings - "$input"
        expect "$case: stream" 2 "assay $tool: --timings: standard output is \
for the stream: name a file"
        try "${cmd[@]}" --timings "$input" "$input"
        expect "$case: input" 2 "assay $tool: --timings: '$input' is read \
too: name another file"
        try "${cmd[@]}" -q -o /dev/null --timings /dev/null "$input"
        expect "$case: devices" 0
        [ ! -e both ] && [ ! -e folder/x ] || fail "$case: a result"
        plain_result "$case"
        cp "$input" same.csv
        try "${cmd[@]}" -q -o same.csv same.csv
        expect "$case: in place" 0
        expect_file "$case: in place" plain same.csv
    done
}

@test "-q is quiet" {
    for case in $CASES; do
        plain_result "$case"
        try "${cmd[@]}" -q "$input"
        expect "$case" 0 ""
        expect_file "$case" plain out
    done
}

@test "nothing is left in TMPDIR" {
    mkdir spool
    for case in $CASES; do
        plain_result "$case"
        cat "$input" | TMPDIR=$PWD/spool same_result "$case" pipe "${cmd[@]}"
        expect_text "$case" "" "$(ls -A spool)"
    done
}

@test "--skip-bad leaves bad rows out and counts them" {
    for case in $CASES; do
        plain_result "$case"
        { head -n 9 "$input" && echo 1,2 && tail -n +10 "$input"; } >bad
        same_result "$case" one "${cmd[@]}" --skip-bad bad
        grep -qx "assay $tool: 1 bad record left out" err ||
            fail "$case: not counted" "$(<err)"
        printf "\377\n" >>bad
        same_result "$case" two "${cmd[@]}" --skip-bad bad
        grep -qx "assay $tool: 2 bad records left out" err ||
            fail "$case: not counted" "$(<err)"
    done
}

@test "--view draws, also into a pipe, but not into a file" {
    for case in train metrics decompose confuse; do
        plain_result "$case"
        try "${cmd[@]}" --view "$input"
        expect "$case" 0
        [ -s out ] || fail "$case: nothing drawn"
        if cmp -s plain out; then
            fail "$case: CSV, not a drawing"
        fi
        same_result "$case" csv "${cmd[@]}" --csv "$input"
        try "${cmd[@]}" -q --view -o result "$input"
        expect "$case" 2 "assay $tool: --view draws on standard output: \
leave out -o"
        [ ! -e result ] || fail "$case: a result after wrong usage"
    done
}

@test "the same seed gives the same bytes" {
    for case in $CASES; do
        plain_result "$case"
        same_result "$case" default "${cmd[@]}" --seed 1 "$input"
        try "${cmd[@]}" --seed 2 "$input"
        cp out plain
        same_result "$case" again "${cmd[@]}" --seed 2 "$input"
    done
}

@test "the locale does not change numbers" {
    locale -a | grep -qi '^de_DE.utf-\?8$' || skip "no German locale here"
    for case in $CASES; do
        plain_result "$case"
        LC_ALL=de_DE.UTF-8 same_result "$case" locale "${cmd[@]}" "$input"
    done
}

@test "an ignored SIGHUP stays ignored (nohup)" {
    mkfifo slow
    sh -c 'trap "" HUP; exec assay split -q --hash title slow' >out 2>err 3>&- &
    pid=$!
    exec 8<>slow
    small_books >&8
    sleep .2
    kill -HUP "$pid"
    exec 8>&-
    status=0
    wait "$pid" || status=$?
    expect nohup 0 ""
}

@test "-o survives a run whose history or model is refused" {
    small_predictions >p.csv
    small_books >b.csv
    echo other >history
    echo old >result
    try assay decompose -o result --append history p.csv
    expect decompose 1
    expect_text decompose old "$(<result)"
    try assay train -q --label genre --net majority -m nowhere/m -o result b.csv
    expect train 1
    expect_text train old "$(<result)"
}

@test "a stamp may not double a column" {
    small_predictions >p.csv
    try assay decompose --stamp kind=x p.csv
    expect_like stamp "[12]" "$status"
}
