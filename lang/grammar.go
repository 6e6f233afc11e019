package lang

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The types ending in G are the grammar in participle's terms: the tags are its rules. Parse turns what
// they caught into the public tree; see convert.go.

// parser gives the parser, built once. The root repeats, so that with unlimited lookahead participle
// reports the error that lies deepest in the source.
var parser = sync.OnceValue(func() *participle.Parser[fileG] {
	return participle.MustBuild[fileG](
		participle.Lexer(lexing().def),
		participle.Elide("Space", "Comment"),
		participle.UseLookahead(participle.MaxLookahead),
		participle.ParseTypeWith(parseExpr),
		participle.Union[declG](
			&moduleG{}, &subjectG{}, &enumG{}, &constG{}, &featureG{}, &kernelG{}, &varG{}, &mutexG{},
			&wakeupG{}, &workG{}, &transitionsG{}, &processG{}, &balanceG{}, &propertyG{}, &exploreG{},
			&scenarioG{}, &expectG{}, &dropG{}, &fixG{},
		),
		participle.Union[stmtG](
			&ifG{}, &eitherG{}, &lockG{}, &simpleG{}, &awaitG{}, &logG{}, &eventG{}, &atomicG{},
			&returnG{}, &failG{}, &skipG{}, &spawnG{}, &localG{}, &namedG{},
		),
	)
})

// at is filled by participle: where a rule began to match and where the next raw token stands.
type at struct {
	Pos    lexer.Position
	EndPos lexer.Position
}

type fileG struct {
	Decls []declG `parser:"@@*"`
}

type nameG struct {
	at
	Text string `parser:"@Ident"`
}

