# Guests: create, destroy, list, ask. Sourced by bin/lab.

lab_guest() {
    local action="${1:-}"
    [ $# -gt 0 ] && shift
    case "$action" in
        build) guest_build "$@" ;;
        create) guest_create "$@" ;;
        destroy) guest_destroy "$@" ;;
        list) guest_list "$@" ;;
        http) guest_http "$@" ;;
        wait) guest_wait "$@" ;;
        records) guest_records "$@" ;;
        *) die "lab guest knows build, create, destroy, list, http, wait and records, not '$action'" ;;
    esac
}

mebibytes() {
    [[ "$2" =~ ^([0-9]+)([MG])$ ]] || die "$1 is '$2'; expected a size as 512M or 4G"
    if [ "${BASH_REMATCH[2]}" = G ]; then echo $((BASH_REMATCH[1] * 1024)); else echo "${BASH_REMATCH[1]}"; fi
}

guest_create() {
    local name="${1:-}" host='' memory=128M size=512M second=256M network='' group=web rate=50 wait=yes json=no firmware=bios machine
    [[ "$name" =~ ^[a-z][a-z0-9-]{0,62}$ ]] || die "the guest's name is '$name'; expected lower-case letters, digits, dashes"
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --no-wait) wait=no; shift; continue ;;
            --host|--memory|--disk-size|--second-disk-size|--network|--port-group|--rate|--firmware|--output)
                [ $# -ge 2 ] || die "$1 needs a value" ;;
            *) die "lab guest create does not know '$1'" ;;
        esac
        case "$1" in
            --host) host="$2" ;;
            --memory) memory="$2" ;;
            --disk-size) size="$2" ;;
            --second-disk-size) second="$2" ;;
            --network) network="$2" ;;
            --port-group) group="$2" ;;
            --rate) rate="$2" ;;
            --firmware) firmware="$2" ;;
            --output) [ "$2" = json ] || die "--output knows json only"; json=yes ;;
        esac
        shift 2
    done
    [[ "$rate" =~ ^[0-9]+$ ]] || die "--rate is '$rate'; expected records a second, 0 for as fast as possible"
    [[ "$firmware" =~ ^(bios|uefi)$ ]] || die "--firmware is '$firmware'; expected bios or uefi"
    size="$(mebibytes --disk-size "$size")" second="$(mebibytes --second-disk-size "$second")"
    memory="$(mebibytes --memory "$memory")"
    [ "$size" -ge 64 ] || die "--disk-size is ${size}M; the guest needs 64M"
    [ "$second" -ge 16 ] || die "--second-disk-size is ${second}M; the guest needs 16M"
    need_root
    need_lab
    need_host "$host"
    [ -n "$network" ] || network="$(host_networks "$HOST_NUMBER" | awk '{ print $1; exit }')"
    host_virsh "$HOST" net-info "$network" >/dev/null 2>&1 || die "$HOST has no network '$network'"
    host_virsh "$HOST" domid "$name" >/dev/null 2>&1 && die "$HOST has a VM '$name' already"
    guest_build
    [ "$firmware" = bios ] || fetch_uefi_packages
    make_disks "$HOST" "$name" "$size" "$second" "$rate" "$firmware"
    machine="$(guest_machine)"
    guest_xml "$name" "$memory" "$network" "$group" "$machine" "$firmware" >"$LAB_DIR/$HOST/guest-$name.xml"
    host_virsh "$HOST" define "$LAB_DIR/$HOST/guest-$name.xml" >/dev/null
    host_virsh "$HOST" start "$name" >/dev/null
    local address=''
    if [ "$wait" = yes ]; then
        await 120 "the HTTP answer of $name" guest_answers "$HOST" "$name"
        address="$(guest_address "$HOST" "$name")"
        # The guest's clock comes from a chip of whole seconds; its timestamps are to be compared with ours.
        ask_guest "$HOST" "$address" "/clock?micros=$(date +%s%6N)" >/dev/null
    fi
    if [ "$json" = yes ]; then
        printf '{"name":"%s","host":"%s","address":"%s","network":"%s","domainType":"%s"}\n' \
            "$name" "$HOST" "$address" "$network" "$(domain_type)"
    else
        echo "$name runs at $HOST${address:+, http://$address/}"
    fi
}

make_disks() {
    local host="$1" name="$2" size="$3" second="$4" rate="$5" firmware="$6" images
    images="/proc/$(holder_pid "$host")/root/var/lib/libvirt/images"
    [ ! -e "$images/$name-vda.qcow2" ] || die "$host has an image $name-vda.qcow2 already"
    make_first_disk "$images/$name-vda.qcow2" "$size" "$name" "$rate" "$firmware"
    qemu-img create -q -f qcow2 -o compat=1.1 "$images/$name-vdb.qcow2" "${second}M"
    # As virt-install and libvirt's volumes have them: for root, and for QEMU's user while the VM runs.
    chmod 600 "$images/$name-vda.qcow2" "$images/$name-vdb.qcow2"
    sync -f "$images"
    host_virsh "$host" pool-refresh default >/dev/null
}

