package lang

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// TestRandomLayouts writes single declarations with random white space and comments, now and then with
// a token lost, doubled or swapped. Unlike the fuzz targets it gets past the lexer nearly always.
func TestRandomLayouts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var chunks []chunk
	for _, name := range []string{"everything.rps", "remoteproc.rps", "remoteproc_wake_count.rps"} {
		m := mustParse(t, name, sources(t, "testdata/good/"+name)[name])
		chunks = append(chunks, cut(m.tokens)[1:]...)
	}
	rounds, parsed, broken := 1500, 0, 0
	if testing.Short() {
		rounds = 300
	}
	for range rounds {
		src := "module m\n" + randomText(rnd, chunks[rnd.IntN(len(chunks))])
		m, err := Parse("r.rps", []byte(src))
		var list diag.List
		switch {
		case err == nil && m.Name != nil:
			parsed++
			checkFormat(t, "r.rps", []byte(src))
		case errors.As(err, &list) && !goNames.MatchString(list.Error()):
			broken++
		default:
			t.Fatalf("%v for\n%s", err, src)
		}
	}
	if parsed < rounds/4 || broken < rounds/20 {
		t.Errorf("%d of %d texts parsed, %d did not: the test tests little", parsed, rounds, broken)
	}
}

func randomText(rnd *rand.Rand, c chunk) string {
	var words []string
	for _, t := range c.tokens {
		if t.kind != docToken && t.kind != commentToken {
			words = append(words, t.Value)
		}
	}
	if rnd.IntN(3) == 0 {
		words = mutate(rnd, words)
	}
	// Most texts have few of the rarer separators: what goes wrong goes wrong alone.
	seps := []string{" ", "\n", "\n\n\n", " // c\n", "\n// c\n", "\n\n\t// c\n\n", "; "}
	rare := 1 + rnd.IntN(40)
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w)
		if rnd.IntN(rare) == 0 {
			b.WriteString(seps[rnd.IntN(len(seps)-1)])
		} else if w == "}" && rnd.IntN(rare) == 0 {
			b.WriteString(seps[len(seps)-1])
		} else {
			b.WriteString(" ")
		}
	}
	return b.String()
}

func mutate(rnd *rand.Rand, words []string) []string {
	i, j := rnd.IntN(len(words)), rnd.IntN(len(words))
	switch rnd.IntN(3) {
	case 0:
		return append(words[:i:i], words[i+1:]...)
	case 1:
		return append(append(words[:i:i], words[j]), words[i:]...)
	}
	words[i], words[j] = words[j], words[i]
	return words
}
