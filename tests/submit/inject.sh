#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: [BUILD=DIR] inject.sh [--update]
# Runs kexec with its system calls replaced by strace, so that nothing happens,
# and compares calls, messages and exit status of each case with table.txt.
# --update writes table.txt anew: read the difference before it is committed.
#
# Fences: strace answers the kexec calls, reboot and execve in the kernel's place;
# CAP_SYS_BOOT is dropped for good; mount, network and PID namespaces of its own,
# with made-up /proc, /sys and /run, and /bin/false in place of the programs that
# shut a system down.  A call that gets past strace ends the run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1-}" != --inside ]; then
	BUILD=$(cd "${BUILD:-$here/../../build}" && pwd)
	export BUILD
	kexec=$BUILD/sbin/kexec
	[ -x "$kexec" ] || { echo "inject.sh: no $kexec: run make first" >&2; exit 2; }
	"$here/../fixtures/fixtures.py"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	map_root=
	[ "$(id -u)" = 0 ] || map_root=--map-root-user
	outside=$(readlink /proc/self/ns/mnt /proc/self/ns/net /proc/self/ns/pid | tr '\n' ' ')
	arch=$("$here/../../util/arches" host "$(uname -m)")
	"$here/$("$here/../../util/arches" get "$arch" dir)/make-kernel" "$work/bzImage"
	unshare $map_root --mount --net --pid --fork --kill-child --propagation private \
		setpriv --bounding-set=-sys_boot --inh-caps=-sys_boot \
		"$0" --inside "$kexec" "$work" "$outside" "$arch" "${1-}"
	exit
fi

kexec=$2 work=$3 outside=$4 arch=$5 update=$6
table=$here/table.txt
export LC_ALL=C

refuse() {
	echo "inject.sh: $1; nothing more is run" >&2
	echo "0 passed, 1 failed"
	exit 1
}

may_boot() {
	caps=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $((0x$caps >> 22 & 1)) != 0 ]
}

! may_boot || refuse "CAP_SYS_BOOT could not be dropped"
for ns in mnt net pid; do
	case " $outside" in
	*" $(readlink /proc/self/ns/$ns) "*) refuse "the $ns namespace is the caller's" ;;
	esac
done

# Interfaces to take down, of whatever type this kernel can make.
interfaces=no
for type in dummy bridge veth; do
	if ip link add test0 type $type && ip link add shaper0 type $type; then
		interfaces=yes
		break
	fi 2> /dev/null
done
set_interfaces() {
	for interface in lo shaper0 test0; do
		ip link set $interface "$1"
	done
}

for program in /bin/systemctl /usr/bin/systemctl /sbin/shutdown /etc/shutdown /bin/shutdown; do
	[ ! -e $program ] || mount --bind /bin/false "$(readlink -f $program)"
	[ ! -e $program ] || cmp -s $program /bin/false || refuse "$program could not be hidden"
done
mkdir "$work/proc" "$work/sys" "$work/run"
mount --bind "$work/run" /run
mount --bind "$work/sys" /sys
mount --bind "$work/proc" /proc

[ -e "$table" ] || : > "$table"
cd "$work"
export TMPDIR="$work"
head -c 10000 /dev/urandom > initrd

# put FILE TEXT: a file of the made-up machine.
put() {
	mkdir -p "$work/$(dirname "$1")"
	printf '%s\n' "$2" > "$work/$1"
}

