package lang

type blockG struct {
	at
	Stmts []stmtG `parser:"'{' ( @@ ';'? )* '}'"`
}

// elseG is the way out of a statement that may fail.
type elseG struct {
	Block *blockG `parser:"'else' ( @@"`
	Stmt  stmtG   `parser:"       | @@ )"`
}

type argsG struct {
	List []Expr `parser:"'(' ( @@ ( ',' @@ )* )? ')'"`
}

type textG struct {
	at
	Text string `parser:"@String"`
}

type (
	ifG struct {
		at
		Cond Expr    `parser:"'if' @@"`
		Then *blockG `parser:"@@"`
		If   *ifG    `parser:"( 'else' ( @@"`
		Else *blockG `parser:"         | @@ ) )?"`
	}

	eitherG struct {
		at
		Branches []*blockG `parser:"'either' @@ ( 'or' @@ )+"`
	}

	lockG struct {
		at
		Mutex         *nameG `parser:"'lock' @@"`
		Interruptible bool   `parser:"@'interruptible'?"`
		Else          *elseG `parser:"@@?"`
	}

	// simpleG is a verb and what it acts on.
	simpleG struct {
		at
		Verb   string `parser:"@( 'unlock' | 'stay_awake' | 'relax' | 'queue' | 'cancel' )"`
		Object *nameG `parser:"@@"`
	}

	awaitG struct {
		at
		Cond Expr `parser:"'await' @@"`
	}

	logG struct {
		at
		Level string   `parser:"'log' @Ident"`
		OneOf []*textG `parser:"( 'one' 'of' @@ ( ',' @@ )*"`
		Text  *textG   `parser:"| @@ )"`
	}

	eventG struct {
		at
		Name *nameG    `parser:"'event' @@"`
		Args []*fieldG `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
	}

	fieldG struct {
		Text  *textG `parser:"@@"`
		Value Expr   `parser:"| @@"`
	}

	atomicG struct {
		at
		Body *blockG `parser:"'atomic' @@"`
	}

	// returnG and failG do not swallow the statement behind them: newlines mean nothing.
	returnG struct {
		at
		Word  string `parser:"@'return'"`
		Value Expr   `parser:"( (?! Ident ( ':=' | ':' | '(' ) | 'cancel' ) @@ )?"`
	}

	failG struct {
		at
		Word  string `parser:"@'fail'"`
		Errno *nameG `parser:"( (?! Ident ( ':=' | ':' | '(' ) ) @@ )?"`
	}

	skipG struct {
		at
		Word string `parser:"@'skip'"`
	}

	spawnG struct {
		at
		Process *nameG `parser:"'spawn' @@"`
		Args    *argsG `parser:"@@?"`
	}

	localG struct {
		at
		Name *nameG `parser:"'local' @@ ':'"`
		Type *typeG `parser:"@@"`
	}

	// namedG is every statement that begins with a name, in one rule: an error then lists all that may
	// follow the name.
	namedG struct {
		at
		Name  *nameG     `parser:"@@"`
		Rest  *assignG   `parser:"( ':=' @@"`
		Call  *callTailG `parser:"| @@"`
		Label stmtG      `parser:"| ':' @@ )"`
	}

	callTailG struct {
		Args *argsG `parser:"@@"`
		Else *elseG `parser:"@@?"`
	}

	// assignG is what may follow `parser:"x :="`.
	assignG struct {
		Func  *nameG     `parser:"( @@"`
		Call  *callTailG `parser:"  @@"`
		Value Expr       `parser:"| @@"`
		More  []*setG    `parser:"  ( ',' @@ )* )"`
	}

	setG struct {
		Name  *nameG `parser:"@@ ':='"`
		Value Expr   `parser:"@@"`
	}
)
