#!/usr/bin/env bash
# Runs first in the fresh namespaces of a host that is a whole system: lays it out with devices of its own and nothing
# of the machine's, then becomes its first process, systemd, which starts what the distribution's packages enabled.
set -euo pipefail
umask 022
folder="$1" root="$2" name="$3"
LAB_HOME="$(cd "$(dirname "$0")/.." && pwd)"
. "$LAB_HOME/lib/system.sh"

make_devices() {
    local node major minor mode i
    mount -t tmpfs -o mode=755 dev "$1"
    while read -r node major minor mode; do
        mkdir -p "$(dirname "$1/$node")"
        mknod -m "$mode" "$1/$node" c "$major" "$minor"
    done <<'END'
null 1 3 666
zero 1 5 666
full 1 7 666
random 1 8 666
urandom 1 9 666
tty 5 0 666
net/tun 10 200 666
loop-control 10 237 660
fuse 10 229 666
END
    for ((i = 0; i < 16; i++)); do mknod -m 660 "$1/loop$i" b 7 "$i"; done
    ln -s /proc/self/fd "$1/fd"
    ln -s pts/ptmx "$1/ptmx"
    mkdir "$1"/{pts,shm}
    mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$1/pts"
    mount -t tmpfs -o mode=1777 shm "$1/shm"
}

lay_system "$folder" "$root"
mount_storage "$folder" "$SYSTEM/var/lib/libvirt/images"
mkdir -p "$SYSTEM/var/log/libvirt"
mount --bind "$folder/log" "$SYSTEM/var/log/libvirt"
mount -t tmpfs -o mode=755 run "$SYSTEM/run"
make_devices "$SYSTEM/dev"
hostname "$name"
echo "$name" >"$SYSTEM/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >"$SYSTEM/etc/hosts" # as Debian's installer writes it
# The number of this process outside: here the machine's /proc is still in sight.
read -r outside _ </proc/self/stat
exec 7>"$folder/holder.pid"
mount -t proc proc "$SYSTEM/proc"
mount -t sysfs sysfs "$SYSTEM/sys"
mount -t cgroup2 cgroup2 "$SYSTEM/sys/fs/cgroup"
enter_system
echo "$outside" >&7
exec 7>&-
exec env -i container=understudy-lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd
