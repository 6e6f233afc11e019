package doctest_test

import (
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/doctest"
)

// page is a page without mistakes; %s stands in its main part.
func page(inner string) string {
	return "<!DOCTYPE html>\n<html lang=\"en\"><head><title>t</title></head><body><nav><ul><li><a href=\"#a\">a</a></li></ul></nav>" +
		"<main id=\"a\"><header><h1>t</h1></header>" + inner + "</main></body></html>"
}

// TestHTML checks that every mistake is found, and nothing else.
func TestHTML(t *testing.T) {
	if m := doctest.HTML(page("<p>x &lt; <code>y</code></p>")); len(m) > 0 {
		t.Errorf("mistakes in a page without: %q", m)
	}
	for inner, want := range map[string]string{
		"<p>x":                                  "syntax error",
		"<p>&nbsp;</p>":                         "invalid character entity",
		"<p><p></p></p>":                        "<p> may not stand here",
		"<script>x</script>":                    "<script> may not stand here",
		"<p><a href=\"#b\">x</a></p>":           "a link to #b",
		"<p><a href=\"javascript:x\">x</a></p>": "a link to \"javascript:x\"",
		"<p id=\"a\">x</p>":                     "the id \"a\" is there 2 times",
		"<p onclick=\"x\">x</p>":                "an attribute onclick",
		"<div/>":                                "closed as HTML does not do it",
		"<section><h3>x</h3></section>":         "a heading of level 3 below one of level 1",
		"<p>\u202e</p>":                         "the character U+202E",
		"<!-- x -->":                            "a comment",
		"text":                                  "text where only",
		"<div><table><thead><tr><th>x</th></tr></thead></table></div>": "th lacks scope",
	} {
		if got := strings.Join(doctest.HTML(page(inner)), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", inner, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	good := "# A `b_c` (d)\n\n[x](#a-b_c-d) \\<b> `<i>`\n\n```\n<b>\n```\n\n| a | b |\n|---|---|\n| `x\\|y` | z |\n"
	if m := doctest.Markdown(good); len(m) > 0 {
		t.Errorf("mistakes in a text without: %q", m)
	}
	for text, want := range map[string]string{
		"```\nx":                     "not closed",
		"[x](#y)":                    "a link to #y",
		"a <b>":                      "markup",
		"| a | b |\n|---|\n":         "bars in a table",
		strings.Repeat("x", 101):     "101 columns",
		"# a\n# a\n[x](#a-2)\n":      "a link to #a-2",
		"[x](https://example.org/y)": "a link to https",
	} {
		if got := strings.Join(doctest.Markdown(text), "\n"); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
