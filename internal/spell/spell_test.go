package spell

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"process", "procedure", "property", "rproc_lock", "state", "start", "power", "by", "OFFLINE"}
	for _, tt := range []struct{ name, want string }{
		{"proces", "process"},
		{"prcoess", "process"},
		{"Process", "process"},
		{"procedrue", "procedure"},
		{"sate", "state"},
		{"statr", "state"},
		{"strat", "start"},
		{"rprc_lok", "rproc_lock"},
		{"offline", "OFFLINE"},
		{"OFLINE", "OFFLINE"},
		{"process", ""},
		{"crash", ""},
		{"", ""},
		{"b", "by"},
		{"xy", "by"},
		{"q", ""},
	} {
		if got := Nearest(tt.name, words); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNearestPrefersTheFirst(t *testing.T) {
	if got := Nearest("cat", []string{"bat", "hat"}); got != "bat" {
		t.Errorf("got %q, want the first of equals", got)
	}
	if got := Nearest("cat", []string{"hat", "CAT"}); got != "CAT" {
		t.Errorf("got %q, want the word that differs in case only", got)
	}
	if got := Nearest("cat", nil); got != "" {
		t.Errorf("got %q of no candidates", got)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"abc", "", 3},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "acb", 1},
		{"abc", "abcd", 1},
		{"kitten", "sitting", 3},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance(tt.b, tt.a); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestMisspelt(t *testing.T) {
	words := []string{"rproc_shutdown", "rproc_start", "boot"}
	for _, tt := range []struct{ name, want string }{
		{"rproc_shutdwn", "rproc_shutdown"},
		{"rproc_shtudown", "rproc_shutdown"},
		{"RPROC_SHUTDOWN", "rproc_shutdown"},
		{"rproc_strat", "rproc_start"},
		{"rproc_reset", ""}, // Nearest takes it for rproc_start
		{"bot", ""},
		{"rproc_shutdown", ""},
	} {
		if got := Misspelt(tt.name, words); got != tt.want {
			t.Errorf("Misspelt(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}