# The machine of a guest: of the newest version that every host has, since an older QEMU knows no newer machine.
guest_machine() {
    local i machine others candidate
    case "$KINDS" in *,*) ;; *) echo pc; return ;; esac
    [ -n "$(tr -d , <<<"${KINDS//own/}")" ] || { echo pc; return; }
    others="$(for ((i = 1; i <= HOSTS; i++)); do
        host_virsh "$(host_name "$i")" capabilities | grep -o "<machine[^<]*</machine>" | sed 's/<[^>]*>//g' | sort -u
    done | sort | uniq -c | awk -v hosts="$HOSTS" '$1 == hosts { print $2 }')"
    for ((i = 1; i <= HOSTS; i++)); do
        candidate="$(host_virsh "$(host_name "$i")" capabilities \
            | sed -n "s/.*<machine canonical='\(pc-i440fx[^']*\)'[^>]*>pc<.*/\1/p" | head -1)"
        if grep -qxF "$candidate" <<<"$others"; then machine="$candidate"; fi
    done
    [ -n "${machine:-}" ] || die "the hosts have no version of the machine 'pc' in common"
    echo "$machine"
}

guest_xml() {
    local disk type os features='' module=''
    type="$(domain_type)"
    os="<os><type arch='x86_64' machine='$5'>hvm</type><boot dev='hd'/></os>"
    if [ "$6" = uefi ]; then
        os="<os firmware='efi'><type arch='x86_64' machine='$(sed 's/^pc$/q35/; s/i440fx/q35/' <<<"$5")'>hvm</type>
    <firmware><feature enabled='yes' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/></firmware>
    <loader secure='yes'/><boot dev='hd'/></os>"
        features="<smm state='on'/>"
        module="<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
    fi
    cat <<END
<domain type='$type'>
  <name>$1</name>
  <memory unit='MiB'>$2</memory>
  <vcpu>1</vcpu>
  $os
  <features><acpi/><apic/>$features</features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
END
    for disk in vda vdb; do
        cat <<END
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/>
      <source file='/var/lib/libvirt/images/$1-$disk.qcow2'/>
      <target dev='$disk' bus='virtio'/>
    </disk>
END
    done
    cat <<END
    <interface type='network'>
      <source network='$3'${4:+ portgroup='$4'}/>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>
    <controller type='usb' model='none'/>
    <serial type='pty'/>
    $module
    <memballoon model='none'/>
  </devices>
</domain>
END
}

