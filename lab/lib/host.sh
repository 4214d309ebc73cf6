# Hosts: namespaces, storage, libvirtd, libvirt networks; up and down. Sourced by bin/lab.

lab_up() {
    local hosts=2 storage=8G given=no kinds=() name kind
    while [ $# -gt 0 ]; do
        case "$1" in
            --hosts) hosts="${2:-}" given=yes; shift 2 ;;
            --storage-size) storage="${2:-}"; shift 2 ;;
            --host)
                [[ "${2:-}" =~ ^([a-z0-9]+)=([a-z-]+)$ ]] || die "--host is '${2:-}'; expected amsterdam=trixie, for one"
                kinds+=("$2")
                shift 2 ;;
            *) die "lab up does not know '$1'" ;;
        esac
    done
    [[ "$hosts" =~ ^[0-9]+$ ]] && [ "$hosts" -ge 1 ] && [ "$hosts" -le 30 ] || die "--hosts is '$hosts'; expected 1 to 30"
    [[ "$storage" =~ ^([0-9]+[MG]|none)$ ]] || die "--storage-size is '$storage'; expected 500M, 8G... or none"
    need_root
    need_programs
    local wanted
    wanted="$(kinds_of_hosts "$hosts" "${kinds[@]}")"
    make_roots "$wanted"
    lock_lab
    if load_lab && [ "$READY" = yes ] && [ "$RECORDED_BOOT" = "$BOOT" ]; then
        [ ${#kinds[@]} = 0 ] || [ "$KINDS" = "$wanted" ] \
            || die "the lab '$LAB' is up with hosts of the kinds $KINDS; 'lab down' first"
        [ "$given" = no ] || [ "$hosts" = "$HOSTS" ] || die "the lab '$LAB' is up with $HOSTS hosts; 'lab down' first"
        say "'$LAB' is up already"
        return
    fi
    if [ -e "$LAB_DIR" ]; then
        say "clearing what is left of an earlier '$LAB'"
        remove_lab
    fi
    HOSTS="$hosts" STORAGE="$storage" KINDS="$wanted"
    local i netns
    for ((i = 0; i <= HOSTS; i++)); do
        netns="$SWITCH"
        [ "$i" = 0 ] || netns="$(host_netns "$(host_name "$i")")"
        [ ! -e "/run/netns/$netns" ] || die "a network namespace '$netns' exists that this lab did not make (ip netns)"
    done
    # Two labs that start at once must not choose one range.
    exec 8<"$LABS_DIR"
    flock 8
    choose_range
    mkdir -p "$LAB_DIR"
    save_lab no
    exec 8>&-
    trap 'undo_up' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    make_switch
    for ((i = 1; i <= HOSTS; i++)); do make_host "$i"; done
    for ((i = 1; i <= HOSTS; i++)); do finish_host "$i"; done
    save_lab yes
    trap - EXIT INT TERM HUP
    say "'$LAB' is up: $(for ((i = 1; i <= HOSTS; i++)); do echo "$(host_name "$i") $(host_address "$i")"; done | paste -sd,)"
}

# The kinds of the hosts in their order, with commas: own, a release, or a release with systemd.
kinds_of_hosts() {
    local count="$1" i name kind line=()
    shift
    for ((i = 1; i <= count; i++)); do line+=(own); done
    for name in "$@"; do
        kind="${name#*=}" name="${name%%=*}"
        [ "$kind" = own ] || need_release "${kind%-systemd}"
        for ((i = 1; i <= count; i++)); do
            if [ "$(host_name "$i")" = "$name" ]; then line[i - 1]="$kind"; continue 2; fi
        done
        die "--host $name=$kind: a lab of $count hosts has no host '$name'"
    done
    (IFS=,; echo "${line[*]}")
}

# Before anything else is made, since it may take minutes.
make_roots() {
    local kind
    for kind in ${1//,/ }; do
        [ "$kind" = own ] || make_root "${kind%-systemd}"
    done
}

# host_kind 1 -> own
host_kind() { echo "$KINDS" | cut -d, -f"$1"; }

undo_up() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    say "not up; removing what was made"
    remove_lab
    drop_lock
    exit "$status"
}

# The switch stands in a namespace of its own, so no packet filter of the machine sees the traffic between hosts;
# one veth leads out of it, with the lab's address for what runs on the machine itself.
make_switch() {
    ip netns add "$SWITCH"
    ip -n "$SWITCH" link set lo up
    ip -n "$SWITCH" link add br0 type bridge stp_state 0
    ip -n "$SWITCH" link set br0 up
    ip link add "$UPLINK" type veth peer name uplink netns "$SWITCH"
    ip -n "$SWITCH" link set uplink master br0 up
    ip addr add "$(lab_address)/24" dev "$UPLINK"
    ip link set "$UPLINK" up
}

make_host() {
    local number="$1" host netns folder
    host="$(host_name "$number")" netns="$(host_netns "$host")" folder="$LAB_DIR/$host"
    mkdir -p "$folder/log"
    chmod 755 "$folder" "$folder/log"
    ip netns add "$netns"
    stat -Lc %i "/run/netns/$netns" >"$folder/netns.inode"
    ip -n "$netns" link set lo up
    ip -n "$SWITCH" link add "port$number" type veth peer name eth0 netns "$netns"
    ip -n "$SWITCH" link set "port$number" master br0 up
    ip -n "$netns" addr add "$(host_address "$number")/24" dev eth0
    ip -n "$netns" link set eth0 up
    ip -n "$netns" route add default via "$(lab_address)"
    ip route add "$(network_prefix "$number" 1).0/24" via "$(host_address "$number")"
    [ "$STORAGE" = none ] || truncate -s "$STORAGE" "$folder/storage.img"
    [ "$STORAGE" = none ] || mkfs.ext4 -q -m 0 -E nodiscard,lazy_itable_init=1,lazy_journal_init=1 "$folder/storage.img"
    lay_libvirt_folders "$number"
    start_holder "$number"
}

# Of a host without systemd, as the packages lay them down, whatever the umask of whoever starts the lab; a whole system
# has its own.
lay_libvirt_folders() {
    local kind folder root=''
    kind="$(host_kind "$1")" folder="$LAB_DIR/$(host_name "$1")"
    case "$kind" in
        *-systemd) return 0 ;;
        own) ;;
        *) root="$(root_folder "$kind")" ;;
    esac
    mkdir -p "$folder"/{etc-libvirt/hooks/qemu.d,var-lib-libvirt/images,var-lib-libvirt/qemu,cache}
    chmod 755 "$folder"/{etc-libvirt,etc-libvirt/hooks,etc-libvirt/hooks/qemu.d,var-lib-libvirt}
    # As the agent's package lays it down; the agent of the host puts its own folder in.
    install -m 755 "$LAB_HOME/../agent/src/main/resources/org/understudy/agent/role/qemu-hook" \
        "$folder/etc-libvirt/hooks/qemu.d/understudy"
    chmod 711 "$folder"/{var-lib-libvirt/images,cache}
    chmod --reference="$root/var/lib/libvirt/qemu" "$folder/var-lib-libvirt/qemu"
    chown --reference="$root/var/lib/libvirt/qemu" "$folder/var-lib-libvirt/qemu"
    write_libvirt_config "$folder/etc-libvirt" "$root"
}

