package open

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const datFile = "../tracedat/testdata/linux-6.1-x86_64.dat"

// A trace.dat gives the same, however it comes: as a file, through a pipe, packed.
func TestTraceDat(t *testing.T) {
	b, err := os.ReadFile(datFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(datFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, want, err := all(f, "x")
	if n != 14 || want.Format != "trace.dat" || err != io.EOF {
		t.Fatalf("%d records, %+v, %v", n, want, err)
	}
	for name, r := range map[string]io.Reader{
		"bytes": bytes.NewReader(b), "section": io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))),
		"pipe": iotest.HalfReader(bytes.NewReader(b)), "buffer": bytes.NewBuffer(b),
		"gzip": bytes.NewReader(packed(t, "gzip", string(b))), "zstd": bytes.NewReader(packed(t, "zstd", string(b))),
		"xz": bytes.NewReader(packed(t, "xz", string(b))), "xz in a pipe": iotest.HalfReader(bytes.NewReader(packed(t, "xz", string(b)))),
	} {
		n, got, err := all(r, "x")
		if diff := cmp.Diff(want, got); n != 14 || err != io.EOF || diff != "" {
			t.Errorf("%s: %d records, %v (-want +got):\n%s", name, n, err, diff)
		}
	}
	small := packed(t, "gzip", string(b))
	if _, _, err := all(bytes.NewReader(small[:len(small)/2]), "x"); err == nil || err == io.EOF || !strings.HasPrefix(err.Error(), "x: ") {
		t.Errorf("cut in the middle: %v", err)
	}
}

// onlyAt fails if a file is read from front to back.
type onlyAt struct {
	*bytes.Reader
	read int
}

func (r *onlyAt) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}

// A file at hand is read where it lies, not into memory.
func TestInPlace(t *testing.T) {
	b, err := os.ReadFile(datFile)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, make([]byte, 1<<20)...)
	r := &onlyAt{Reader: bytes.NewReader(b)}
	if n, _, err := all(r, "x"); n != 14 || err != io.EOF || r.read > 1<<18 {
		t.Errorf("%d records, %v, %d bytes read from the front", n, err, r.read)
	}
}

// A stream is kept in memory up to a bound; one that was read from, or has no size, is a stream.
func TestRandom(t *testing.T) {
	start := []byte("magic")
	text := "magic and more"
	begun := strings.NewReader("xx" + text)
	begun.Seek(2, io.SeekStart)
	for name, src := range map[string]io.Reader{"stream": iotest.OneByteReader(strings.NewReader(text)), "begun": begun, "nothing": sizeless{strings.NewReader(text)}} {
		at, size, err := random(src, strings.NewReader(text), start, int64(len(text)))
		if err != nil || size != int64(len(text)) {
			t.Errorf("%s: size %d, %v", name, size, err)
			continue
		}
		got := make([]byte, size)
		if _, err := at.ReadAt(got, 0); err != nil && err != io.EOF || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	_, _, err := random(bytes.NewBufferString(text), strings.NewReader(text), start, int64(len(text))-1)
	if err == nil || !strings.Contains(err.Error(), "put the file on disk uncompressed") {
		t.Errorf("too long: %v", err)
	}
	if _, _, err := random(bytes.NewBufferString(text), iotest.ErrReader(io.ErrClosedPipe), start, 100); err != io.ErrClosedPipe {
		t.Errorf("broken: %v", err)
	}
	dir, err := os.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if at, size := direct(dir); at != nil || size != 0 {
		t.Errorf("a folder can be read at any place: size %d", size)
	}
}

// sizeless can be read anywhere and does not know its size, as a progress bar over a pipe.
type sizeless struct{ *strings.Reader }

func (sizeless) Size() int64 { return 0 }