# A machine with 1 GiB, 128 MiB of it reserved, nothing loaded, nothing forbidden.
fresh() {
	rm -rf "$work"/proc/* "$work"/sys/* "$work"/run/*
	put proc/iomem '00001000-0009fbff : System RAM
00100000-3fffffff : System RAM
  30000000-37ffffff : Crash kernel'
	cp "$BUILD/tests/fixtures/kcore/$arch" proc/kcore
	put proc/cmdline 'root=/dev/vda1'
	put proc/cpuinfo 'flags : fpu'
	put proc/meminfo 'MemTotal: 1048000 kB'
	put proc/self/status 'CapEff:	000001ffffffffff
Seccomp:	0'
	put proc/self/uid_map '0 0 4294967295'
	put sys/kernel/kexec_loaded 0
	put sys/kernel/kexec_crash_loaded 0
	put sys/kernel/vmcoreinfo '1ffd000 1000'
	put sys/devices/system/cpu/cpu0/crash_notes 1ffe000
	put sys/devices/system/cpu/cpu0/crash_notes_size 368
	mkdir "$work/sys/kernel/boot_params"
	head -c 4096 /dev/zero > "$work/sys/kernel/boot_params/data"
}

# traced INJECTIONS ARGUMENTS...: kexec, with the calls in the file trace, what
# it says in out, its exit status in $status.  INJECTIONS, such as
# "kexec_load:error=EPERM", stand above a kernel without kexec_file_load, loads that
# succeed, a reboot that finds nothing loaded and programs that do not exist.  Never limit one by `when`: the
# calls that it leaves out are made.
traced() {
	inject=$1 options=
	shift
	for one in kexec_load:retval=0 kexec_file_load:error=ENOSYS reboot:error=EINVAL \
		execve:error=ENOENT sync:retval=0; do
		case " $inject" in *" ${one%%:*}:"*) ;; *) inject="$inject $one" ;; esac
	done
	for one in $inject; do
		options="$options -e inject=$one"
	done
	status=0
	# shellcheck disable=SC2086 # a list of options
	$unprivileged strace -f -qq -v -e abbrev=execve -o trace \
		-e trace=kexec_load,kexec_file_load,reboot,sync,ioctl,execve,openat,memfd_create -e signal=none \
		$options "$kexec" "$@" > out 2>&1 < /dev/null || status=$?
	# The first line is strace's own start of kexec, which is never injected.
	if sed 1d trace | grep -E '^[0-9]+ +(kexec|reboot|sync|execve)' | grep -qv '(INJECTED)$'; then
		refuse "a call got past strace: $(sed 1d trace | grep -v INJECTED)"
	fi
}
unprivileged=

# Descriptors by the names that they were opened with: "3, -1" is "bzImage, -1".
named_files() {
	awk '{ sub(/^[0-9]+ +/, "") }
	/^openat\(/ { split($0, part, "\""); name[$NF] = part[2] }
	/^memfd_create\(/ { split($0, part, "\""); name[$NF] = "copy of " part[2] }
	/^kexec_file_load\(/ {
		split($0, fd, /[(,] */)
		call = fd[1] "(" (fd[2] in name ? name[fd[2]] : fd[2])
		call = call ", " (fd[3] in name ? name[fd[3]] : fd[3])
		$0 = call substr($0, length(fd[1] fd[2] fd[3]) + 4)
	}
	{ print }' "$1"
}

# Only calls that change the system, without addresses.
calls() {
	named_files "$1" | sed -E -e '/^(kexec_|reboot|sync|execve|ioctl)/!d' \
		-e '/^ioctl/{/SIOCSIFFLAGS/!d;s/^.*ifr_name="([^"]*)".*ifr_flags=[^}]*IFF_UP.*(=.*)$/interface \1 up \2/
			s/^ioctl.*ifr_name="([^"]*)".*(=.*)$/interface \1 down \2/}' \
		-e 's/^(execve.*"\]), 0x[^)]*\)/\1)/' \
		-e 's/^kexec_load\((0|NULL), 0, NULL, /kexec_load(no segments, /' \
		-e 's/^kexec_load\(0x[0-9a-f]+, [1-9].*, ([A-Z0-9_|x]+)\)/kexec_load(plan, \1)/' \
		-e 's/^reboot\([^)]*(LINUX_REBOOT_CMD_[A-Z0-9]+)[^)]*\)/reboot(\1)/' \
		-e 's/ +=/ =/;s/ \([A-Z][^)]*\)( \(INJECTED\))?$//;s/ \(INJECTED\)$//' \
		-e 's/^/# /' -e 1d
}

# The dump of segments is checked by its first line; places are the planner's.  A shell's words
# about a signal differ between shells.
messages() {
	sed -E -e '/^segment\[|Terminated/d' -e 's/^nr_segments = [1-9][0-9]*$/nr_segments = N/' \
		-e "s,$work/,,g" -e 's,^(entry += )0x[0-9a-f]+,\10xN,' "$1"
}

section() {
	awk -v name="== $1" '/^== /{ on = $0 == name } on' "$2"
}

