# The guest's kernel, initramfs and boot sectors, and its disk images. Sourced by bin/lab.

GUEST_MODULES="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk failover
    net_failover virtio_net button evdev efivarfs"
BOOT_PARTITION_MIB=32

# Sets PARTS: the folder of finished parts, named by what they are made from.
name_parts() {
    PARTS="$CACHE_DIR/guest-$(cat "$LAB_HOME"/guest/* "$LAB_HOME/lib/image.sh" | sha256sum | cut -c1-12)"
}

guest_build() {
    [ $# = 0 ] || die "lab guest build takes no argument"
    name_parts
    [ -f "$PARTS/complete" ] && return
    need_guest_programs
    mkdir -p "$CACHE_DIR"
    (
        flock 7
        [ -f "$PARTS/complete" ] && exit
        local work
        work="$(mktemp -d "$CACHE_DIR/building.XXXXXX")"
        trap 'rm -rf -- "$work"' EXIT
        fetch_packages
        say "building the guest"
        build_parts "$work"
        rm -rf -- "$PARTS"
        touch "$work/complete"
        trap - EXIT
        mv "$work" "$PARTS"
    ) 7>>"$CACHE_DIR/.lock"
    [ -f "$PARTS/complete" ] || die "the guest could not be built"
}

# Unpacks a kernel, GRUB and a static busybox beside each other, without installing them on this machine.
fetch_packages() {
    [ -f "$CACHE_DIR/packages/complete" ] && return
    command -v apt-get >/dev/null || die "the guest is built from Debian or Ubuntu packages; there is no apt-get here"
    local meta kernel='' names package folder="$CACHE_DIR/packages.new"
    for meta in linux-image-cloud-amd64 linux-image-virtual linux-image-amd64; do
        kernel="$(apt-cache depends --no-recommends --no-suggests "$meta" 2>/dev/null \
            | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')"
        [ -z "$kernel" ] || break
    done
    [ -n "$kernel" ] || die "apt knows no kernel package for the guest; run 'apt-get update' and try again"
    names="$kernel busybox-static grub-pc-bin grub-common"
    package="${kernel/linux-image-unsigned-/linux-image-}"
    package="${package/linux-image-/linux-modules-}"
    apt-cache show "$package" >/dev/null 2>&1 && names+=" $package"
    say "fetching for the guest (unpacked in $CACHE_DIR, not installed):" $names
    rm -rf -- "$folder"
    mkdir -p "$folder/root"
    # shellcheck disable=SC2086
    (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download $names >download.log 2>&1) \
        || die "apt-get download failed: $(tail -1 "$folder/download.log")"
    for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    rm -f "$folder"/*.deb
    touch "$folder/complete"
    rm -rf -- "$CACHE_DIR/packages"
    mv "$folder" "$CACHE_DIR/packages"
}

# What begins a guest under UEFI with the keys of Secure Boot, and what writes its file system; fetched for such a guest
# alone.
fetch_uefi_packages() {
    [ -f "$CACHE_DIR/packages-uefi/complete" ] && return
    local folder="$CACHE_DIR/packages-uefi.new" package
    say "fetching for a guest with UEFI (unpacked in $CACHE_DIR, not installed): shim, GRUB, mtools"
    rm -rf -- "$folder"
    mkdir -p "$folder/root"
    (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download shim-signed grub-efi-amd64-signed mtools \
        >download.log 2>&1) || die "apt-get download failed: $(tail -1 "$folder/download.log")"
    for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    rm -f "$folder"/*.deb
    touch "$folder/complete"
    rm -rf -- "$CACHE_DIR/packages-uefi"
    mv "$folder" "$CACHE_DIR/packages-uefi"
}

# A boot partition for UEFI in a disk: Microsoft's key signed the shim, Debian's the rest.
make_uefi_boot() {
    local raw="$1@@1M" boot="$2" root="$CACHE_DIR/packages-uefi/root" tool="$CACHE_DIR/packages-uefi/root/usr/bin/mtools"
    printf '%s\n' 'linux /vmlinuz console=ttyS0 quiet panic=5' 'initrd /initrd' boot >"$boot/grub.cfg"
    "$tool" -c mformat -i "$raw" -T $((BOOT_PARTITION_MIB * 2048)) -h 64 -s 32 ::
    "$tool" -c mmd -i "$raw" ::/EFI ::/EFI/BOOT ::/EFI/debian
    "$tool" -c mcopy -i "$raw" "$root/usr/lib/shim/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
    "$tool" -c mcopy -i "$raw" "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
    "$tool" -c mcopy -i "$raw" "$boot/grub.cfg" ::/EFI/debian/grub.cfg
    "$tool" -c mcopy -i "$raw" "$boot/vmlinuz" "$boot/initrd" ::/
}

build_parts() {
    local work="$1" root="$1/root" from="$CACHE_DIR/packages/root" name file
    mkdir -p "$root"/{bin,modules,proc,sys,dev,etc}
    file="$(find "$from" -path '*/bin/busybox' -type f -print -quit)"
    cp "$file" "$root/bin/busybox"
    for name in sh mount insmod cat ifconfig route udhcpc sed grep sleep poweroff; do
        ln -s busybox "$root/bin/$name"
    done
    for name in $GUEST_MODULES; do
        file="$(find "$from" -name "$name.ko*" -type f -print -quit)"
        case "$file" in
            '') continue ;; # built into this kernel
            *.xz) "$root/bin/busybox" xzcat "$file" >"$root/modules/$name.ko" ;;
            *.zst) zstd -qdc "$file" >"$root/modules/$name.ko" ;;
            *) cp "$file" "$root/modules/$name.ko" ;;
        esac
        echo "$name" >>"$root/modules/order"
    done
    gcc -std=gnu17 -O2 -Wall -Wextra -static -pthread -s -o "$root/writer" "$LAB_HOME/guest/writer.c"
    cp "$LAB_HOME/guest/init" "$LAB_HOME/guest/udhcpc" "$root/"
    chmod 755 "$root/init" "$root/udhcpc"
    mkdir "$work/boot"
    (cd "$root" && find . | "$root/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1n) >"$work/initrd"
    truncate -s %512 "$work/initrd" # the kernel looks for a further archive at aligned places only
    file="$(find "$from/boot" -name 'vmlinuz*' -type f -print -quit)"
    cp "$file" "$work/boot/vmlinuz"
    cp "$root/bin/busybox" "$work/busybox"
    # GRUB's first sector, its core behind it in the gap before the partition, a script built into the core.
    # The 16-bit entry starts the kernel 1.5 s sooner than the 32-bit one where QEMU emulates.
    printf '%s\n' 'set root=(hd0,msdos1)' 'linux16 /vmlinuz console=ttyS0 quiet panic=5' 'initrd16 /initrd' boot \
        >"$work/grub.cfg"
    "$from/usr/bin/grub-mkimage" -d "$from/usr/lib/grub/i386-pc" -O i386-pc -p / -c "$work/grub.cfg" \
        -o "$work/core.img" biosdisk part_msdos ext2 linux16
    cp "$from/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
    rm -rf -- "$root"
}

