package traces

import "testing"

func TestFormatError(t *testing.T) {
	for want, e := range map[string]FormatError{
		"f: looks like an empty file":                                        {File: "f", Looks: "an empty file"},
		"f:3:1: looks like raw output, which cannot be read: numbers; run x": {File: "f", Line: 3, Looks: "raw output", Why: "numbers", Hint: "run x"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