passed=0 failed=0
cat > "$work/table" << END
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls that change the system (after #), output and exit status of kexec.
# Compared by inject.sh, written by inject.sh --update.

END

# told INJECTIONS ARGUMENTS...: the command, its calls, messages and exit status.
told() {
	traced "$@"
	shift
	echo "\$ kexec $*"
	calls trace
	messages out
	echo "exit $status"
}

# compare NAME: the file got with the section NAME of the table.
compare() {
	{ echo "== $1"; cat got; echo; } > section
	cat section >> table
	section "$1" "$table" > wanted
	if [ "$update" = --update ] || cmp -s section wanted; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $1 (-: table.txt, +: now)"
		diff -u wanted section | sed 1,2d
	fi
}

# check NAME INJECTIONS ARGUMENTS...: one section of the table.
check() {
	name=$1
	shift
	told "$@" > got
	compare "$name"
}

# --- calls of each action, in order --------------------------------------------

fresh
check 'load' '' -c -l bzImage --initrd=initrd
check 'load without sync' '' -c -l -y bzImage
check 'load twice' '' -c -l -l bzImage
check 'exec, nothing loaded' '' -e
check 'bare form, kernel says it is not loaded' '' -c bzImage
check 'force, kernel says it is not loaded' '' -c -f bzImage
check 'unload' '' -c -u
check 'unload the crash slot' '' -c -p -u
check 'unload, the other order' '' -c -u -p
check 'status' '' -S
check 'status of the normal slot' '' -S -l
check 'status of the crash slot' '' -S -p

put sys/kernel/kexec_loaded 1
check 'exec, no interfaces' '' -e -x
check 'exec, no sync, no interfaces' '' -e -x -y
if [ $interfaces = yes ]; then
	set_interfaces up
	check 'exec' '' -e
	set_interfaces down
	check 'exec, interfaces are down already' '' -e
	set_interfaces up
	check 'exec, the next kernel returned' 'reboot:retval=0' -e
	check 'exec, a signal during the call' 'reboot:error=EINVAL:signal=TERM' -e
	set_interfaces up
	check 'force' '' -c -f bzImage
	set_interfaces up
	check 'load leaves interfaces up' '' -c -l bzImage
	unprivileged='setpriv --bounding-set=-net_admin --inh-caps=-net_admin'
	check 'exec, interfaces stay up' '' -e
	unprivileged=
fi
check 'force, no interfaces' '' -c -f -x bzImage
check 'force, load refused' 'kexec_load:error=EBUSY' -c -f bzImage
check 'bare form, load refused' 'kexec_load:error=EBUSY' -c bzImage
check 'bare form' '' -c bzImage
mkdir -p run/systemd/system
check 'bare form under systemd' '' -c bzImage
check 'bare form, programs may not be run' 'execve:error=EACCES' -c bzImage
check 'status, loaded' '' -S -l
check 'status of the crash slot, normal slot loaded' '' -S

fresh
rm sys/kernel/kexec_loaded sys/kernel/kexec_crash_loaded
check 'status, no sysfs' '' -S
check 'exec, no sysfs' '' -e -x
put sys/kernel/kexec/loaded 0
check 'exec, nothing loaded, Linux 6.19' '' -e -x

# --- a kernel that returns -----------------------------------------------------

# Segments without bytes: memory that the running kernel keeps.
saved_segments() {
	grep -oE 'buf=(NULL|0), bufsz=0, mem=[0-9a-fx]+, memsz=[0-9]+' trace || :
}
check_saved() {
	{ told "$@"; saved_segments; } > got
	compare "$name"
}
fresh
name='preserve context'
check_saved '' --load-preserve-context --mem-max=0x7ffffff bzImage --initrd=initrd
name='preserve context, some memory'
check_saved '' --load-preserve-context --mem-min=0x100000 --mem-max=0x7ffffff bzImage
check 'preserve context, no CONFIG_KEXEC_JUMP' 'kexec_load:error=EINVAL' \
	--load-preserve-context --mem-max=0x7ffffff bzImage
check 'way back' '' --load-jump-back-helper --entry=0x3ff00123
check 'way back, no CONFIG_KEXEC_JUMP' 'kexec_load:error=EINVAL' --load-jump-back-helper \
	--entry=0x3ff00123
put sys/kernel/kexec_loaded 1
check 'preserve context, -f' 'reboot:retval=0' --load-preserve-context -f -x --mem-max=0x7ffffff bzImage
check 'way back, a kernel is loaded' '' --load-jump-back-helper --entry=0x3ff00123
rm sys/kernel/kexec_loaded
check 'way back, no sysfs' '' --load-jump-back-helper --entry=0x3ff00123

# --- the default: kexec_file_load first ----------------------------------------

file_call_works=kexec_file_load:retval=0
fresh
check 'default load' "$file_call_works" -l bzImage --initrd=initrd --append=quiet
check 'default load without initrd' "$file_call_works" -l bzImage
check 'default load of the crash slot' "$file_call_works" -p bzImage --append=quiet
check 'default load, an option of kexec_load' "$file_call_works" -l bzImage --console-serial
check 'default load, no kexec_file_load' '' -l bzImage --initrd=initrd
check 'default load of the crash slot, no kexec_file_load' '' -p bzImage
check 'default unload' "$file_call_works" -u
check 'default unload of the crash slot' "$file_call_works" -p -u
check 'default unload, no kexec_file_load' '' -u
check 'default unload of the crash slot, no kexec_file_load' '' -p -u
put sys/kernel/kexec_loaded 1
check 'default force' "$file_call_works" -f -x bzImage
check 'default bare form' "$file_call_works" bzImage

# --- each refusal ----------------------------------------------------------------

lock_down() {
	put sys/kernel/security/lockdown 'none [integrity] confidentiality'
}

# Calls and output, without the words that differ between the slots.
gist() {
	sed -E '1d;s/^# ([a-z_]+)\(.*\)/# \1/;/^(entry|nr_segments) /d' "$1"
}

# refusal NAME INJECTIONS ARGUMENTS...: a section with the same call refused for
# both slots, locked down and not.  ARGUMENTS are those of the normal slot.
refusal() {
	name=$1 injections=$2
	shift 2
	rm -f told.*
	for situation in 'normal slot' 'crash slot' 'locked down' 'locked down, crash slot'; do
		fresh
		case $situation in locked*) lock_down ;; esac
		case $situation in
		*crash*) told "$injections" -p "$@" ;;
		*) told "$injections" "$@" ;;
		esac > this
		gist this > this.gist
		for before in 'normal slot' 'crash slot' 'locked down' ''; do
			cmp -s this.gist "told.$before" && break
		done
		if [ -n "$before" ]; then
			echo "$situation: as $before"
		else
			echo "$situation:"
			cat this
		fi
		mv this.gist "told.$situation"
	done > got
	compare "$name"
}