# A disk that boots by itself: nothing of the guest lies outside its disks, so a replica needs nothing else.
make_first_disk() {
    local image="$1" mib="$2" name="$3" rate="$4" firmware="$5" work sectors i=0 kind=83
    work="$(mktemp -d "${TMPDIR:-/tmp}/understudy-disk.XXXXXX")"
    mkdir -p "$work/etc" "$work/boot"
    printf 'name=%s\nrate=%s\n' "$name" "$rate" >"$work/etc/guest.conf"
    cp "$PARTS/boot/vmlinuz" "$work/boot/"
    {
        cat "$PARTS/initrd"
        cd "$work"
        printf '%s\n' etc etc/guest.conf | "$PARTS/busybox" cpio -o -H newc 2>/dev/null
        cd - >/dev/null
    } >"$work/boot/initrd"
    truncate -s "${mib}M" "$work/raw"
    if [ "$firmware" = uefi ]; then
        kind=ef
        make_uefi_boot "$work/raw" "$work/boot"
    else
        mke2fs -q -t ext2 -b 4096 -O ^resize_inode -m 0 -d "$work/boot" -E offset=1048576,nodiscard "$work/raw" \
            "${BOOT_PARTITION_MIB}M"
        dd if="$PARTS/boot.img" of="$work/raw" bs=440 count=1 conv=notrunc status=none
        dd if="$PARTS/core.img" of="$work/raw" bs=512 seek=1 conv=notrunc status=none
    fi
    sectors=$(((mib - 1 - BOOT_PARTITION_MIB) * 2048))
    {
        partition_entry 80 "$kind" 2048 $((BOOT_PARTITION_MIB * 2048))
        partition_entry 00 83 $((2048 + BOOT_PARTITION_MIB * 2048)) "$sectors"
        for ((i = 0; i < 32; i++)); do printf '\0'; done
        printf '\x55\xaa'
    } | dd of="$work/raw" bs=1 seek=446 conv=notrunc status=none
    qemu-img convert -f raw -O qcow2 -o compat=1.1 "$work/raw" "$image"
    rm -rf -- "$work"
}

# A line of the partition table: flag, kind, start and length in sectors; no cylinders, heads or sectors.
partition_entry() {
    printf '%b' "\\x$1\\0\\0\\0\\x$2\\0\\0\\0"
    printf '%b' "$(little_endian "$3")$(little_endian "$4")"
}

little_endian() { local n; for n in 0 8 16 24; do printf '\\x%02x' $((($1 >> n) & 255)); done; }

# kvm where a guest really starts under it, else qemu; asked once per boot of the machine.
domain_type() {
    local known="$CACHE_DIR/kvm-$BOOT" answer=qemu
    if [ ! -f "$known" ]; then
        if [ -c /dev/kvm ] && timeout -k 1 8 qemu-system-x86_64 -accel kvm -m 128 -display none -no-reboot \
                -serial stdio -monitor none -kernel "$PARTS/boot/vmlinuz" -initrd "$PARTS/initrd" \
                -append 'console=ttyS0 quiet panic=-1 understudy.probe' </dev/null 2>/dev/null \
                | grep -q understudy-probe-works; then answer=kvm; fi
        rm -f "$CACHE_DIR"/kvm-*
        echo "$answer" >"$known.$$"
        mv "$known.$$" "$known"
    fi
    cat "$known"
}
