// Package klog reads kernel log text: dmesg with any of its options, /dev/kmsg, the journal in all its
// forms, syslogs, OpenWrt's logread, Android's logcat, memory and serial consoles, test runners, and
// excerpts of them in mails, forums and web pages.
//
// Any line may be missing from such a text and any other program's line may stand in it. So every
// line makes a Log record; those of a device carry its name. A text in which no line looks like
// one of the kernel is refused.
//
// A file is read in these steps, each in a file of its own:
//
//	wrap.go      "=" at the end of a line of quoted-printable; later, lines that were wrapped
//	box.go       lines in fields: dmesg -J, journalctl -o json, json-pretty, json-sse, json-seq, LAVA
//	export.go    journalctl -o export and verbose
//	wash.go      what consoles, mails and web pages add
//	prefix.go    what stands before a message:
//
//	  line    = [ junk ] { level | time } ( logcat | [ tag [ time ] ] [ caller ] ) message
//	  level   = "<" number ">"  |  FACILITY ":" LEVEL ":"
//	  time    = "[" seconds … "]"  |  date                  stamp.go, calendar.go
//	  tag     = [ HOST ] [ FACILITY.LEVEL ] "kernel:"       tag.go
//	  caller  = "[" ( "T" | "C" ) number "]"                tag.go
//	  logcat  = [ UID ] PID TID LEVEL TAG ":" | …           tag.go
//	  record  = number "," number "," number "," … ";" message   kmsg.go, /dev/kmsg
//	  message = [ [ "remoteproc" ] DEVICE ":" ] text        the rest; it may hold the next line
//
//	seam.go      where another boot begins
//
// Junk is anything before a time in brackets: a prompt, the output of a program. Times may be missing.
// Copies of a line, with the same time and text, are dropped and counted (history.go).
package klog
