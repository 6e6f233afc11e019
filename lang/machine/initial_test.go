package machine_test

import (
	"strings"
	"testing"
)

// TestInitials: several starts may admit the same state, which is there once.
func TestInitials(t *testing.T) {
	for starts, want := range map[string]int{
		"":                                    20,
		"start a = 1":                         2,
		"start a in { 1, 2 }, b = true":       2,
		"start a = 1 start b = true":          11,
		"start a = 1 start a = 1 start a = 2": 4,
	} {
		m := compile(t, "module m\nsubject s\nvar a: 0..9\nvar b: bool\nprocess p { a := 0; b := true }\nexplore { "+starts+" spawn p * 1 }\ninvariant i: a >= 0 || b\n")
		got, err := m.Initials("", m.Info.Explore.Starts)
		if err != nil || len(got) != want {
			t.Errorf("%q: %d initial states, %v; want %d", starts, len(got), err, want)
		}
	}
}

// TestTooManyInitials: what leaves far too much open is refused at once, with the place of the start.
func TestTooManyInitials(t *testing.T) {
	m := compile(t, "module m\nsubject s\nvar a: 0..2000\nvar b: 0..2000\nvar c: 0..2000\nprocess p { a := 0; b := 0; c := 0 }\n"+
		"explore { start a = 1 spawn p * 1 }\ninvariant i: a + b + c >= 0\n")
	for _, starts := range []int{0, 1} {
		_, err := m.Initials("", m.Info.Explore.Starts[:starts])
		want := "more than 1048576 initial states: give more values in start"
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.HasPrefix(err.Error(), "m.rps:7:11: ") != (starts == 1) {
			t.Errorf("%d starts: got %v, want %s", starts, err, want)
		}
	}
}

// TestWide: a range that nobody can look through is refused before anybody does.
func TestWide(t *testing.T) {
	m := compile(t, "module m\nsubject s\nvar a: 0..2000000000 = 1\nprocess p { a := 2 }\nexplore { spawn p * 1 }\ninvariant i: a < 3\n")
	want := "m.rps:3:5: a has 2000000001 values, and at most 1048576 can be looked through: give it a smaller range"
	if _, err := m.Instance(""); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
