package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rprocspec/rprocspec/internal/report"
)

// The progress line comes after a while, so that quick files show none, and then not too often.
const (
	progressAfter = 700 * time.Millisecond
	progressEvery = 200 * time.Millisecond
)

// progress counts what is read through it and tells so on one line that it overwrites.
type progress struct {
	r    io.Reader
	w    io.Writer // nil: tell nothing
	name string
	size int64 // 0: unknown
	now  func() time.Time

	read  int64
	next  time.Time
	shown bool
}

// Read reads on and, now and then, tells how far that is.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.count(n)
	return n, err
}

// ReadAt reads anywhere, if what is read can do so.
func (p *progress) ReadAt(b []byte, at int64) (int, error) {
	r, ok := p.r.(io.ReaderAt)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	n, err := r.ReadAt(b, at)
	p.count(n)
	return n, err
}

// Size is that of the file, 0 if there is no telling.
func (p *progress) Size() int64 { return p.size }

func (p *progress) count(n int) {
	p.read += int64(n)
	if p.w != nil {
		p.tick()
	}
}

func (p *progress) tick() {
	switch now := p.now(); {
	case p.next.IsZero():
		p.next = now.Add(progressAfter)
	case now.Before(p.next):
	default:
		p.next = now.Add(progressEvery)
		p.shown = true
		fmt.Fprintf(p.w, "\r\x1b[K%s: %s", report.Clean(p.name), p.state())
	}
}

// state says how far it is, such as "312 of 1024 MB, 30 %".
func (p *progress) state() string {
	const mb = 1_000_000
	if p.size <= 0 {
		return fmt.Sprintf("%d MB", p.read/mb)
	}
	return fmt.Sprintf("%d of %d MB, %d %%", p.read/mb, p.size/mb, p.read*100/p.size)
}

// clear takes the line away again.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
