# Names, folders and address ranges: everything a lab makes is derived from its name, or recorded in lab.env
# before it is made, so that `down` finds it after any death. Sourced by bin/lab.

die() { echo "lab: $*" >&2; exit 1; }
say() { echo "lab: $*" >&2; }
need_root() { [ "$(id -u)" = 0 ] || die "this needs root (namespaces, bridges, libvirt); run it with sudo"; }

name_everything() {
    LAB="${UNDERSTUDY_LAB:-understudy}"
    [[ "$LAB" =~ ^[a-z][a-z0-9-]{0,19}$ ]] \
        || die "UNDERSTUDY_LAB is '$LAB'; expected up to 20 lower-case letters, digits and dashes, a letter first"
    LABS_DIR="${UNDERSTUDY_LAB_DIR:-/var/lib/understudy-lab}"
    [[ "$LABS_DIR" = /* ]] || die "UNDERSTUDY_LAB_DIR is '$LABS_DIR'; expected an absolute path"
    [[ "$LABS_DIR" =~ ^[A-Za-z0-9_./-]+$ ]] || die "UNDERSTUDY_LAB_DIR is '$LABS_DIR'; it may hold no blanks or signs"
    LAB_DIR="$LABS_DIR/$LAB"
    CACHE_DIR="${UNDERSTUDY_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/understudy}"
    LAB_HASH="$(printf %s "$LAB" | sha256sum | cut -c1-8)"
    SWITCH="$LAB-link"
    UPLINK="us-$LAB_HASH"
    BOOT="$(cat /proc/sys/kernel/random/boot_id)"
}

# host_name 1 -> stockholm
host_name() {
    local names=(stockholm amsterdam oslo paris)
    if [ "$1" -le ${#names[@]} ]; then echo "${names[$1 - 1]}"; else echo "host$1"; fi
}

host_netns() { if [ "$LAB" = understudy ]; then echo "$1"; else echo "$LAB-$1"; fi; }
# A host's /run is seen through the process that holds its namespaces.
host_socket() { echo "/proc/$(holder_pid "$1")/root/run/libvirt/libvirt-sock"; }
host_uri() { echo "qemu+unix:///system?socket=$(host_socket "$1")"; }
host_virsh() { local host="$1"; shift; virsh -q -c "$(host_uri "$host")" "$@"; }

# Sets HOSTS, RANGE (first two bytes), BASE (third byte of the lab's /18), RECORDED_BOOT, READY, STORAGE, KINDS.
load_lab() {
    HOSTS=0 RANGE='' BASE=0 RECORDED_BOOT='' READY=no STORAGE='' KINDS=''
    [ -f "$LAB_DIR/lab.env" ] || return 1
    local key value
    while IFS='=' read -r key value; do
        case "$key" in
            hosts) HOSTS="$value" ;;
            range) RANGE="$value" ;;
            base) BASE="$value" ;;
            boot) RECORDED_BOOT="$value" ;;
            ready) READY="$value" ;;
            storage) STORAGE="$value" ;;
            kinds) KINDS="$value" ;;
        esac
    done <"$LAB_DIR/lab.env"
}

save_lab() {
    printf '%s\n' "hosts=$HOSTS" "range=$RANGE" "base=$BASE" "boot=$BOOT" "storage=$STORAGE" "kinds=$KINDS" "ready=$1" \
        >"$LAB_DIR/lab.env.new"
    mv "$LAB_DIR/lab.env.new" "$LAB_DIR/lab.env"
}

need_lab() {
    load_lab || die "the lab '$LAB' is not up; 'lab up' starts it"
    [ "$READY" = yes ] && [ "$RECORDED_BOOT" = "$BOOT" ] \
        || die "the lab '$LAB' is only half up; 'lab down' and then 'lab up' make it whole"
}

# Sets HOST and HOST_NUMBER from a host's name.
need_host() {
    local i
    for ((i = 1; i <= HOSTS; i++)); do
        if [ "$(host_name "$i")" = "${1:-}" ]; then HOST="$1" HOST_NUMBER="$i"; return; fi
    done
    die "the lab '$LAB' has no host '${1:-}'; it has: $(for ((i = 1; i <= HOSTS; i++)); do host_name "$i"; done | xargs)"
}

host_address() { echo "$RANGE.$BASE.$((10 + $1))"; }
lab_address() { echo "$RANGE.$BASE.1"; }
# The two libvirt networks of a host: kind 1 is routed (production, recovery), kind 2 is isolated.
network_prefix() { echo "$RANGE.$((BASE + 2 * ($1 - 1) + $2))"; }

address_number() { local a b c d; IFS=. read -r a b c d <<<"$1"; echo $(((a << 24) + (b << 16) + (c << 8) + d)); }

# Whether a /18 overlaps a route of this machine or the range of another lab.
range_in_use() {
    local wanted="$1" base="$2" start end destination address bits from other
    start="$(address_number "$wanted.$base.0")" end=$((start + (1 << 14) - 1))
    while read -r destination; do
        [[ "$destination" =~ ^([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(/([0-9]+))?$ ]] || continue
        address="${BASH_REMATCH[1]}" bits="${BASH_REMATCH[3]:-32}"
        from="$(address_number "$address")"
        if [ "$from" -le "$end" ] && [ $((from + (1 << (32 - bits)) - 1)) -ge "$start" ]; then return 0; fi
    done < <(ip -4 -o route show table all | awk '{ print ($1 ~ /^[0-9]/) ? $1 : $2 }' | sort -u)
    for other in "$LABS_DIR"/*/lab.env; do
        [ -f "$other" ] && [ "$other" != "$LAB_DIR/lab.env" ] || continue
        if grep -qx "range=$wanted" "$other" && grep -qx "base=$base" "$other"; then return 0; fi
    done
    return 1
}

choose_range() {
    if [ -n "${UNDERSTUDY_LAB_RANGE:-}" ]; then
        [[ "$UNDERSTUDY_LAB_RANGE" =~ ^([0-9]+\.[0-9]+)\.(0|64|128|192)$ ]] \
            || die "UNDERSTUDY_LAB_RANGE is '$UNDERSTUDY_LAB_RANGE'; expected three bytes, the third 0, 64, 128 or 192"
        RANGE="${BASH_REMATCH[1]}" BASE="${BASH_REMATCH[2]}"
        range_in_use "$RANGE" "$BASE" && die "$RANGE.$BASE.0/18 overlaps a route of this machine (ip route)"
        return 0
    fi
    local first=$((16#${LAB_HASH:0:4} % 256)) try candidate
    for ((try = 0; try < 16; try++)); do
        candidate=$(((first + try) % 256))
        RANGE="10.$((64 + candidate / 4))" BASE=$((candidate % 4 * 64))
        range_in_use "$RANGE" "$BASE" || return 0
    done
    die "no free /18 between 10.64.0.0 and 10.127.255.255; name one by UNDERSTUDY_LAB_RANGE (see ip route)"
}

# Long-lived children must not inherit the lock: 9 is closed where they are started. `down` removes the file, so a lock
# counts only if its file is still the one at the path.
lock_lab() {
    need_root
    local path="$LABS_DIR/.$LAB.lock"
    while true; do
        mkdir -p "$LABS_DIR"
        { exec 9>>"$path"; } 2>/dev/null || continue
        flock -w 300 9 || die "another command works on the lab '$LAB' for too long"
        [ "$(stat -Lc %i /proc/self/fd/9)" != "$(stat -c %i "$path" 2>/dev/null)" ] || return 0
    done
}

drop_lock() {
    rm -f "$LABS_DIR/.$LAB.lock"
    rmdir --ignore-fail-on-non-empty "$LABS_DIR" 2>/dev/null || true
}