# GET from inside the guest's host, by the shell alone; prints the body.
ask_guest() {
    local host="$1" address="$2" path="$3"
    # shellcheck disable=SC2016
    (enter_host "$host" timeout "${4:-10}" bash -c '
        exec 3<>"/dev/tcp/$0/80" || exit 1
        printf "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" "$1" "$0" >&3
        body=no
        while IFS= read -r line <&3 || [ -n "$line" ]; do
            if [ "$body" = yes ]; then printf "%s\n" "$line"; fi
            [ "$line" = $'"'\\r'"' ] && body=yes
        done
        [ "$body" = yes ]' "$address" "$path" 2>/dev/null)
}

guest_answers() {
    local address
    address="$(guest_address "$1" "$2")"
    [ -n "$address" ] && ask_guest "$1" "$address" / 2 >/dev/null
}

# Sets HOST to where the VM is defined.
find_guest() {
    local name="$1" i host
    for ((i = 1; i <= HOSTS; i++)); do
        host="$(host_name "$i")"
        [ -z "${2:-}" ] || [ "$2" = "$host" ] || continue
        if host_virsh "$host" dominfo "$name" >/dev/null 2>&1; then HOST="$host" HOST_NUMBER="$i"; return 0; fi
    done
    return 1
}

guest_destroy() {
    local name="${1:-}" only=''
    [ -n "$name" ] || die "say which guest: lab guest destroy <name>"
    if [ "${2:-}" = --host ]; then only="${3:-}"; fi
    need_root
    need_lab
    find_guest "$name" "$only" || { say "no host has a VM '$name'"; return 0; }
    host_virsh "$HOST" destroy "$name" >/dev/null 2>&1 || true
    host_virsh "$HOST" undefine "$name" --checkpoints-metadata --snapshots-metadata --nvram >/dev/null
    local images
    images="/proc/$(holder_pid "$HOST")/root/var/lib/libvirt/images"
    rm -f -- "$images/$name-vda.qcow2" "$images/$name-vdb.qcow2" "$LAB_DIR/$HOST/guest-$name.xml"
    host_virsh "$HOST" pool-refresh default >/dev/null
}

guest_list() {
    local json=no i comma='' name state address
    if wants_json "$@"; then json=yes; fi
    need_root
    need_lab
    [ "$json" = no ] || printf '['
    for ((i = 1; i <= HOSTS; i++)); do
        HOST="$(host_name "$i")"
        host_answers "$HOST" || continue
        while read -r state address name; do
            if [ "$json" = yes ]; then
                printf '%s{"name":"%s","host":"%s","state":"%s","address":"%s"}' \
                    "$comma" "$(json_text "$name")" "$HOST" "$state" "${address#-}"
                comma=,
            else
                echo "$(shown_name "$name") $HOST $state $address"
            fi
        done < <(host_guests "$HOST")
    done
    [ "$json" = no ] || printf ']\n'
}

guest_http() {
    local name="${1:-}" path=/ only='' address
    [ -n "$name" ] || die "say which guest: lab guest http <name> [path]"
    shift
    while [ $# -gt 0 ]; do
        if [ "$1" = --host ]; then only="${2:-}"; shift 2; else path="$1"; shift; fi
    done
    need_root
    need_lab
    find_guest "$name" "$only" || die "no host has a VM '$name'"
    address="$(guest_address "$HOST" "$name")"
    [ -n "$address" ] || die "$name at $HOST has no address yet"
    ask_guest "$HOST" "$address" "$path" 600 || die "$name at $HOST does not answer at http://$address$path"
}

guest_wait() {
    local name="${1:-}" only='' seconds=120
    [ -n "$name" ] || die "say which guest: lab guest wait <name>"
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --host) only="${2:-}" ;;
            --seconds) seconds="${2:-}" ;;
            *) die "lab guest wait does not know '$1'" ;;
        esac
        [ $# -ge 2 ] || die "$1 needs a value"
        shift 2
    done
    [[ "$seconds" =~ ^[0-9]+$ ]] || die "--seconds is '$seconds'; expected a whole number"
    need_root
    need_lab
    find_guest "$name" "$only" || die "no host has a VM '$name'"
    await "$seconds" "the HTTP answer of $name" guest_answers "$HOST" "$name"
    ask_guest "$HOST" "$(guest_address "$HOST" "$name")" /status
}

guest_records() {
    local name="${1:-}" only='' output=table work status=0
    [ -n "$name" ] || die "say which guest: lab guest records <name>"
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --host) only="${2:-}" ;;
            --output) output="${2:-}" ;;
            *) die "lab guest records does not know '$1'" ;;
        esac
        [ $# -ge 2 ] || die "$1 needs a value"
        shift 2
    done
    need_root
    need_lab
    find_guest "$name" "$only" || die "no host has a VM '$name'"
    work="$(mktemp -d "${TMPDIR:-/tmp}/understudy-records.XXXXXX")"
    # shellcheck disable=SC2064
    trap "rm -rf -- '$work'" EXIT
    trap 'exit 130' INT TERM
    copy_disks_standing_still "$name" "$work"
    if [ "$output" = json ]; then set -- --output json; else set --; fi
    "$LAB_HOME/bin/guest-records" "$work/vda" "$work/vdb" "$@" || status=$?
    exit "$status"
}

# The disks are copied one after the other, so the VM is paused meanwhile; it goes on also after an interrupt.
copy_disks_standing_still() (
    local name="$1" work="$2" disk path
    if [ "$(host_virsh "$HOST" domstate "$name" | head -1)" = running ]; then
        trap 'resume_guest "$name"' EXIT
        trap 'exit 130' INT TERM
        host_virsh "$HOST" suspend "$name" >/dev/null
    fi
    for disk in vda vdb; do
        path="$(host_virsh "$HOST" domblklist "$name" | awk -v disk="$disk" '$1 == disk { print $2 }')"
        [ -n "$path" ] || die "$name at $HOST has no disk $disk"
        # Inside the host, where the paths of a backing chain lead somewhere.
        (enter_host "$HOST" qemu-img convert -U -O raw "$path" "$work/$disk") || die "$path could not be read"
    done
)

# The guest's clock stood still as well: it is set again if the guest answers.
resume_guest() {
    local address
    host_virsh "$HOST" resume "$1" >/dev/null
    address="$(guest_address "$HOST" "$1")"
    [ -z "$address" ] || ask_guest "$HOST" "$address" "/clock?micros=$(date +%s%6N)" 2 >/dev/null || true
}
