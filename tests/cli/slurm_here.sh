#!/bin/sh
# slurm_here.sh: Slurm on this machine, in a folder of its own.
#
#   slurm_here.sh start DIR    then SLURM_CONF=DIR/slurm.conf names it
#   slurm_here.sh stop DIR     ends what was started, and nothing else
#
# Exits 3, with the reason, where Slurm cannot be started here.
set -eu

cannot() {
    echo "slurm_here.sh: $1" >&2
    exit 3
}

# Waits up to 10 seconds.
wait_for() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || return 1
        sleep .1
    done
}

# A port that nobody uses, above $1.
free_port() {
    port=$1
    while grep -qi ":$(printf '%04x' "$port") " /proc/net/tcp; do
        port=$((port + 1))
    done
    echo "$port"
}

write_config() {
    name=$(uname -n)
    controller=$(free_port $((20000 + $$ % 20000)))
    cat >"$dir/slurm.conf" <<EOT
ClusterName=here
SlurmctldHost=${name%%.*}(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$(free_port $((controller + 1)))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=${name%%.*} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOT
}

idle() {
    sinfo -h -o %t | grep -q idle
}

start() {
    for program in munged slurmctld slurmd sbatch; do
        command -v "$program" >/dev/null || cannot "no $program (slurm-wlm)"
    done
    [ "$(id -u)" -eq 0 ] || cannot "not root"
    mkdir -p "$dir/munge" "$dir/state" "$dir/spool"
    chmod 755 "$dir" "$dir/munge"
    head -c 128 /dev/urandom >"$dir/munge/key"
    chmod 400 "$dir/munge/key"
    write_config
    # munged does not mind who it is, as long as the key is its own
    munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" \
        --pid-file="$dir/munged.pid" --log-file="$dir/munged.log" \
        --seed-file="$dir/munge/seed" 2>"$dir/munged.err" ||
        cannot "munged does not start: $(tail -n 1 "$dir/munged.err")"
    export SLURM_CONF="$dir/slurm.conf"
    slurmctld 2>"$dir/slurmctld.err" || { stop; cannot "slurmctld does not start"; }
    slurmd 2>"$dir/slurmd.err" || { stop; cannot "slurmd does not start"; }
    wait_for idle || { stop; cannot "the node does not come up"; }
}

stop() {
    for program in slurmd slurmctld munged; do
        [ -s "$dir/$program.pid" ] || continue
        pid=$(cat "$dir/$program.pid")
        kill "$pid" 2>/dev/null || true
        wait_for test ! -e "/proc/$pid" || kill -9 "$pid" 2>/dev/null || true
    done
}

[ $# -eq 2 ] || cannot "start DIR or stop DIR"
dir=$2
case $1 in
start) start ;;
stop) stop ;;
*) cannot "start DIR or stop DIR" ;;
esac