for e in EPERM EACCES EINVAL EFAULT EBUSY EADDRNOTAVAIL ENOMEM ENOEXEC EOPNOTSUPP ENOSYS EXDEV; do
	refusal "kexec_load $e" "kexec_load:error=$e" -c -l bzImage
done
for e in EPERM EACCES EINVAL EBUSY ENOSYS; do
	refusal "unload by kexec_load $e" "kexec_load:error=$e" -c -u
done
file_errors='EPERM EACCES EINVAL EFAULT EBUSY EADDRNOTAVAIL ENOMEM ENOEXEC EOPNOTSUPP ENOSYS
	EBADF EFBIG ETXTBSY EIO EKEYREJECTED ENODATA ENOPKG ENOKEY EBADMSG ELIBBAD EMSGSIZE'
for e in $file_errors; do
	refusal "kexec_file_load $e" "kexec_file_load:error=$e" -s -l bzImage
done
for e in EPERM EINVAL EBUSY ENOSYS; do
	refusal "unload by kexec_file_load $e" "kexec_file_load:error=$e" -s -u
done

# A signature, a right or a limit that stops the first call stops the load.
for e in $file_errors; do
	refusal "default, kexec_file_load $e" "kexec_file_load:error=$e" -l bzImage
done
for e in EPERM EINVAL EBUSY; do
	refusal "default unload, kexec_file_load $e" "kexec_file_load:error=$e" -u
done
for e in EPERM EINVAL EBUSY ENOSYS EADDRNOTAVAIL; do
	refusal "both calls, ENOSYS and $e" "kexec_load:error=$e" -l bzImage
done
for e in EINVAL ENOEXEC EOPNOTSUPP; do
	refusal "both calls, $e and EPERM" "kexec_file_load:error=$e kexec_load:error=EPERM" -l bzImage
done
for e in EPERM EBUSY ENOSYS; do
	refusal "unload by both calls, ENOSYS and $e" "kexec_load:error=$e" -u
done

fresh
put sys/kernel/kexec_loaded 1
for e in EPERM EINVAL EBUSY; do
	check "reboot $e" "reboot:error=$e" -e -x
done
mkdir proc/self/ns
ln -s 'pid:[4026532201]' proc/self/ns/pid
check 'reboot EINVAL, PID namespace' 'reboot:error=EINVAL' -e -x

# --- each cause of one errno -------------------------------------------------------

