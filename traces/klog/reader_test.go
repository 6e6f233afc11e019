package klog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/traces"
)

const crash = "remoteproc remoteproc0: crash detected in adsp: type watchdog"

// lineTests has one line for every source of kernel logs. All hold the same message.
var lineTests = []struct {
	name, line string
	time       int64
	level      string
	format     string
}{
	{"dmesg", "[ 1370.212225] " + crash, 1370212225000, "", "dmesg"},
	{"task", "[   12.228805][  T272] " + crash, 12228805000, "", "dmesg"},
	{"cpu", "[   12.228805][  C4] " + crash, 12228805000, "", "dmesg"},
	{"dmesg -T", "[Mon Nov 23 07:08:41 2026] " + crash, 1795417721000000000, "", "dmesg -T"},
	{"dmesg -x", "kern  :err   : [ 1370.212225] " + crash, 1370212225000, "err", "dmesg"},
	{"dmesg -r", "<3>[ 1370.212225] " + crash, 1370212225000, "err", "dmesg"},
	{"dmesg -r, facility", "<30>[ 1370.212225] " + crash, 1370212225000, "info", "dmesg"},
	{"dmesg -d", "[ 1370.212225 <   65.602841>] " + crash, 1370212225000, "", "dmesg"},
	{"dmesg -e", "[Nov23 07:08] " + crash, 91350480000000000, "", "dmesg -e"},
	{"iso", "2026-11-23T07:08:41,212225+00:00 " + crash, 1795417721212225000, "", "dmesg --time-format=iso"},
	{"/dev/kmsg", "5,12,1370212225,-;" + crash, 1370212225000, "notice", "/dev/kmsg"},
	{"/dev/kmsg with caller", "3,12,1370212225,-,caller=T31;" + crash, 1370212225000, "err", "/dev/kmsg"},
	{"journalctl", "Nov 23 07:08:41 host kernel: " + crash, 91350521000000000, "", "journalctl -o short"},
	{"journalctl, one digit", "Nov  3 07:08:41 host kernel: " + crash, 89622521000000000, "", "journalctl -o short"},
	{"journalctl short-precise", "Nov 23 07:08:41.500000 host kernel: " + crash, 91350521500000000, "", "journalctl -o short-precise"},
	{"journalctl short-monotonic", "[   12.345678] host kernel: " + crash, 12345678000, "", "journalctl -o short-monotonic"},
	{"journalctl short-iso", "2026-11-23T07:08:41+0000 host kernel: " + crash, 1795417721000000000, "", "journalctl -o short-iso"},
	{"rsyslog with kernel time", "Nov 23 07:08:41 host kernel: [  464.888992] " + crash, 464888992000, "", "journalctl -o short"},
	{"logread", "Mon Dec 23 10:17:30 2024 kern.err kernel: [  464.888992] " + crash, 464888992000, "err", "logread"},
	{"custom syslog", "[May 07 23:40:24] kern kernel: " + crash, 74130024000000000, "", "syslog"},
	{"logcat", "11-23 07:08:41.123     0     0 E " + crash, 91350521123000000, "err", "logcat"},
	{"vendor: cpu", "[ 5603.909536,0] " + crash, 5603909536000, "", "dmesg"},
	{"vendor: three digits", "[1110.152] " + crash, 1110152000000, "", "dmesg"},
	{"no time", crash, traces.NoTime, "", "kernel log"},
	{"indented", "      [   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"quoted", "> > [   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"prompt", "root@host:~# /[   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"program", "<<<TEST RESULT[   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"lost bracket", "   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"markdown", "[   12.000001] remoteproc remoteproc0: **crash detected in adsp**: type watchdog", 12000001000, "", "dmesg"},
	{"colour", "\x1b[32m[   12.000001] \x1b[0m\x1b[1mremoteproc remoteproc0\x1b[0m: crash detected in adsp: type watchdog", 12000001000, "", "dmesg"},
	{"serial", "\x00\x00[   12.000001] " + crash + "\r", 12000001000, "", "dmesg"},
	{"dmesg's caller", "[   12.228805] [  T272] " + crash, 12228805000, "", "dmesg"},
	{"dmesg -T -d", "[Mon Nov 23 07:08:41 2026 <    0.000000>] " + crash, 1795417721000000000, "", "dmesg -T"},
	{"dmesg -x -T", "kern  :err   : [Mon Nov 23 07:08:41 2026] " + crash, 1795417721000000000, "err", "dmesg -T"},
	{"dmesg delta", "[<    1.500000>] " + crash, 1500000000, "", "dmesg --time-format=delta"},
	{"two times", "[Mon Nov 23 07:08:41 2026] [ 1370.212225] " + crash, 1370212225000, "", "dmesg"},
	{"journalctl short-full", "Mon 2026-11-23 07:08:41 UTC host kernel: " + crash, 1795417721000000000, "", "journalctl -o short-full"},
	{"journalctl short-iso-precise", "2026-11-23T07:08:41.212225+0000 host kernel: " + crash, 1795417721212225000, "", "journalctl -o short-iso-precise"},
	{"journalctl short-unix", "1795417721.212225 host kernel: " + crash, 1795417721212225000, "", "journalctl -o short-unix"},
	{"journalctl without time", "host kernel: " + crash, traces.NoTime, "", "kernel log"},
	{"busybox", "Nov 23 07:08:41 host kern.err kernel: [  464.888992] " + crash, 464888992000, "err", "journalctl -o short"},
	{"RFC 5424", "<3>1 2026-11-23T07:08:41.212225+00:00 host kernel - - - " + crash, 1795417721212225000, "err", "journalctl -o short-iso-precise"},
	{"kernel with a PID", "Nov 23 07:08:41 host kernel[0]: " + crash, 91350521000000000, "", "journalctl -o short"},
	{"LuCI", "[Sep 3, 2026, 9:34:16 AM UTC] kern.err: [  913.670892] " + crash, 913670892000, "", "dmesg"},
	{"logread -t", "Mon Dec 23 10:17:30 2024 [1734948000.123] kern.err kernel: [  464.888992] " + crash, 464888992000, "err", "journalctl -o short-monotonic"},
	{"logcat, no tag", "11-23 07:08:41.123     0     0 E         : " + crash, 91350521123000000, "err", "logcat"},
	{"logcat -v year", "2026-11-23 07:08:41.123     0     0 E " + crash, 1795417721123000000, "err", "logcat"},
	{"logcat -v zone -v usec -v uid", "11-23 07:08:41.123456 +0000  root     0     0 E " + crash, 91350521123456000, "err", "logcat"},
	{"logcat -v epoch", "1795417721.123     0     0 E " + crash, 1795417721123000000, "err", "logcat"},
	{"logcat -v monotonic", "   12.345     0     0 E " + crash, 12345000000, "err", "logcat"},
	{"logcat -v time", "11-23 07:08:41.123 E/remoteproc remoteproc0(    0): crash detected in adsp: type watchdog", 91350521123000000, "err", "logcat"},
	{"logcat -v brief", "E/remoteproc remoteproc0(    0): crash detected in adsp: type watchdog", traces.NoTime, "err", "kernel log"},
	{"logcat -v tag", "E/remoteproc remoteproc0: crash detected in adsp: type watchdog", traces.NoTime, "err", "kernel log"},
	{"logcat -v process", "E(    0) crash detected in adsp: type watchdog  (remoteproc remoteproc0)", traces.NoTime, "err", "kernel log"},
	{"vendor: samsung", "[   12.228805] [2:    swapper/2:    0] " + crash, 12228805000, "", "dmesg"},
	{"vendor: mediatek", "<3>[   12.228805] -(2)[1234:kworker/2:1]" + crash, 12228805000, "err", "dmesg"},
	{"vendor: c0", "[   12.228805] c0   1234 " + crash, 12228805000, "", "dmesg"},
	{"vendor: huawei", "[   12.228805s][2020:01:01 00:00:00][pid:1,cpu0,swapper/0]" + crash, 12228805000, "", "dmesg"},
	{"vendor: two clocks", "[   12.228805 / 01-02 03:04:05.678] " + crash, 12228805000, "", "dmesg"},
	{"LAVA", `- {"dt": "2026-01-04T12:00:03.123456", "lvl": "target", "msg": "[   12.000001] ` + crash + `"}`, 12000001000, "", "dmesg"},
	{"LAVA, no kernel time", `- {"dt": "2026-01-04T12:00:03.123456", "lvl": "target", "msg": "` + crash + `"}`, 1767528003123456000, "", "LAVA log"},
	{"LAVA, YAML", `- {dt: '2026-01-04T12:00:03.123456', lvl: target, msg: '[   12.000001] ` + crash + `'}`, 12000001000, "", "dmesg"},
	{"journalctl json", `{"__MONOTONIC_TIMESTAMP":"12345678","PRIORITY":"3","_TRANSPORT":"kernel","MESSAGE":"` + crash + `"}`, 12345678000, "err", "journalctl -o json"},
	{"html", "<span>[   12.000001]&nbsp;" + crash + "</span><br>", 12000001000, "", "dmesg"},
	{"markdown escapes", `\[   12.000001\] remoteproc remoteproc0: crash detected in adsp: type watchdog\`, 12000001000, "", "dmesg"},
	{"inline code", "`[   12.000001] " + crash + "`", 12000001000, "", "dmesg"},
	{"grep -n", "12:[   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"grep, no time", "dmesg.txt:12:" + crash, traces.NoTime, "", "kernel log"},
	{"CI", "2026-11-23T07:08:41.1234567Z [   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"CI stream", "2026-11-23T07:08:41.123456Z 01O [   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"container", "2026-11-23T07:08:41.123456789Z stdout F [   12.000001] " + crash, 12000001000, "", "dmesg"},
	{"facility in place of a program", "Nov 23 07:08:41 host kern.err: [   12.000001] " + crash, 12000001000, "err", "journalctl -o short"},
	{"rsyslog's file format", "2026-11-23T07:08:41.212225+00:00 host kernel: [   12.000001] " + crash, 12000001000, "", "journalctl -o short-iso-precise"},
	{"Chromium OS", "2026-11-23T07:08:41.212225Z INFO kernel: [   12.000001] " + crash, 12000001000, "", "journalctl -o short-iso-precise"},
	{"RFC 5424 with data", `<3>1 2026-11-23T07:08:41Z host kernel - - [meta sequenceId="5"][o x="1"] ` + crash, 1795417721000000000, "err", "journalctl -o short-iso"},
	{"RFC 5424 with data and kernel time", `<3>1 2026-11-23T07:08:41Z host kernel - - [meta sequenceId="5"] [   12.000001] ` + crash, 12000001000, "err", "journalctl -o short-iso"},
	{"journalctl short-delta", "[   12.345678 <    0.001234 >] host kernel: " + crash, 12345678000, "", "journalctl -o short-monotonic"},
	{"terminal program, no kernel time", "[2026-11-23 07:08:41] " + crash, 1795417721000000000, "", "console with times"},
	{"byte order mark", "\xef\xbb\xbf[   12.000001] " + crash, 12000001000, "", "dmesg"},
}

func TestLine(t *testing.T) {
	for _, c := range lineTests {
		t.Run(c.name, func(t *testing.T) {
			recs, info := read(t, c.line+"\n")
			want := []*traces.Record{{
				Kind: traces.Log, Source: traces.KernelLog, CPU: -1, PID: -1, Time: c.time, Line: 1,
				Level: c.level, Driver: "remoteproc", Device: "remoteproc0", Text: "crash detected in adsp: type watchdog",
			}}
			if diff := cmp.Diff(want, recs, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if info.Format != c.format || info.Malformed != 0 {
				t.Errorf("%+v, want format %q", info, c.format)
			}
		})
	}
}

func read(t *testing.T, text string) ([]*traces.Record, *traces.Info) {
	t.Helper()
	k, err := New(strings.NewReader(text), "test", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var recs []*traces.Record
	for {
		var r traces.Record
		err := k.Read(&r)
		if err == io.EOF {
			return recs, k.Info()
		}
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, r.Clone())
	}
}

// texts gives "device: text" of every record, and "lost n reason" of losses.
func texts(recs []*traces.Record) (all []string) {
	for _, r := range recs {
		switch r.Kind {
		case traces.Begin:
			all = append(all, "seam")
		case traces.Lost:
			all = append(all, strings.Repeat("?", r.LostN)+r.Reason)
		default:
			all = append(all, r.Device+": "+r.Text)
		}
	}
	return all
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"wrapped", "remoteproc remoteproc0: crash detected in a: type fatal\n\terror\nremoteproc remoteproc1: a\n", []string{"remoteproc0: crash detected in a: type fatal error", "remoteproc1: a"}},
		{"a tab is no wrap where lines have times", "[    1.000001] remoteproc remoteproc0: a\n\tb\n", []string{"remoteproc0: a", ": b"}},
		{"echo", "[    1.000001] a\n[    1.000001] b\n[    1.000001] a\n[    1.000002] a\n", []string{": a", ": b", ": a"}},
		{"coarse times do not tell lines apart", "[May 07 23:40:24] kern kernel: a\n[May 07 23:40:24] kern kernel: a\n", []string{": a", ": a"}},
		{"no times", "remoteproc remoteproc0: a\nremoteproc remoteproc0: a\n", []string{"remoteproc0: a", "remoteproc0: a"}},
		{"sequence", "6,1,10,-;a\n SUBSYSTEM=x\n6,4,20,-;b\n", []string{": a", "??sequence", ": b"}},
		{"dropped", "[    1.000001] ** 3 printk messages dropped **\n[    1.000002] f: 2 callbacks suppressed\n", []string{"???dropped", "??rate limit"}},
		{"other programs", "Nov 23 07:08:41 host rproc daemon0: a\nNov 23 07:08:41 host kernel: remoteproc remoteproc0: b\n", []string{": host rproc daemon0: a", "remoteproc0: b"}},
		{"a program that prints times", "Nov 23 07:08:41 host Xorg[12]: [    12.345] remoteproc remoteproc0: a\nNov 23 07:08:41 host kernel: b\n", []string{": host Xorg[12]: [    12.345] remoteproc remoteproc0: a", ": b"}},
		{"journal of programs", "[    1.000001] host systemd[1]: a\n", []string{": host systemd[1]: a"}},
		{"deltas", "[Nov23 07:08] a\n[  +0.000123] remoteproc remoteproc0: b\n", []string{": a", "remoteproc0: b"}},
		{"dmesg -J on one line", `{"dmesg":[{"pri":3,"time":1.000001,"msg":"remoteproc remoteproc0: a"},{"pri":3,"time":1.000002,"msg":"b"}]}` + "\n", []string{"remoteproc0: a", ": b"}},
		{"a journal in an array", `[{"MESSAGE":"remoteproc remoteproc0: a","_TRANSPORT":"kernel"},{"MESSAGE":"b","_TRANSPORT":"kernel"}]` + "\n", []string{"remoteproc0: a", ": b"}},
		{"no core line", "[    1.000001]  remoteproc0#vdev0buffer: a\n[    1.000001] remoteproc:glink-edge: b\n", []string{": remoteproc0#vdev0buffer: a", ": remoteproc:glink-edge: b"}},
		{"lines lost", "[    1.000001] remoteproc remoteproc0: recovering a[    1.000002] remoteproc remoteproc0: stopped remote processor a\n", []string{"remoteproc0: recovering a", "remoteproc0: stopped remote processor a"}},
		{"a paragraph", "remoteproc remoteproc0: crash detected in\n4080000.remoteproc: type fatal error <3> remoteproc remoteproc0:\nhandling crash #1 in 4080000.remoteproc\n", []string{"remoteproc0: crash detected in 4080000.remoteproc: type fatal error", "remoteproc0: handling crash #1 in 4080000.remoteproc"}},
		{"wrapped at a hyphen", "> [    0.847979] remoteproc remoteproc0: stopped remote processor cix-dsp-\n> rproc\n", []string{"remoteproc0: stopped remote processor cix-dsp-rproc"}},
		{"wrapped within a word", "[    0.847979] remoteproc remoteproc0: crash det\nected in adsp: type watchdog\n", []string{"remoteproc0: crash detected in adsp: type watchdog"}},
		{"quoted-printable", "> > [   97.212995] remoteproc remoteproc0: crash detected in 3000000.remote=\nproc: type fatal error\n> >=20\n> > [   97.213015] remoteproc remoteproc0: recovering 3000000.remoteproc=20\n", []string{"remoteproc0: crash detected in 3000000.remoteproc: type fatal error", "remoteproc0: recovering 3000000.remoteproc"}},
		{"an = of its own", "[    1.000001] a line of seventy to seventy-six bytes that ends with a sign x=\n[    1.000002] b\n", []string{": a line of seventy to seventy-six bytes that ends with a sign x=", ": b"}},
		{"output after a whole line", "[    1.000001] remoteproc remoteproc0: handling crash #4 in adsp\n=PASS>>>\n", []string{"remoteproc0: handling crash #4 in adsp", ": =PASS>>>"}},
		{"output after a cut line", "[    1.000001] remoteproc remoteproc0: handling crash\n=PASS>>>\n", []string{"remoteproc0: handling crash", ": =PASS>>>"}},
		{"left out", "[    1.000001] remoteproc remoteproc0: a\n[...]\n[    2.000001] b\n", []string{"remoteproc0: a", "left out", ": b"}},
		{"journald misses lines", "Nov 23 07:08:41 host systemd-journald[123]: Missed 12 kernel messages\nNov 23 07:08:41 host kernel: a\n", []string{"????????????missed", ": a"}},
		{"logcat -v long", "[ 11-23 07:08:41.123     0:    0 E/remoteproc remoteproc0 ]\ncrash detected in adsp: type watchdog\n\nother\n", []string{": ", "remoteproc0: crash detected in adsp: type watchdog", ": other"}},
		{"prose", "[    1.000001] remoteproc remoteproc0: a\nWe see remoteproc remoteproc0: recovering b: often\n## remoteproc remoteproc0: x\n", []string{"remoteproc0: a", ": We see remoteproc remoteproc0: recovering b: often", ": ## remoteproc remoteproc0: x"}},
		{"old core", "[    1.000001]  remoteproc0: a\n", []string{"remoteproc0: a"}},
		{"driver", "[    1.000001] qcom,apr 6800000.remoteproc:glink-edge.-1.-1: a: b\n", []string{"6800000.remoteproc:glink-edge.-1.-1: a: b"}},
	} {
		recs, info := read(t, c.text)
		if diff := cmp.Diff(c.want, texts(recs)); diff != "" || info.Malformed != 0 {
			t.Errorf("%s: %+v (-want +got):\n%s", c.name, info, diff)
		}
	}
}

func TestInfo(t *testing.T) {
	_, info := read(t, "[    2.000001] a\n[    1.000001] b\n[    1.000001] b\n[    1.000002] ** 3 printk messages dropped **\n")
	want := &traces.Info{Format: "dmesg", Clock: "seconds", Lines: 4, Records: 3, Lost: 3, Duplicate: 1, Notes: []string{"line 2: time goes back"}}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every form that dmesg and journalctl print holds the same lines.
func TestTools(t *testing.T) {
	dmesg := []string{"remoteproc0: adsp is available", "remoteproc0: crash detected in adsp: type watchdog", "remoteproc0: handling crash #1 in adsp"}
	journal := []string{"remoteproc0: crash detected in adsp: type watchdog", "remoteproc0: handling crash #1 in adsp", "seam", "remoteproc0: remote processor adsp is now up"}
	for dir, want := range map[string][]string{"dmesg": dmesg, "journal": journal} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
		if err != nil || len(files) < 10 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			recs, info := read(t, string(data))
			var got []string
			for i, text := range texts(recs) {
				if text == "seam" || strings.HasPrefix(recs[i].Device, "remoteproc") {
					got = append(got, text)
				}
			}
			if name := filepath.Base(file); name == "cat.txt" { // it names neither program nor boot
				want = []string{journal[0], "remoteproc0: not from the kernel", journal[1], journal[3]}
			} else if dir == "journal" {
				want = journal
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %+v (-want +got):\n%s", file, info, diff)
			}
		}
	}
}

func TestSeams(t *testing.T) {
	a := "[  100.000001] remoteproc remoteproc0: a is available\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"the clock falls", a + "[    1.000001] b\n", []string{"remoteproc0: a is available", "seam", ": b"}},
		{"a kernel boots", a + "[    0.000000] Booting Linux on physical CPU 0x0\n[    0.000000] Linux version 6.1\n[    1.000001] b\n", []string{"remoteproc0: a is available", "seam", ": Booting Linux on physical CPU 0x0", ": Linux version 6.1", ": b"}},
		{
			"the same kernel boots again soon", "[    0.000000] Linux version 6.1\n[    3.000001] remoteproc remoteproc0: a is available\n[    0.000000] Linux version 6.1\n[    2.000001] b\n",
			[]string{": Linux version 6.1", "remoteproc0: a is available", "seam", ": b"},
		},
		{"pasted twice", "[    0.000000] Linux version 6.1\n" + a + "[    0.000000] Linux version 6.1\n" + a + "[  100.000002] b\n", []string{": Linux version 6.1", "remoteproc0: a is available", ": b"}},
		{"a resume", "[   68.982165] remoteproc remoteproc0: a is available\n[   68.007805] b\n", []string{"remoteproc0: a is available", ": b"}},
		{"no clock", "remoteproc remoteproc0: a is available\nkernel: Linux version 6.1\nremoteproc remoteproc0: b\n", []string{"remoteproc0: a is available", "seam", ": Linux version 6.1", "remoteproc0: b"}},
		{"announced", a + "-- Boot aaaaaaaa --\n" + a, []string{"remoteproc0: a is available", "seam", "remoteproc0: a is available"}},
		{"announced by an old journalctl", a + "-- Reboot --\n" + a, []string{"remoteproc0: a is available", "seam", "remoteproc0: a is available"}},
		{"nothing of ours before", "[  100.000001] x\n[    1.000001] remoteproc remoteproc0: a\n", []string{": x", "remoteproc0: a"}},
	} {
		recs, info := read(t, c.text)
		if diff := cmp.Diff(c.want, texts(recs)); diff != "" {
			t.Errorf("%s: %+v (-want +got):\n%s", c.name, info, diff)
		}
		seam := slices.Contains(c.want, "seam")
		if noted := strings.Contains(strings.Join(info.Notes, "\n"), "the log begins anew"); noted != seam || info.Lost > 0 {
			t.Errorf("%s: %+v", c.name, info)
		}
	}
}

func TestDamaged(t *testing.T) {
	recs, info := read(t, "[    1.000001] rem\xfft\x80proc remoteproc0: recovering a\n[    1.000002] remoteproc remoteproc0: recovering a\n")
	if len(recs) != 2 || recs[1].Device != "remoteproc0" || len(info.Notes) != 1 || !strings.Contains(info.Notes[0], "no text") {
		t.Errorf("%v, %+v", texts(recs), info)
	}
}

func TestDeltaTime(t *testing.T) {
	recs, _ := read(t, "[Nov23 07:08] a\n[  +0.000123] b\n[  +0.000002] c\n")
	if d := recs[2].Time - recs[0].Time; d != 125000 {
		t.Errorf("%d ns between the first and the last line", d)
	}
}

func TestNoLog(t *testing.T) {
	for _, text := range []string{"hello\nworld\n", "# a markdown file\n\nNovember rain\n", "[x] todo\n"} {
		k, err := New(strings.NewReader(text), "x.txt", traces.Options{})
		var r traces.Record
		for err == nil {
			err = k.Read(&r)
		}
		var bad *traces.FormatError
		if !errors.As(err, &bad) || bad.File != "x.txt" || !strings.HasPrefix(err.Error(), "x.txt:1:1: looks like neither") {
			t.Errorf("%q: %v", text, err)
		}
		if Lines([]byte(text)) != 0 {
			t.Errorf("%q has lines of a kernel log", text)
		}
	}
}

func TestFixtures(t *testing.T) {
	for file, want := range map[string][]string{
		"dra7-ipu-omap-3.14-crash13.txt": {
			"55020000.ipu: omap rproc 55020000.ipu crashed", "remoteproc1: crash detected in 55020000.ipu: type device exception",
			"remoteproc1: handling crash #13 in 55020000.ipu", "remoteproc1: recovering 55020000.ipu",
		},
		"hamoa-lava-signal-interleaved-midline.txt": {
			"6800000.remoteproc:glink-edge:fastrpc:compute-cb@7: Adding to iommu group 21",
			"6800000.remoteproc: fatal error received: qup_os_island.c:151:QUP_ERR_FATAL",
			"remoteproc0: crash detected in adsp: type fatal error", "remoteproc0: handling crash #4 in adsp",
			": =PASS>>>", ": + set +x", ": =PASS", `: Ignoring malformed parameter for signal: "RESULT[".`,
			"remoteproc0: recovering adsp", ": <LAVA_SIGNAL_ENDRUN 0_AudioRecord_Config01 185061_1.1.3.1>",
		},
		"monaco-gpdsp-boot-fail-callerid.txt":      nil,
		"msm8974-fp2-mss-syslog-prefix.txt":        nil,
		"sdm845-mss-double-crash-lkml-wrapped.txt": nil,
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		recs, info := read(t, string(text))
		if diff := cmp.Diff(want, texts(recs)); want != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		if n := strings.Count(string(text), "remoteproc: ") + strings.Count(string(text), " remoteproc"); info.Malformed > 0 || n > 0 && !hasCore(recs) {
			t.Errorf("%s: %+v", file, info)
		}
	}
}

func hasCore(recs []*traces.Record) bool {
	for _, r := range recs {
		if strings.HasPrefix(r.Device, "remoteproc") {
			return true
		}
	}
	return false
}

func TestSharedLogs(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/logs/public/*.txt")
	more, _ := filepath.Glob("../../../shared/captures/*/*.dmesg.txt")
	if len(files)+len(more) == 0 {
		t.Skip("no shared logs")
	}
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "# tracer") {
			continue
		}
		recs, info := read(t, string(text))
		if len(recs) == 0 && len(text) > 0 || info.Malformed > 0 || info.Records+info.Duplicate > info.Lines {
			t.Errorf("%s: %d records, %+v", file, len(recs), info)
		}
		if strings.Contains(string(text), "remoteproc remoteproc") && !hasCore(recs) {
			t.Errorf("%s: no line of a remoteproc device", file)
		}
	}
}

func FuzzKlogLine(f *testing.F) {
	for _, c := range lineTests {
		f.Add(c.line + "\n" + c.line)
	}
	f.Add("A()  ()")
	for _, dir := range []string{"dmesg", "journal"} {
		files, _ := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
		for _, file := range files {
			if data, err := os.ReadFile(file); err == nil {
				f.Add(string(data))
			}
		}
	}
	f.Add("6,1,10,-;a\n SUBSYSTEM=x\n6,4,20,-;b\n")
	f.Add("[Nov23 07:08] a\n[  +0.000123] b")
	f.Fuzz(func(t *testing.T, text string) {
		Lines([]byte(text))
		k, err := New(strings.NewReader(text), "fuzz", traces.Options{})
		var r traces.Record
		for n := 0; err == nil; n++ {
			if err = k.Read(&r); err == nil && (r.Line < 1 || r.Line > k.info.Lines) {
				t.Fatalf("record of line %d of %d", r.Line, k.info.Lines)
			}
		}
		var bad *traces.FormatError
		if err != io.EOF && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		if k.info.Malformed != 0 || k.info.Records+k.info.Duplicate > len(text) {
			t.Fatalf("%+v", k.info)
		}
	})
}

func BenchmarkDmesg(b *testing.B) {
	var log strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&log, "[%5d.%06d][  T250] coresight stm0: STM32 initialized\n", i/100, i*37%1000000)
	}
	b.SetBytes(int64(log.Len()))
	for b.Loop() {
		k, err := New(strings.NewReader(log.String()), "bench", traces.Options{})
		var r traces.Record
		for err == nil {
			err = k.Read(&r)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}