# write_libvirt_config <folder> <root file system>
write_libvirt_config() {
    cat >"$1/libvirtd.conf" <<END
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
log_filters = "3:qemu 3:libvirt 4:object 4:json 4:event 4:util"
END
    # The distribution's own: QEMU runs as its user and is given what a VM needs and no more.
    cp "$2/etc/libvirt/qemu.conf" "$1/qemu.conf"
    chmod 600 "$1/qemu.conf"
    cat >>"$1/qemu.conf" <<END

# The lab: virtlogd is started by systemd, which a host of namespaces does not have.
stdio_handler = "file"
END
}

# The holder keeps a host's mount namespace and starts its libvirtd; whoever enters the host enters the holder's.
start_holder() {
    local number="$1" host folder kind root='' options=(--mount --propagation private) script=holder.sh group
    host="$(host_name "$number")" kind="$(host_kind "$number")"
    folder="$LAB_DIR/$host"
    [ "$kind" = own ] || root="$(root_folder "${kind%-systemd}")"
    group="$(host_group "$host")"
    if [[ "$kind" = *-systemd ]]; then
        options+=(--uts --ipc --cgroup --pid --fork)
        script=boot.sh
        [ -z "$group" ] || mkdir -p "$group"
    else
        group=''
    fi
    rm -f "$folder/holder.pid"
    # The control group first: it becomes the root of the host's own.
    # shellcheck disable=SC2016
    setsid sh -c '[ -z "$0" ] || echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" \
        nsenter --net="/run/netns/$(host_netns "$host")" unshare "${options[@]}" \
        bash "$LAB_HOME/lib/$script" "$folder" "$root" "$host" </dev/null >>"$folder/log/holder.log" 2>&1 9>&- 8>&- &
    await 20 "the namespaces of $host (see $folder/log/holder.log)" test -s "$folder/holder.pid"
}

# The control group of a host that is a whole system; empty where the machine has no unified hierarchy.
host_group() {
    local unified
    unified="$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)"
    [ -z "$unified" ] || echo "$unified/understudy-lab-$LAB-$1"
}

