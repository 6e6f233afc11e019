package promela

import (
	"strings"
	"testing"
)

// TestProse: paragraphs and items become lines that the file can break where it likes.
func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"one\ntwo\n\nthree":                 "one two\n\nthree",
		"list:\n- a\n  b\n- c\n\nend\n":     "list:\n- a b\n- c\n\nend",
		"  indented\r\n* star\n\tand more ": "indented\n* star and more",
	} {
		if got := prose(in); got != want {
			t.Errorf("prose(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestCut: nothing is lost, texts stay whole, and what cannot be broken is left too wide.
func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in          string
		room        int
		first, rest string
	}{
		{"short", 10, "short", ""},
		{"a && b && c", 7, "a &&", "b && c"},
		{`printf("a b c d e f") -> goto there`, 20, `printf("a b c d e f") ->`, "goto there"},
		{"x == 1 || y == 2", 10, "x == 1 ||", "y == 2"},
		{"unbreakable_and_long", 5, "unbreakable_and_long", ""},
		{"wört für wört", 9, "wört für", "wört"},
	} {
		first, rest := cut(tt.in, tt.room)
		if first != tt.first || rest != tt.rest {
			t.Errorf("cut(%q, %d) = %q, %q, want %q, %q", tt.in, tt.room, first, rest, tt.first, tt.rest)
		}
	}
}

// TestComment: whatever a specification says stays in its comment.
func TestComment(t *testing.T) {
	var out text
	out.comment(1, "ends */ here", "", strings.Repeat("word ", 40)+"end")
	got := out.String()
	if strings.Count(got, "*/") != 1 || strings.Count(got, "/*") != 1 || !strings.HasSuffix(got, "\t */\n") {
		t.Errorf("not one comment:\n%s", got)
	}
	for l := range strings.Lines(got) {
		if columns(strings.TrimSpace(l))+tab > width {
			t.Errorf("too wide: %s", l)
		}
	}
	if n := strings.Count(got, "word"); n != 40 {
		t.Errorf("%d words are left of 40:\n%s", n, got)
	}
}
