#!/usr/bin/env bash
# Runs first in a host's fresh mount namespace: lays the host's own folders over the machine's, then becomes
# the process that keeps the namespace (holder.pl). The storage is mounted here only, so it vanishes with the last process of the host.
set -euo pipefail
umask 022 # what the services of a host have
folder="$1"

# The network namespace's own devices; and no control groups, without which libvirt runs VMs as plain processes.
umount --recursive --lazy /sys
mount -t sysfs sysfs /sys
if [ -f "$folder/storage.img" ]; then
    device="$(losetup --direct-io=on -f --show "$folder/storage.img" || losetup -f --show "$folder/storage.img")"
    mount -o discard "$device" "$folder/var-lib-libvirt/images"
    losetup -d "$device" # freed by the kernel with the last mount
    chmod 711 "$folder/var-lib-libvirt/images"
fi
mkdir -p /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt
mount --rbind "$folder/var-lib-libvirt" /var/lib/libvirt
mount --bind "$folder/etc-libvirt" /etc/libvirt
mount --bind "$folder/log" /var/log/libvirt
mount --bind "$folder/cache" /var/cache/libvirt
# In memory, so empty after each boot.
mount -t tmpfs -o mode=755 run /run
mkdir /run/lock
echo $$ >"$folder/holder.pid.new"
mv "$folder/holder.pid.new" "$folder/holder.pid"
exec perl "$(dirname "$0")/holder.pl" "$folder/log/libvirtd.log"