finish_host() {
    local number="$1" host folder
    host="$(host_name "$number")" folder="$LAB_DIR/$host"
    await 60 "libvirtd of $host (see $folder/log/libvirtd.log)" host_answers "$host"
    host_virsh "$host" pool-define-as default dir --target /var/lib/libvirt/images >/dev/null
    host_virsh "$host" pool-autostart default >/dev/null
    host_virsh "$host" pool-start default >/dev/null
    if [ "$number" = 1 ]; then
        define_network "$host" production open "$(network_prefix "$number" 1)" web db
    else
        define_network "$host" recovery open "$(network_prefix "$number" 1)" db web
        define_network "$host" isolated-test isolated "$(network_prefix "$number" 2)" web db
    fi
}

is_whole_system() { [[ "$(host_kind "$1")" = *-systemd ]]; }

host_answers() { host_virsh "$1" version >/dev/null 2>&1; }

# An `open` network is routed without packet filter rules, so the machine reaches its guests too; an isolated one is
# reached from inside its host only.
define_network() {
    local host="$1" name="$2" kind="$3" prefix="$4" group xml
    shift 4
    xml="<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>$name</name>"
    [ "$kind" = isolated ] || xml+="<forward mode='open'/>"
    xml+="<bridge stp='off' delay='0'/>"
    xml+="<ip address='$prefix.1' netmask='255.255.255.0'>"
    xml+="<dhcp><range start='$prefix.100' end='$prefix.199'/></dhcp></ip>"
    for group in "$@"; do xml+="<portgroup name='$group'/>"; done
    # dnsmasq would ping an address for three seconds before it offers it.
    xml+="<dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options></network>"
    echo "$xml" >"$LAB_DIR/$host/network-$name.xml"
    host_virsh "$host" net-define "$LAB_DIR/$host/network-$name.xml" >/dev/null
    host_virsh "$host" net-autostart "$name" >/dev/null
    host_virsh "$host" net-start "$name" >/dev/null
}

await() {
    local seconds="$1" what="$2" until
    shift 2
    until=$((SECONDS + seconds))
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || die "waited $seconds s in vain for $what"
        sleep 0.1
    done
}

holder_pid() { cat "$LAB_DIR/$1/holder.pid" 2>/dev/null || true; }

# Runs a command in a host's namespaces; the process is replaced, so its pid is the command's.
enter_host() {
    local host="$1" holder
    shift
    holder="$(holder_pid "$host")"
    [ -n "$holder" ] && [ -d "/proc/$holder" ] || die "$host has lost its namespaces; 'lab down' and 'lab up' make them anew"
    if [ "$(readlink "/proc/$holder/ns/uts")" != "$(readlink /proc/self/ns/uts)" ]; then
        # A whole system: what is typed at its own shell, nothing of the machine's environment.
        exec nsenter --target "$holder" --all env -i HOME=/root TERM="${TERM:-dumb}" \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c 'cd; exec "$@"' sh "$@"
    fi
    exec nsenter --net="/proc/$holder/ns/net" --mount="/proc/$holder/ns/mnt" \
        sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$PWD" "$@"
}

