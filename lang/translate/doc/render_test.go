package doc_test

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
)

var (
	anyTag    = regexp.MustCompile(`<[^>]*>`)
	plainText = regexp.MustCompile(`\s+`)
)

// TestRenderer gives the text to a renderer of Markdown: what a reader sees is what the comments say, and nothing that
// they hold has become markup.
func TestRenderer(t *testing.T) {
	const npm = "../../../.ci/npm/node_modules"
	node := spectest.Tool(t, "node")
	if _, err := os.Stat(npm + "/marked"); err != nil {
		t.Skip("marked is not installed; .ci/run installs it with mermaid")
	}
	comments := []string{
		"<script>alert(1)</script> & &amp; &#60; <!-- x --> <b>y</b> ]]>",
		"*s* _u_ __v__ **w** ~~d~~ a_b_c _d e_ *f g*",
		"[l](javascript:x) [m][n] ![i](p.png) [o]: q <https://example.org/>",
		`a \ b \* c \\ d 'q' "r" | s | t $u$`,
		"# heading", "> quote", "1. first", "2) second", "+ plus", "=====", "---", "~~~", "| a | b |",
		"one ` backquote",
		strings.Repeat("words that wrap - and + and 1. and # and > ", 9) + "end",
	}
	in := specOf(t, "Turned on, and burning from then on.", strings.Join(comments, "\n///\n/// "))
	findings(in)
	file := filepath.Join(t.TempDir(), "lamp.md")
	if err := os.WriteFile(file, []byte(doc.Markdown(in)), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(node, "testdata/marked.mjs", npm, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	page := string(out)
	seen := plainText.ReplaceAllString(html.UnescapeString(anyTag.ReplaceAllString(page, "")), " ")
	for _, c := range comments {
		if !strings.Contains(seen, c) {
			t.Errorf("a reader does not see %q", c)
		}
	}
	for _, no := range []string{"<script", "<img", "<b>", "<del>", "<blockquote", "<ol", "javascript:x\"", "<strong"} {
		if strings.Contains(page, no) {
			t.Errorf("something became %s", no)
		}
	}
	for _, want := range []string{`<code class="language-mermaid">`, `<code class="language-rps">`, "<h3>switch_on</h3>", "<table>"} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s", want)
		}
	}
}
