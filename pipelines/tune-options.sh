# shellcheck shell=sh disable=SC2154 # own and me are of who sources this
# tune-options.sh: how tune-worker.sh, tune-parallel.sh and tune-slurm.sh read
# their options.  To be sourced, with the functions `usage` and `me`, their name,
# there, and in `own` the options that are theirs:
#
#     own='log hosts' log='' hosts=''
#     . "$(dirname "$0")/tune-options.sh"
#
# Then $log and $hosts are what was given, "$@" is every other option and its
# value, for assay tune --ask, and $command the words behind --, quoted for the
# shell ($joined: as they are, parted by blanks).

fail() { # MESSAGE [STATUS]
    echo "$me: $1" >&2
    exit "${2:-1}"
}

# shellcheck source=pipelines/words.sh
. "$(dirname "$0")/words.sh"

left=$#
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    case $word in
    --help) usage; exit 0 ;;
    --) break ;;
    --*=*) value=${word#*=} word=${word%%=*} ;;
    --*)
        [ "$left" -gt 0 ] || fail "$word needs a value" 2
        value=$1
        shift
        left=$((left - 1)) ;;
    *) fail "COMMAND stands behind --, not '$word'" 2 ;;
    esac
    case " $own " in
    *" ${word#--} "*) eval "${word#--}=\$value" ;;
    *) set -- "$@" "$word" "$value" ;;
    esac
done
command=''
while [ "$left" -gt 0 ]; do
    command="$command${command:+ }$1"
    shift
    left=$((left - 1))
done
if [ -z "${log-}" ] || [ -z "$command" ]; then
    usage >&2
    exit 2
fi
