# What the lab needs of the machine, and how Debian and Ubuntu are given it. Sourced by bin/lab.

# program (or file, or library), package, why
REQUIREMENTS='
qemu-system-x86_64|qemu-system-x86|runs the VMs
qemu-img|qemu-utils|makes and converts disk images
libvirtd|libvirt-daemon-system|the hypervisor interface of each host
virsh|libvirt-clients|asks libvirt from scripts
@libvirt/connection-driver/libvirt_driver_qemu.so|libvirt-daemon-driver-qemu|lets libvirt run QEMU
dnsmasq|dnsmasq-base|gives the VMs their addresses
ip|iproute2|network namespaces, bridges
tc|iproute2|caps the link
iptables|iptables|isolated networks of libvirt
nsenter|util-linux|enters a host
losetup|mount|bounded storage of each host
mkfs.ext4|e2fsprogs|file systems of the hosts and the guest
debootstrap|debootstrap|makes hosts of other releases
/usr/share/OVMF/OVMF_VARS_4M.ms.fd|ovmf|UEFI firmware with the keys of Secure Boot, for VMs
swtpm|swtpm|imitates the TPM of a VM
swtpm_setup|swtpm-tools|makes one, for libvirt
perl|perl-base|reaps the orphans of a host
gcc|gcc|compiles the program of the guest
@libc.a|libc6-dev|links it statically
'

# Ubuntu compresses the modules of its kernels so.
if grep -qs '^ID=ubuntu' /etc/os-release; then REQUIREMENTS+="zstd|zstd|unpacks the modules of the guest's kernel
"; fi

requirement_met() {
    case "$1" in
        /*) [ -e "$1" ] ;;
        @*) [ -n "$(find /usr/lib /usr/lib64 /lib -maxdepth 4 -path "*/${1#@}" -print -quit 2>/dev/null)" ] ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
    esac
}

missing_requirements() {
    local program package why
    while IFS='|' read -r program package why; do
        [ -n "$program" ] || continue
        requirement_met "$program" || echo "$package|$why"
    done <<<"$REQUIREMENTS" | sort -u -t'|' -k1,1
}

need_programs() {
    local missing
    missing="$(missing_requirements | sed -E '/^(gcc|libc6-dev|zstd|debootstrap)\|/d' | cut -d'|' -f1 | xargs)"
    [ -z "$missing" ] || die "missing on this machine: $missing; 'lab setup' installs them"
}

need_guest_programs() {
    local missing
    missing="$(missing_requirements | sed '/^debootstrap|/d' | cut -d'|' -f1 | xargs)"
    [ -z "$missing" ] || die "missing on this machine to build the guest: $missing; 'lab setup' installs them"
}

setup_machine() {
    local missing package why names=()
    case "${1:-}" in
        '') ;;
        --dry-run) missing_requirements | sed 's/|/: /'; return ;;
        *) die "lab setup knows --dry-run, not '$1'" ;;
    esac
    missing="$(missing_requirements)"
    if [ -z "$missing" ]; then say "nothing is missing"; return; fi
    while IFS='|' read -r package why; do
        say "needs $package: $why"
        names+=("$package")
    done <<<"$missing"
    if ! command -v apt-get >/dev/null; then
        die "this is neither Debian nor Ubuntu; install what these packages hold, by the names they have here: ${names[*]}"
    fi
    need_root
    install_quietly "${names[@]}"
    missing="$(missing_requirements | cut -d'|' -f1 | xargs)"
    [ -z "$missing" ] || die "still missing after the installation: $missing"
}

# The lab runs its own libvirtd in each host; the one of the package is not to start, now or at the next boot,
# unless it was there before.
install_quietly() {
    local had_libvirt=no guard=/usr/sbin/policy-rc.d guarded=no
    command -v libvirtd >/dev/null && had_libvirt=yes
    say "installing: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update >/dev/null || die "apt-get update failed"
    if [ "$had_libvirt" = no ] && [ ! -e "$guard" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$guard"
        chmod 755 "$guard"
        guarded=yes
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get -q -y --no-install-recommends install "$@" >&2 || die "apt-get install failed"
    if [ "$guarded" = yes ]; then rm -f "$guard"; trap - EXIT; fi
    if [ "$had_libvirt" = no ] && [ -d /run/systemd/system ]; then
        say "disabling the machine's own libvirt services, which the lab does not use"
        systemctl disable --now libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket \
            virtlogd.socket virtlockd.socket libvirt-guests.service >/dev/null 2>&1 || true
    fi
}
