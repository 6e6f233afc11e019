#!/bin/bash
# run.sh KERNEL JOBS OUT: runs the shell script JOBS on a Debian arm64 kernel in qemu, with rprocspec, the
# scenarios and a module of two remote processors at hand, and puts what it leaves in /out into the folder OUT.
# README.md tells more.
set -euo pipefail

kernel=${1:?a kernel, such as 6.1.0-50 or 6.12.117+deb12} jobs=$(realpath "${2:?a script for the guest}") out=$(realpath -m "${3:?a folder for what it leaves}")
rig=$(realpath "$(dirname "$0")")
work=${RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rprocspec-rig}
root=$work/$kernel
series=$(cut -d. -f1,2 <<<"$kernel")

# Package lists of arm64, from where this machine has its own, which stay as they are.
apt_setup() {
	mkdir -p "$work"/{lists/partial,cache/archives/partial}
	cat >"$work/apt.conf" <<-END
		Dir::State::lists "$work/lists";
		Dir::Cache "$work/cache";
		APT::Architectures { "amd64"; "arm64"; };
	END
	APT_CONFIG=$work/apt.conf apt-get -q update
}

fetch() {
	apt_setup
	local version kbuild=linux-kbuild-$kernel
	version=$(APT_CONFIG=$work/apt.conf apt-cache show "linux-image-$kernel-arm64:arm64" | sed -n 's/^Version: //p' | head -n 1)
	[[ $kernel == *+* ]] || kbuild=linux-kbuild-$series
	mkdir -p "$root/debs"
	(cd "$root/debs" && APT_CONFIG=$work/apt.conf apt-get -q download "linux-image-$kernel-arm64:arm64" \
		"linux-headers-$kernel-arm64:arm64" "linux-headers-$kernel-common" "$kbuild:amd64=$version" busybox-static:arm64)
	for deb in "$root"/debs/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	sed -i "s,/usr/src/,$root/usr/src/,g" "$root/usr/src/linux-headers-$kernel-arm64/Makefile"
	touch "$root/fetched"
}

build_module() {
	rm -rf "$root/module"
	cp -r "$rig/module" "$root/module"
	make -s -C "$root/usr/src/linux-headers-$kernel-arm64" M="$root/module" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
		CC=aarch64-linux-gnu-gcc-12 CONFIG_DEBUG_INFO_BTF_MODULES= modules
	aarch64-linux-gnu-strip --strip-debug "$root/module/rproc_rig.ko"
}

build_root() {
	local r=$root/root
	rm -rf "$r"
	mkdir -p "$r"/{bin,etc,proc,sys,dev,lib/firmware}
	install -d -m 1777 "$r/tmp"
	[[ -z ${RIG_ROOT:-} ]] || cp -a "$RIG_ROOT/." "$r/" # more programs for the guest
	cp "$root/bin/busybox" "$r/bin/"
	ln -sf busybox "$r/bin/sh"
	cp "$root/module/rproc_rig.ko" "$r/"
	cp "$jobs" "$r/jobs"
	install -m 755 "$rig/init" "$r/init"
	install -m 755 "$rig/scenario" "$r/bin/scenario"
	echo rig >"$r/lib/firmware/rig.fw"
	(cd "$rig/../.." && CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -ldflags=-s -o "$r/bin/rprocspec" ./cmd/rprocspec)
	(cd "$r" && find . | cpio -o -H newc --quiet | gzip -1) >"$root/initramfs.gz"
}

boot() {
	timeout "${RIG_TIMEOUT:-900}" qemu-system-aarch64 -machine virt -cpu cortex-a72 -smp 2 -m "${RIG_MEMORY:-1024}" -nographic -no-reboot \
		-kernel "$root/boot/vmlinuz-$kernel-arm64" -initrd "$root/initramfs.gz" \
		-append "console=ttyAMA0 loglevel=1 panic=-1 ${RIG_APPEND:-}" </dev/null >"$root/console.txt"
}

[[ -e $root/fetched ]] || fetch
[[ $root/module/rproc_rig.ko -nt $rig/module/rproc_rig.c ]] || build_module
build_root
boot
mkdir -p "$out"
tr -d '\r' <"$root/console.txt" | sed -n '/^RIG-BEGIN$/,/^RIG-END$/p' | grep -v '^RIG-' | base64 -d | tar -C "$out" -xzf -
