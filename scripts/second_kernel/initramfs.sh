#!/usr/bin/env bash
# initramfs.sh FOLDER RELEASE
#   Makes FOLDER/initramfs: what a kernel needs until it sees the files of the machine by 9p, from FOLDER/lib/modules.
set -euo pipefail
folder=$1 release=$2
work=$folder/initramfs.d
rm -rf "$work"
mkdir -p "$work"/{bin,machine,modules}

busybox=$(command -v busybox)
cp -L "$busybox" "$work/bin/"
chroot "$work" /bin/busybox true 2>/dev/null || unshare -r chroot "$work" /bin/busybox true || {
  echo "$busybox is not linked statically; install busybox-static" >&2
  exit 1
}
for module in virtio_pci 9pnet_virtio 9p virtio_console; do
  modprobe -d "$folder" -S "$release" --show-depends "$module"
done | while read -r insmod path _; do
  [[ $insmod == insmod && ! -e $work/modules/${path##*/} ]] || continue
  cp "$path" "$work/modules/"
  echo "busybox insmod /modules/${path##*/}"
done >"$work/load"

# The kernel hands `guest=…` of its command line to this program as a variable.
cat >"$work/init" <<'INIT'
#!/bin/busybox sh
set -e
export PATH=/bin
. /load
busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=262144 machine /machine
exec busybox switch_root /machine "$guest"
INIT
chmod +x "$work/init"
(cd "$work" && find . | busybox cpio -o -H newc 2>/dev/null) >"$folder/initramfs.new"
mv "$folder/initramfs.new" "$folder/initramfs"
rm -r "$work"