type (
	moduleG struct {
		at
		Name    *nameG `parser:"'module' @@"`
		Extends *nameG `parser:"( 'extends' @@ )?"`
	}

	subjectG struct {
		at
		Name *nameG `parser:"'subject' @@"`
	}

	enumG struct {
		at
		Name    *nameG     `parser:"'enum' @@"`
		Extends bool       `parser:"@'extends'? '{'"`
		Members []*memberG `parser:"@@ ( ',' @@ )* ','? '}'"`
	}

	memberG struct {
		at
		Name *nameG `parser:"@@"`
		Text *textG `parser:"@@?"`
		If   Expr   `parser:"( 'if' @@ )?"`
	}

	constG struct {
		at
		Name  *nameG `parser:"'const' @@ ':'"`
		Type  *typeG `parser:"@@ '='"`
		Value Expr   `parser:"@@"`
	}

	featureG struct {
		at
		Word string `parser:"@( 'feature' | 'device' )"`
		Name *nameG `parser:"@@ ':'"`
		Type *typeG `parser:"@@"`
	}

	kernelG struct {
		at
		Name     *nameG      `parser:"'kernel' @@ '{'"`
		Bindings []*bindingG `parser:"( @@ ( ',' @@ )* ','? )? '}'"`
	}

	bindingG struct {
		at
		Name  *nameG `parser:"@@ '='"`
		Value Expr   `parser:"@@"`
	}

	varG struct {
		at
		Name *nameG `parser:"'var' @@ ':'"`
		Type *typeG `parser:"@@"`
		Init Expr   `parser:"( '=' @@ )?"`
	}

	mutexG struct {
		at
		Word string `parser:"@( 'mutex' | 'spinlock' )"`
		Name *nameG `parser:"@@"`
	}

	wakeupG struct {
		at
		Name    *nameG `parser:"'wakeup' @@"`
		Counted bool   `parser:"@'counted'?"`
		If      Expr   `parser:"( 'if' @@ )?"`
	}

	workG struct {
		at
		Name *nameG `parser:"'work' @@"`
		Runs *nameG `parser:"'runs' @@"`
	}

	transitionsG struct {
		at
		Var     *nameG   `parser:"'transitions' @@"`
		Extends bool     `parser:"@'extends'? '{'"`
		Edges   []*edgeG `parser:"( @@ ','? )* '}'"`
	}

	edgeG struct {
		at
		Warning bool   `parser:"@'warning'?"`
		From    *sideG `parser:"@@"`
		Arrow   string `parser:"@( '->' | '<->' )"`
		To      *sideG `parser:"@@"`
		If      Expr   `parser:"( 'if' @@ )?"`
	}

	sideG struct {
		Any   bool     `parser:"  @'any'"`
		Names []*nameG `parser:"| @@ ( '|' @@ )*"`
	}

	processG struct {
		at
		Word       string    `parser:"@( 'process' | 'procedure' )"`
		Name       *nameG    `parser:"@@"`
		Params     []*paramG `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
		Result     bool      `parser:"( @'->' 'result' )?"`
		Begins     *nameG    `parser:"( 'begins' @@ )?"`
		Ends       *nameG    `parser:"( 'ends' @@ )?"`
		Unobserved bool      `parser:"@'unobserved'?"`
		Body       *blockG   `parser:"@@"`
	}

	paramG struct {
		at
		Name *nameG `parser:"@@ ':'"`
		Type *typeG `parser:"@@"`
	}

	typeG struct {
		at
		Name *nameG `parser:"( @@ (?! '..' )"`
		Lo   Expr   `parser:"| @@"`
		Hi   Expr   `parser:"  '..' @@ )"`
	}

	balanceG struct {
		at
		Warning bool     `parser:"@'warning'?"`
		Wakeup  *nameG   `parser:"'balance' @@ 'held' 'by'"`
		Held    []*nameG `parser:"@@ ( ',' @@ )*"`
		Unless  Expr     `parser:"( 'unless' @@ )?"`
	}

	propertyG struct {
		at
		Warning bool   `parser:"@'warning'?"`
		Word    string `parser:"@( 'invariant' | 'property' | 'deadline' )"`
		Name    *nameG `parser:"@@ ':'"`
		Expr    Expr   `parser:"@@"`
	}

	exploreG struct {
		at
		Starts []*startG      `parser:"'explore' '{' ( @@"`
		Spawns []*spawnCountG `parser:"| 'spawn' @@ ( ',' @@ )* )* '}'"`
	}

	startG struct {
		at
		Conds []*condG `parser:"'start' @@ ( ',' @@ )*"`
	}

	condG struct {
		at
		Name  *nameG `parser:"@@"`
		Value Expr   `parser:"( '=' @@"`
		Set   []Expr `parser:"| 'in' '{' @@ ( ',' @@ )* '}' )"`
	}

	spawnCountG struct {
		at
		Process *nameG   `parser:"@@ '*'"`
		Count   *numberG `parser:"@@"`
	}

	numberG struct {
		at
		Text string `parser:"@Number"`
	}

	scenarioG struct {
		at
		Name   *nameG      `parser:"'scenario' @@ '{'"`
		Starts []*startG   `parser:"@@*"`
		Lines  []*lineG    `parser:"@@*"`
		Expect []*outcomeG `parser:"( 'expect' @@ )* '}'"`
	}

	lineG struct {
		at
		Thread   *threadG   `parser:"@@ ':'"`
		Continue bool       `parser:"( @'continue'"`
		Process  *nameG     `parser:"| @@"`
		Args     *argsG     `parser:"  @@? )"`
		Until    *untilG    `parser:"( 'until' @@ )?"`
		Choosing []*choiceG `parser:"( 'choosing' @@ ( ',' @@ )* )?"`
	}

	// threadG is a name that may also be a reserved word: nothing else stands before its colon.
	threadG struct {
		at
		Text string `parser:"@( Ident | Keyword )"`
	}

	untilG struct {
		at
		Name  *nameG `parser:"@@"`
		Value Expr   `parser:"( '=' @@ )?"`
	}

	choiceG struct {
		at
		Func *nameG `parser:"@@"`
		Word string `parser:"@( 'fails' | 'succeeds' )"`
	}

	outcomeG struct {
		at
		Word    string `parser:"  @'impossible'"`
		OfWake  string `parser:"| ( @( 'balanced' | 'leak' )"`
		Wakeup  *nameG `parser:"    @@ )"`
		OfName  string `parser:"| ( @( 'holds' | 'violates' )"`
		Section string `parser:"    @( 'balance' | 'transitions' )?"`
		Name    *nameG `parser:"    @@ )"`
	}

	expectG struct {
		at
		Scenario *nameG    `parser:"'expect' ( (?! 'balanced' | 'leak' | 'holds' | 'violates' | 'impossible' ) @@ )?"`
		Outcome  *outcomeG `parser:"@@"`
		In       *nameG    `parser:"( 'in' ( @@"`
		All      bool      `parser:"       | @'*' ) )?"`
	}

	dropG struct {
		at
		Name *nameG `parser:"'drop' @@"`
	}

	fixG struct {
		at
		Binding *bindingG `parser:"'fix' @@"`
	}
)
