package line

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func lines(t *testing.T, r io.Reader) (all []string, err error) {
	t.Helper()
	l := NewReader(r)
	for {
		text, err := l.Next()
		if err != nil {
			return all, err
		}
		all = append(all, string(text))
		if l.Num() != len(all) {
			t.Fatalf("line %d has number %d", len(all), l.Num())
		}
	}
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n", []string{""}},
		{"a", []string{"a"}},
		{"a\nb\n", []string{"a", "b"}},
		{"a\r\n\r\nb\r", []string{"a", "", "b"}},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
			got, err := lines(t, r)
			if diff := cmp.Diff(c.want, got); diff != "" || err != io.EOF {
				t.Errorf("%q: %v (-want +got):\n%s", c.text, err, diff)
			}
		}
	}
}

// Lines around the size of the buffer and of the bound.
func TestLong(t *testing.T) {
	for _, n := range []int{startSize - 1, startSize, startSize + 1, Max - 1, Max, Max + 1, 3*Max + 7} {
		l := NewReader(strings.NewReader("first\n" + strings.Repeat("x", n) + "\nlast\n"))
		var sizes []int
		cut := false
		for {
			text, err := l.Next()
			if err != nil {
				break
			}
			sizes = append(sizes, len(text))
			cut = cut || l.Cut()
		}
		if len(sizes) != 3 || sizes[0] != 5 || sizes[1] > n || sizes[1] < min(n, Max) || sizes[2] != 4 || cut != (sizes[1] < n) {
			t.Errorf("line of %d: got lines of %d, cut: %t", n, sizes, cut)
		}
		if len(l.buf) > 2*Max {
			t.Errorf("line of %d: a buffer of %d", n, len(l.buf))
		}
	}
}

func TestError(t *testing.T) {
	broken := errors.New("broken")
	got, err := lines(t, io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)))
	if err != broken || len(got) != 2 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := lines(t, stuck{}); err != io.ErrNoProgress {
		t.Errorf("a reader without progress: %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestPeek(t *testing.T) {
	for _, n := range []int{0, 1, PeekSize - 1, PeekSize, PeekSize + 1} {
		text := strings.Repeat("y", n)
		start, whole, err := Peek(strings.NewReader("\xef\xbb\xbf" + text))
		all, _ := io.ReadAll(whole)
		if err != nil || string(all) != text || !strings.HasPrefix(text, string(start)) {
			t.Errorf("%d bytes: start %d, whole %d, %v", n, len(start), len(all), err)
		}
	}
	if _, _, err := Peek(iotest.ErrReader(io.ErrClosedPipe)); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}