# because NAME ERRNO: on the machine as it is, every call refused with ERRNO.
because() {
	for arguments in '-c -l bzImage' '-c -p bzImage' '-c -u' '-l bzImage' '-p bzImage' '-u'; do
		# shellcheck disable=SC2086 # a list of words
		told "kexec_load:error=$2 kexec_file_load:error=$2" $arguments
	done > got
	compare "$2, $1"
}

fresh
put proc/self/status 'CapEff:	000001ffffbfffff'
because 'no capability' EPERM
put sys/kernel/kexec_loaded 1
check 'exec, no capability' '' -e
fresh
put proc/self/uid_map '0 1000 1'
because 'user namespace' EPERM
fresh
put proc/sys/kernel/kexec_load_disabled 1
because 'loading disabled' EPERM
fresh
put proc/sys/kernel/kexec_load_limit_reboot 0
because 'loads used up' EPERM
fresh
put proc/sys/kernel/kexec_load_limit_panic 0
because 'loads of crash kernels used up' EPERM
fresh
put proc/self/status 'CapEff:	000001ffffffffff
Seccomp:	2'
because 'seccomp' EPERM
fresh
lock_down
put proc/sys/kernel/kexec_load_disabled 1
because 'loading disabled, locked down' EPERM
fresh
put proc/meminfo 'MemTotal: 8000 kB'
check 'EINVAL, half of RAM' 'kexec_load:error=EINVAL' -c -l bzImage
fresh
put proc/sys/kernel/arch sparc64
check 'EINVAL, kernel of an arch that no kexec knows' 'kexec_load:error=EINVAL' -c -l bzImage

# --- a refused crash kernel may cost the one that was loaded ------------------------

# loaded_until_asked: "1" for who reads kexec_crash_loaded first, "0" afterwards.
loaded_until_asked() {
	file=sys/kernel/kexec_crash_loaded
	echo 0 > next
	rm $file
	mkfifo $file
	# Opens when somebody reads; the name is the next file's before that one sees an end.
	{ exec 9> $file; mv next $file; echo 1 >&9; } &
}

for arguments in '-c -p bzImage' '-s -p bzImage' '-p bzImage'; do
	for e in EADDRNOTAVAIL EINVAL; do
		refuse_both="kexec_load:error=$e kexec_file_load:error=$e"
		fresh
		loaded_until_asked
		# shellcheck disable=SC2086 # a list of words
		told "$refuse_both" $arguments > got
		wait
		put sys/kernel/kexec_crash_loaded 1
		echo 'kept:' >> got
		# shellcheck disable=SC2086 # a list of words
		told "$refuse_both" $arguments | grep -v '^segment' >> got
		compare "crash kernel lost, $arguments, $e"
	done
done

# --- actions that only report make no calls -------------------------------------

fresh
for arguments in --help --version --status --print-ckr-size '--dry-run bzImage' \
	'--dry-run --json bzImage'; do
	# shellcheck disable=SC2086 # a list of words
	traced '' $arguments
	calls trace > called
	if [ $status = 0 ] && [ ! -s called ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: kexec $arguments ends with $status and calls:"
		cat called out
	fi
done

# --- the call carries the plan ---------------------------------------------------

# "mem memsz bufsz" of each segment, and the entry, as told and as passed.
fresh
name='the call carries the plan'
traced '' -c -d -l bzImage --initrd=initrd
sed -n 's/^segment\[[0-9]*\]\.\(bufsz\|memsz\|mem\) *= 0x//p' out | paste - - - > told
grep -o '{[^}]*}' trace |
	sed -E 's/.*bufsz=([0-9]+), mem=0x([0-9a-f]+), memsz=([0-9]+)\}/\1 \2 \3/' |
	while read -r bufsz mem memsz; do
		printf '%x\t%s\t%x\n' "$bufsz" "$mem" "$memsz"
	done > passed
entry=$(sed -n 's/^kexec_load: entry = \(0x[0-9a-f]*\) .*/\1/p' out)
if [ -s told ] && cmp -s told passed && grep -q " kexec_load($entry, $(wc -l < told), " trace; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "not ok: $name (-: told, +: passed)"
	diff -u told passed || :
	cat trace
fi

# --- nothing left over --------------------------------------------------------------

if [ "$update" = --update ]; then
	cp "$work/table" "$table"
elif [ $interfaces = yes ] && ! cmp -s "$work/table" "$table" && [ $failed = 0 ]; then
	failed=$((failed + 1))
	echo "not ok: table.txt has sections without a case, or in another order"
fi
[ $interfaces = yes ] || echo "no iproute2 or no dummy interfaces here: interfaces were not tested"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
