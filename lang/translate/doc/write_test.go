package doc

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// builderOf gives a builder of a module that only declares names.
func builderOf(t *testing.T) *builder {
	t.Helper()
	m, err := lang.Parse("m.rps", []byte("module m\nenum E { OFF, low }\nvar e: E\nvar plain: E\nprocess rp_run { e := OFF }\nprocess q { rp_run() }\n"))
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(m, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	return &builder{document: &document{}, in: &Input{}, info: info, paths: map[string]string{}}
}

// TestInline checks which words are taken for code. Marks: <code>, [link], {address}.
func TestInline(t *testing.T) {
	b := builderOf(t)
	for in, want := range map[string]string{
		"the plain low word OFF":              "the plain low word [OFF]",
		"rp_run() and rp_run, but q":          "[rp_run()] and [rp_run], but q",
		"ops->stop of drivers/x/y.c, a.c (b)": "<ops->stop> of <drivers/x/y.c>, <a.c> (b)",
		"`a b` and `q`":                       "<a b> and [q]",
		"see https://e.org/a_b, or http://x":  "see {https://e.org/a_b}, or {http://x}",
		"5.4 to v6.0, e.g. and/or":            "5.4 to v6.0, e.g. and/or",
		"``` x":                               "``` x",
		"a \u202e b_c":                        `a \u202e <b_c>`,
	} {
		var got strings.Builder
		for _, s := range b.inline(in) {
			switch {
			case s.kind == web:
				got.WriteString("{" + s.text + "}")
			case s.kind == code && s.to != "":
				got.WriteString("[" + s.text + "]")
			case s.kind == code:
				got.WriteString("<" + s.text + ">")
			default:
				got.WriteString(s.text)
			}
		}
		if got.String() != want {
			t.Errorf("%q: got %q, want %q", in, got.String(), want)
		}
	}
}

func TestProse(t *testing.T) {
	var got []string
	for _, x := range builderOf(t).prose("a\nb\n\n- c\n  d\n* e\n\nf\n- g\r\n  h\n") {
		switch x := x.(type) {
		case para:
			got = append(got, "p "+x.text.String())
		case list:
			got = append(got, fmt.Sprint("l ", len(x.items), " ", x.items[0]))
		}
	}
	if diff := cmp.Diff([]string{"p a b", "l 2 c d", "p f", "l 1 g h"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestEscape: what means something to Markdown does not any more, and what means nothing is left alone.
func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"a_b a-b 3 < 4 > 2 #x 50%": `a_b a-b 3 \< 4 > 2 #x 50%`,
		"_a_ __b *c* ~~d~~":        `\_a\_ \_\_b \*c\* \~\~d\~\~`,
		"[x](y) ![z] `c` $d$":      "\\[x](y) !\\[z] \\`c\\` \\$d\\$",
		`\ & &amp; &#60; a&b`:      `\\ & \&amp; \&#60; a&b`,
	} {
		if got := escape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"- a": `\- a`, "+ a": `\+ a`, "# a": `\# a`, "#a": "#a", "1. a": `1\. a`, "12) a": `12\) a`, "1.5 a": "1.5 a",
		"> a": `\> a`, "---": `\---`, "===": `\===`, "-a": "-a", "| a": `\| a`, "~~~": `\~~~`,
	} {
		if got := guard(in); got != want {
			t.Errorf("at the beginning of a line %q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`a": "`` `a ``", "a  b": "`a b`"} {
		if got := codeSpan(in); got != want {
			t.Errorf("code %q: got %q, want %q", in, got, want)
		}
	}
}

var colourRule = regexp.MustCompile(`--(\w+): (#[0-9a-f]{6});`)

// TestContrast: text can be read on what lies behind it, by day and by night: the ratio is that of WCAG, level AA.
func TestContrast(t *testing.T) {
	day, night, _ := strings.Cut(style, "prefers-color-scheme: dark")
	for name, css := range map[string]string{"light": day, "dark": night[:strings.Index(night, "box-sizing")]} {
		c := map[string]float64{}
		for _, m := range colourRule.FindAllStringSubmatch(css, -1) {
			c[m[1]] = luminance(t, m[2])
		}
		for _, text := range []string{"fg", "soft", "link", "good", "bad", "key", "str"} {
			behind := []string{"bg", "panel"}
			if text == "fg" {
				behind = []string{"bg", "panel", "mark", "ins", "del", "t0", "t1", "t2"}
			}
			if text == "soft" || text == "link" {
				behind = []string{"bg", "panel", "t0", "t1", "t2"}
			}
			for _, b := range behind {
				hi, lo := max(c[text], c[b]), min(c[text], c[b])
				if ratio := (hi + 0.05) / (lo + 0.05); ratio < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, text, b, ratio)
				}
			}
		}
	}
}

func luminance(t *testing.T, colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.03928 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// TestKernelSource: file and function come from the comment, the folder from the head of a module.
func TestKernelSource(t *testing.T) {
	b := builderOf(t)
	b.kernelPaths("Source: drivers/x/core.c, sysfs.c and include/x.h, lib.S.\n")
	for doc, want := range map[string]string{
		"run(), core.c: called by all.":          "run() in drivers/x/core.c",
		"a_store(), sysfs.c, and b(), debugfs.c": "a_store() in drivers/x/sysfs.c, b() in debugfs.c",
		"Sleep of core.c, the only user.":        "drivers/x/core.c",
		"b() in x.h":                             "b() in include/x.h",
		"It has no source, e.g.":                 "",
	} {
		p := &check.Process{Name: "p", Decl: &lang.Process{Name: &lang.Ident{Name: "p"}}}
		p.Decl.Doc = doc
		if got := b.kernelSource(p).String(); got != want {
			t.Errorf("%q: got %q, want %q", doc, got, want)
		}
	}
}
