# The links between the hosts: caps and cuts. Sourced by bin/lab.

lab_link() {
    local action="${1:-}"
    [ $# -gt 0 ] && shift
    lock_lab
    need_lab
    local i only=''
    case "$action" in
        cap)
            local rate="${1:-}" bytes
            bytes="$(bytes_of_rate "$rate")"
            if [ -n "${2:-}" ]; then need_host "$2"; only="$2"; fi
            for ((i = 1; i <= HOSTS; i++)); do
                [ -z "$only" ] || [ "$only" = "$(host_name "$i")" ] || continue
                cap_host "$i" "$bytes" "$rate"
            done
            ;;
        cut)
            if [ -n "${1:-}" ]; then
                need_host "$1"
                echo cut >"$LAB_DIR/$HOST/link.cut"
                ip -n "$SWITCH" link set "port$HOST_NUMBER" down
            else
                echo cut >"$LAB_DIR/link.cut"
                # Isolated ports of a bridge exchange nothing with each other and everything with the uplink.
                for ((i = 1; i <= HOSTS; i++)); do bridge -n "$SWITCH" link set dev "port$i" isolated on; done
            fi
            ;;
        heal)
            if [ -n "${1:-}" ]; then need_host "$1"; heal_host "$HOST" "$HOST_NUMBER"; return; fi
            for ((i = 1; i <= HOSTS; i++)); do
                bridge -n "$SWITCH" link set dev "port$i" isolated off
                heal_host "$(host_name "$i")" "$i"
            done
            rm -f "$LAB_DIR/link.cut"
            ;;
        *) die "lab link knows cap, cut and heal, not '$action'" ;;
    esac
}

heal_host() {
    ip -n "$SWITCH" link set "port$2" up
    # An address that was asked for in vain during the cut would stay unknown for seconds more.
    ip -n "$(host_netns "$1")" neigh flush dev eth0
    rm -f "$LAB_DIR/$1/link.cut"
}

bytes_of_rate() {
    [ "$1" = none ] && { echo 0; return; }
    [[ "$1" =~ ^([0-9]+)([KMG]?)$ ]] && [ "${BASH_REMATCH[1]}" -gt 0 ] \
        || die "the rate is '$1'; expected bytes a second as 500K, 1M, 2G, or none"
    case "${BASH_REMATCH[2]}" in
        K) echo $((BASH_REMATCH[1] * 1000)) ;;
        M) echo $((BASH_REMATCH[1] * 1000000)) ;;
        G) echo $((BASH_REMATCH[1] * 1000000000)) ;;
        *) echo "${BASH_REMATCH[1]}" ;;
    esac
}

cap_host() {
    local number="$1" bytes="$2" host netns burst
    host="$(host_name "$number")" netns="$(host_netns "$host")"
    if [ "$bytes" = 0 ]; then
        tc -n "$SWITCH" qdisc del dev "port$number" root 2>/dev/null || true
        tc -n "$netns" qdisc del dev eth0 root 2>/dev/null || true
        rm -f "$LAB_DIR/$host/link.cap"
        return
    fi
    # The bucket holds 5 ms of traffic, and at least one large veth packet.
    burst=$((bytes / 200 > 70000 ? bytes / 200 : 70000))
    tc -n "$SWITCH" qdisc replace dev "port$number" root tbf rate "${bytes}bps" burst "$burst" latency 200ms
    tc -n "$netns" qdisc replace dev eth0 root tbf rate "${bytes}bps" burst "$burst" latency 200ms
    echo "$bytes" >"$LAB_DIR/$host/link.cap"
}
