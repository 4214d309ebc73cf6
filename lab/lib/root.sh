# Root file systems of other releases for hosts, made from the distribution's packages and kept in the cache. Sourced
# by bin/lab.

# What an administrator's KVM host has before Understudy comes: no compiler, JDK, Maven or git.
ROOT_PACKAGES='systemd-sysv dbus libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils
    dnsmasq-base iproute2 iptables iputils-ping procps ca-certificates ovmf swtpm swtpm-tools'
ROOT_RELEASES='bookworm trixie'

need_release() {
    [[ " $ROOT_RELEASES " = *" $1 "* ]] || die "there is no release '$1' for hosts; there are: $ROOT_RELEASES"
}

# The folder of a release's root file system, whether it is there or not; another recipe is another folder.
root_folder() {
    echo "$CACHE_DIR/roots/$1-$(printf '%s' "$ROOT_PACKAGES" | xargs -n1 | sort | cat - "$LAB_HOME/lib/root.sh" \
        | sha256sum | cut -c1-8)"
}

# Makes what is not there; two that want one wait for each other.
lab_root() {
    local release
    [ $# -gt 0 ] || die "say which: lab root <release>...; there are: $ROOT_RELEASES"
    for release in "$@"; do
        need_release "$release"
        make_root "$release"
        root_folder "$release"
    done
}

make_root() {
    local release="$1" folder lock
    folder="$(root_folder "$release")"
    [ ! -d "$folder" ] || return 0
    need_root
    command -v debootstrap >/dev/null || die "missing on this machine: debootstrap; 'lab setup' installs it"
    mkdir -p "$CACHE_DIR/roots"
    exec {lock}>"$CACHE_DIR/roots/.$release.lock"
    flock "$lock"
    if [ ! -d "$folder" ]; then
        say "making a root file system of $release from the distribution's packages (some minutes, once)"
        # A process of its own, so that its mounts vanish with it however it ends.
        unshare --mount --propagation private bash -c '
            set -euo pipefail
            LAB_HOME="$1"
            for part in names root; do . "$LAB_HOME/lib/$part.sh"; done
            fill_root "$2" "$3"' - "$LAB_HOME" "$release" "$folder" {lock}>&- \
            || die "the root file system of $release could not be made; see $CACHE_DIR/roots/$release.log"
    fi
    exec {lock}>&-
}

# Where the machine's own apt finds the distribution, as it is configured: nothing of it is written here.
apt_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' \
        | awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

fill_root() {
    local release="$1" folder="$2" mirror work log proxy
    log="$(dirname "$folder")/$release.log"
    mirror="$(apt_mirror)"
    [ -n "$mirror" ] || die "this machine's apt knows no mirror of Debian ('apt-get update' first); none of $release can be made"
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "${proxy:-}" ] || export http_proxy="$proxy"
    rm -rf -- "$folder.making"
    mkdir -p "$folder.making"
    work="$folder.making"
    # In memory where there is room: dpkg forces every file to the disk.
    if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 6000000 ]; then
        mount -t tmpfs -o size=4G,mode=755 root "$work"
    fi
    {
        debootstrap --variant=minbase "$release" "$work" "$mirror"
        apt-config dump Acquire >"$work/etc/apt/apt.conf.d/99machine"
        printf '#!/bin/sh\nexit 101\n' >"$work/usr/sbin/policy-rc.d"
        chmod 755 "$work/usr/sbin/policy-rc.d"
        cp -L /etc/resolv.conf /etc/hosts "$work/etc/"
        mount -t proc proc "$work/proc"
        mount -t sysfs sysfs "$work/sys"
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$work" apt-get -q -y --no-install-recommends \
            -o Dpkg::Options::=--force-unsafe-io install $ROOT_PACKAGES
        chroot "$work" apt-get clean
        umount "$work/proc" "$work/sys"
        rm -f "$work/usr/sbin/policy-rc.d" "$work/etc/resolv.conf" "$work/etc/hostname" "$work/etc/machine-id"
        : >"$work/etc/machine-id"
        prepare_for_namespaces "$work"
        if mountpoint -q "$work"; then
            rm -rf -- "$folder.copy"
            cp -a "$work" "$folder.copy"
            umount "$work"
            rmdir "$work"
            mv "$folder.copy" "$work"
        fi
    } >"$log" 2>&1 </dev/null
    mv "$folder.making" "$folder"
}

# systemd as the first process of namespaces has no devices of its own to wait for, no console and no kernel to set.
prepare_for_namespaces() {
    local unit
    for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
        systemd-udev-trigger.service systemd-udev-settle.service systemd-modules-load.service \
        systemd-sysctl.service systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
        getty@tty1.service console-getty.service systemd-remount-fs.service dev-hugepages.mount \
        sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
        apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer; do
        ln -sf /dev/null "$1/etc/systemd/system/$unit"
    done
    : >"$1/etc/fstab"
}
