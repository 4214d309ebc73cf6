# What runs and where it is. Sourced by bin/lab.

wants_json() {
    case "${1:-} ${2:-}" in
        ' ') return 1 ;;
        '--output json') return 0 ;;
        '--output table') return 1 ;;
        *) die "expected --output json or --output table, not '$*'" ;;
    esac
}

lab_status() {
    local json=no state=up i
    if wants_json "$@"; then json=yes; fi
    if ! load_lab; then
        if [ "$json" = yes ]; then echo "{\"lab\":\"$LAB\",\"state\":\"down\",\"hosts\":[]}"; else echo "$LAB: down"; fi
        return
    fi
    need_root
    [ "$READY" = yes ] && [ "$RECORDED_BOOT" = "$BOOT" ] || state=half
    if [ "$json" = yes ]; then
        printf '{"lab":"%s","state":"%s","folder":"%s","address":"%s","linkCut":%s,"hosts":[' \
            "$LAB" "$state" "$LAB_DIR" "$(lab_address)" "$(true_if_file "$LAB_DIR/link.cut")"
        for ((i = 1; i <= HOSTS; i++)); do [ "$i" = 1 ] || printf ,; host_status_json "$i"; done
        printf ']}\n'
        return
    fi
    echo "$LAB: $state, this machine is $(lab_address) in it, folder $LAB_DIR$([ ! -f "$LAB_DIR/link.cut" ] || echo ', link cut')"
    for ((i = 1; i <= HOSTS; i++)); do host_status_table "$i"; done
}

true_if_file() { if [ -f "$1" ]; then echo true; else echo false; fi; }

# "state address name" of each guest of a host; - for no address. A name may hold blanks, so it comes last; and a VM is
# asked for by its id, since a name may look like a number or an option.
host_guests() {
    local host="$1" id name state address
    host_virsh "$host" list --all --uuid 2>/dev/null | sed '/^$/d' | while read -r id; do
        # A VM that is undefined meanwhile is no reason to keep the others back.
        name="$({ host_virsh "$host" domname "$id" 2>/dev/null || true; } | sed -n 1p)"
        [ -n "$name" ] || continue
        state="$({ host_virsh "$host" domstate "$id" 2>/dev/null || true; } | sed -n 1p | tr ' ' '-')"
        address="$(guest_address "$host" "$id")"
        printf '%s %s %s\n' "${state:-gone}" "${address:--}" "$name"
    done
}

# A text within the quotes of JSON.
json_text() {
    local text="${1//\\/\\\\}"
    text="${text//\"/\\\"}"
    printf %s "${text//$'\t'/\\t}"
}

# A name as one word for eyes.
shown_name() { if [[ "$1" = *[[:space:]]* ]]; then printf '"%s"' "$1"; else printf %s "$1"; fi; }

guest_address() {
    { host_virsh "$1" domifaddr "$2" --source lease 2>/dev/null || true; } | awk '/ipv4/ { sub("/.*", "", $4); last = $4 } END { print last }'
}

host_networks() {
    if [ "$1" = 1 ]; then echo "production $(network_prefix 1 1)"
    else echo "recovery $(network_prefix "$1" 1)"; echo "isolated-test $(network_prefix "$1" 2)"
    fi
}

host_status_json() {
    local number="$1" host running=false holder comma name state address
    host="$(host_name "$number")"
    host_answers "$host" && running=true
    holder="$(holder_pid "$host")"
    printf '{"name":"%s","address":"%s","namespace":"%s","running":%s,"holderPid":%s' \
        "$host" "$(host_address "$number")" "$(host_netns "$host")" "$running" "${holder:-0}"
    printf ',"libvirtSocket":"%s","libvirtUri":"%s"' "$(host_socket "$host")" "$(host_uri "$host")"
    printf ',"logs":"%s"' "$LAB_DIR/$host/log"
    printf ',"root":"/proc/%s/root","images":"/proc/%s/root/var/lib/libvirt/images"' "${holder:-0}" "${holder:-0}"
    printf ',"linkCut":%s,"linkCapBytesPerSecond":%s' \
        "$(true_if_file "$LAB_DIR/$host/link.cut")" "$(cat "$LAB_DIR/$host/link.cap" 2>/dev/null || echo 0)"
    printf ',"networks":['
    comma=''
    while read -r name address; do
        printf '%s{"name":"%s","subnet":"%s.0/24"}' "$comma" "$name" "$address"; comma=,
    done < <(host_networks "$number")
    printf '],"guests":['
    comma=''
    if [ "$running" = true ]; then
        while read -r state address name; do
            printf '%s{"name":"%s","state":"%s","address":"%s"}' \
                "$comma" "$(json_text "$name")" "$state" "${address#-}"
            comma=,
        done < <(host_guests "$host")
    fi
    printf ']}'
}

host_status_table() {
    local number="$1" host note='' cap state address name
    host="$(host_name "$number")"
    host_answers "$host" || note=', libvirtd does not answer'
    [ ! -f "$LAB_DIR/$host/link.cut" ] || note+=', cut off'
    cap="$(cat "$LAB_DIR/$host/link.cap" 2>/dev/null || true)"
    [ -z "$cap" ] || note+=", link capped to $cap bytes/s"
    echo "  $host $(host_address "$number")$note"
    echo "    libvirt $(host_uri "$host")"
    echo "    images  /proc/$(holder_pid "$host")/root/var/lib/libvirt/images"
    host_networks "$number" | sed 's/^\(.*\) \(.*\)$/    network \1 \2.0\/24/'
    [ -n "$note" ] || host_guests "$host" | while read -r state address name; do
        echo "    guest   $(shown_name "$name") $state $address"
    done
}