host_exec() {
    need_root
    need_lab
    need_host "${1:-}"
    shift
    [ $# -gt 0 ] || die "say what to run: lab exec $HOST <command...>"
    enter_host "$HOST" "$@"
}

# The processes of a host, told by the inode of their network namespace or mount namespace, whoever started them.
host_processes() {
    local folder="$1" keep="${2:-}" inode mount='' holder
    inode="$(cat "$folder/netns.inode" 2>/dev/null || true)"
    [ -n "$inode" ] || return 0
    holder="$(cat "$folder/holder.pid" 2>/dev/null || true)"
    if [ -n "$holder" ] && [ "$(readlink "/proc/$holder/ns/net" 2>/dev/null || true)" = "net:[$inode]" ]; then
        mount="$(readlink "/proc/$holder/ns/mnt" 2>/dev/null || true)"
    fi
    # One process reads all links: the site is to die in one moment, not in the order of a slow search.
    # Processes that end meanwhile make it complain.
    { find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/*' '(' -name net -o -name mnt ')' -printf '%h %l\n' || true; } \
        2>/dev/null \
        | awk -v net="net:[$inode]" -v mount="$mount" -v keep="$keep" -v own=$$ '
            $2 == net || (mount != "" && $2 == mount) {
                split($1, part, "/")
                if (part[3] != keep && part[3] != own && !seen[part[3]]++) print part[3]
            }'
}

# kill -9 of everything in a host, again until nothing is left: a process may fork while it is being killed.
kill_processes() {
    local folder="$1" keep="${2:-}" pids round
    for ((round = 0; round < 100; round++)); do
        pids="$(host_processes "$folder" "$keep" | xargs)"
        [ -n "$pids" ] || return 0
        # shellcheck disable=SC2086
        kill -9 $pids 2>/dev/null || true
        sleep 0.05
    done
    die "processes do not die: $pids"
}

kill_site() {
    lock_lab
    need_lab
    need_host "${1:-}"
    local at pids keep=''
    # A whole system goes with its first process; otherwise the holder keeps the namespaces.
    is_whole_system "$HOST_NUMBER" || keep="$(holder_pid "$HOST")"
    pids="$(host_processes "$LAB_DIR/$HOST" "$keep" | xargs)"
    ip -n "$SWITCH" link set "port$HOST_NUMBER" down
    at="${EPOCHREALTIME//[.,]/}"
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
    kill_processes "$LAB_DIR/$HOST" "$keep"
    echo cut >"$LAB_DIR/$HOST/link.cut"
    echo "{\"host\":\"$HOST\",\"killedAtMicros\":$at}"
}

# As after a power cut: what lived in memory (/run, bridges, taps) is gone, the disks are as they were.
start_site() {
    lock_lab
    need_lab
    need_host "${1:-}"
    host_answers "$HOST" && die "libvirtd of $HOST runs already"
    local netns link keep=''
    netns="$(host_netns "$HOST")"
    is_whole_system "$HOST_NUMBER" || keep="$(holder_pid "$HOST")"
    kill_processes "$LAB_DIR/$HOST" "$keep"
    for link in $(ip -n "$netns" -o link show | awk -F': ' '{print $2}' | cut -d@ -f1); do
        case "$link" in lo|eth0) ;; *) ip -n "$netns" link del "$link" 2>/dev/null || true ;; esac
    done
    if is_whole_system "$HOST_NUMBER"; then
        start_holder "$HOST_NUMBER"
    else
        nsenter --mount="/proc/$(holder_pid "$HOST")/ns/mnt" sh -c 'find /run -mindepth 1 -delete && mkdir /run/lock'
        kill -HUP "$(holder_pid "$HOST")"
    fi
    await 60 "libvirtd of $HOST" host_answers "$HOST"
    heal_host "$HOST" "$HOST_NUMBER"
}

lab_down() {
    [ $# = 0 ] || die "lab down takes no argument"
    lock_lab
    if [ -e "$LAB_DIR" ]; then
        remove_lab
        say "'$LAB' is down"
    else
        say "'$LAB' is not up"
    fi
    drop_lock
}

# Every line of this finds its work done, half done or not begun.
remove_lab() {
    load_lab || true
    local folder host netns i image device
    for folder in "$LAB_DIR"/*/; do
        folder="${folder%/}"
        # After a reboot the recorded inodes may be somebody else's.
        [ -d "$folder" ] && [ "$RECORDED_BOOT" = "$BOOT" ] && kill_processes "$folder"
    done
    if [ "$RECORDED_BOOT" = "$BOOT" ]; then
        ip link del "$UPLINK" 2>/dev/null || true
        for ((i = 1; i <= HOSTS; i++)); do
            host="$(host_name "$i")" netns="$(host_netns "$host")"
            [ ! -e "/run/netns/$netns" ] || remove_netns "$netns"
            remove_group "$(host_group "$host")"
        done
        [ ! -e "/run/netns/$SWITCH" ] || remove_netns "$SWITCH"
    fi
    for image in "$LAB_DIR"/*/storage.img; do
        [ -e "$image" ] || continue
        for device in $(losetup -j "$image" 2>/dev/null | cut -d: -f1); do
            losetup -d "$device" 2>/dev/null || true
        done
        await 10 "the loop device of $image" no_loop "$image"
    done
    awk '{print $2}' /proc/mounts | grep -qF "$LAB_DIR/" && die "something is mounted under $LAB_DIR; not removing it"
    rm -rf -- "$LAB_DIR"
}

# A namespace whose inode was recorded must still be that one; one made just before a kill -9 was not recorded yet.
remove_netns() {
    local pids
    pids="$(ip netns pids "$1" 2>/dev/null | xargs)"
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
    ip netns del "$1"
}

# The groups of a dead system's services lie in its own; the kernel lets go of them a moment after the processes.
remove_group() {
    [ -n "$1" ] && [ -d "$1" ] || return 0
    await 10 "the control group $1" no_group "$1"
}

no_group() {
    find "$1" -depth -type d -exec rmdir {} ';' 2>/dev/null || true
    [ ! -d "$1" ]
}

no_loop() { [ -z "$(losetup -j "$1" 2>/dev/null)" ]; }
