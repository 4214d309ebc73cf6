#!/usr/bin/env bash
# Runs first in a host's fresh mount namespace: lays the host's own folders over the machine's, or a system of another
# release in its place, then becomes the process that keeps the namespace (holder.pl). Everything is mounted here only,
# so it vanishes with the last process of the host.
set -euo pipefail
umask 022 # what the services of a host have
folder="$1" root="${2:-}"
LAB_HOME="$(cd "$(dirname "$0")/.." && pwd)"
. "$LAB_HOME/lib/system.sh"

# The network namespace's own devices; and no control groups, without which libvirt runs VMs as plain processes.
umount --recursive --lazy /sys
mount -t sysfs sysfs /sys
mount_storage "$folder" "$folder/var-lib-libvirt/images"
# As udev gives it to QEMU's user. While it is root's alone, libvirt takes for unknown what QEMU can do, and probes it
# anew at each command.
kvm_group="$(awk -F: '$1 == "kvm" { print $3 }' "$root/etc/group")"
if [ -c /dev/kvm ] && [ -n "$kvm_group" ]; then
    mknod -m 660 "$folder/kvm" c 10 232
    chgrp "$kvm_group" "$folder/kvm"
    mount --bind "$folder/kvm" /dev/kvm
fi
SYSTEM=''
if [ -n "$root" ]; then
    lay_system "$folder" "$root"
    mount --rbind /dev "$SYSTEM/dev"
    mount --rbind /proc "$SYSTEM/proc"
    mount --rbind /sys "$SYSTEM/sys"
    bring_machines_folders
fi
mkdir -p "$SYSTEM"/etc/libvirt "$SYSTEM"/var/lib/libvirt "$SYSTEM"/var/log/libvirt "$SYSTEM"/var/cache/libvirt
mount --rbind "$folder/var-lib-libvirt" "$SYSTEM/var/lib/libvirt"
mount --bind "$folder/etc-libvirt" "$SYSTEM/etc/libvirt"
mount --bind "$folder/log" "$SYSTEM/var/log/libvirt"
mount --bind "$folder/cache" "$SYSTEM/var/cache/libvirt"
# In memory, so empty after each boot.
mount -t tmpfs -o mode=755 run "$SYSTEM/run"
mkdir "$SYSTEM/run/lock"
# Opened while the host's folder is in sight, filled when all is done.
exec 7>"$folder/holder.pid"
[ -z "$SYSTEM" ] || enter_system
echo $$ >&7
exec 7>&-
exec perl "$LAB_HOME/lib/holder.pl" /var/log/libvirt/libvirtd.log
