package perfetto

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// firstPackets are what a trace of another program than the encoder begins with: clock snapshots,
// the marker, the configuration, as Chromium 150 wrote them.
const firstPackets = "testdata/chromium.pftrace"

func TestSniff(t *testing.T) {
	recs := random(3000)
	foreign, err := os.ReadFile(firstPackets)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"plain":          pftest.Encode(recs, pftest.Options{}),
		"dense":          pftest.Encode(recs, pftest.Options{Dense: true}),
		"compressed":     pftest.Encode(recs, pftest.Options{Compress: 5}),
		"one bundle":     pftest.Trace(pftest.Message{}.Msg(1, marks(0, 10))),
		"no bundle":      pftest.Trace(pftest.Message{}.Num(8, 1).Num(10, 3)),
		"a later field":  pftest.Trace(pftest.Message{}.Num(8, 1).Str(250, "x")),
		"an extension":   pftest.Trace(pftest.Message{}.Num(8, 1).Str(1500, "x")),
		"by another one": foreign,
	} {
		for n := len(data); n > len(data)/2 && n > 40; n -= 1 + len(data)/500 {
			if start := data[:min(n, line.PeekSize)]; !Sniff(start) {
				t.Fatalf("%s, %d bytes: not recognised", name, len(start))
			}
		}
		if !Sniff(data[:min(len(data), line.PeekSize)]) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

func TestSniffNot(t *testing.T) {
	sub := pftest.Message{}.Num(1, 1).Num(2, 3)
	for name, data := range map[string]string{
		"nothing":               "",
		"a newline":             "\n",
		"text":                  "\n  a-1 [000] .... 1.000001: f <-g\n",
		"text that fits":        "\n\"\"abcdefghijklmnopqrstuvwxyz01234567",
		"a profile of pprof":    string(pftest.Trace(sub, sub)),
		"other messages":        string(pftest.Trace(pftest.Message{}.Str(1, "name").Num(2, 4))),
		"a list of strings":     string(pftest.Trace(pftest.Message("abc\x01"), pftest.Message("def"))),
		"another field":         string(pftest.Message{}.Msg(2, marks(0, 1)).Msg(2, marks(0, 1))),
		"reserved":              string(pftest.Trace(pftest.Message{}.Num(8, 1).Str(14, "x"))),
		"far fields":            string(pftest.Trace(pftest.Message{}.Num(8, 1).Str(700, "x"))),
		"a bundle that is none": string(pftest.Trace(pftest.Message{}.Msg(1, pftest.Message{}.Str(1, "cpu")).Num(8, 1))),
		"only foreign packets":  string(pftest.Trace(pftest.Message{}.Str(4, "\x01\x02"), pftest.Message{}.Str(5, "\x01"))),
		"garbage behind":        string(pftest.Trace(pftest.Packet(marks(0, 1)))) + "\x00\x00",
		"zeros":                 strings.Repeat("\x00", 100),
		"trace.dat":             "\x17\x08\x44tracing6\x00\x00\x08\x00\x10",
	} {
		if Sniff([]byte(data)) {
			t.Errorf("%s is taken for Perfetto", name)
		}
	}
}

// TestSniffNoise: neither noise nor noise in a packet is a trace.
func TestSniffNoise(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 1000)
	for range 20000 {
		for i := range noise {
			noise[i] = byte(rnd.Uint32())
		}
		noise[0] = '\n'
		if Sniff(noise) || Sniff(protowire.AppendBytes([]byte("\n"), noise[1:])) {
			t.Fatalf("noise is taken for Perfetto: %q", noise)
		}
	}
}

// TestSniffTexts: no text in the tree is a trace.
func TestSniffTexts(t *testing.T) {
	files, _ := filepath.Glob("../*/testdata/*.*")
	more, _ := filepath.Glob("../../../shared/*/*/*")
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil || strings.HasSuffix(file, ".pftrace") {
			continue
		}
		if Sniff(data[:min(len(data), line.PeekSize)]) {
			t.Errorf("%s is taken for Perfetto", file)
		}
	}
	if len(files) < 10 {
		t.Errorf("only %d files", len(files))
	}
}
