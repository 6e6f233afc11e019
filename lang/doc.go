// Package lang is the specification language: its tree, its parser and its formatter.
//
// The tree is plain data. Nodes are made by Parse and never changed afterwards; what later stages
// learn about them stands in side tables (package check). The grammar itself is private.
//
// # Grammar
//
// One module per file. Newlines mean nothing, except that a // comment ends there; ";" may stand after
// a statement. A /// comment documents the declaration that follows it.
//
//	Module   = "module" name [ "extends" name ] { Decl }
//	Decl     = "subject" name
//	         | "enum" name [ "extends" ] "{" Member { "," Member } [ "," ] "}"
//	         | "const" name ":" Type "=" Expr
//	         | ( "feature" | "device" ) name ":" Type
//	         | "kernel" name "{" [ Binding { "," Binding } [ "," ] ] "}"
//	         | "var" name ":" Type [ "=" Expr ]
//	         | ( "mutex" | "spinlock" ) name
//	         | "wakeup" name [ "counted" ] [ "if" Expr ]
//	         | "work" name "runs" name
//	         | "transitions" name [ "extends" ] "{" { Edge [ "," ] } "}"
//	         | ( "process" | "procedure" ) name [ "(" [ Param { "," Param } ] ")" ] [ "->" "result" ]
//	           [ "begins" name ] [ "ends" name ] [ "unobserved" ] Block
//	         | [ "warning" ] "balance" name "held" "by" Names [ "unless" Expr ]
//	         | [ "warning" ] ( "invariant" | "property" | "deadline" ) name ":" Expr
//	         | "explore" "{" { Start | "spawn" name "*" number { "," name "*" number } } "}"
//	         | "scenario" name "{" { Start } { Line } { "expect" Outcome } "}"
//	         | "expect" [ name ] Outcome [ "in" ( name | "*" ) ]
//	         | "drop" name
//	         | "fix" Binding
//	Member   = name [ string ] [ "if" Expr ]
//	Binding  = name "=" Expr
//	Edge     = [ "warning" ] States ( "->" | "<->" ) States [ "if" Expr ]
//	States   = "any" | name { "|" name }
//	Param    = name ":" Type
//	Type     = name | Expr ".." Expr
//	Names    = name { "," name }
//	Start    = "start" Cond { "," Cond }
//	Cond     = Binding | name "in" Set
//	Line     = name ":" ( "continue" | name [ Args ] ) [ "until" name [ "=" Expr ] ]
//	           [ "choosing" Choice { "," Choice } ]
//	Choice   = name ( "fails" | "succeeds" )
//	Outcome  = "impossible" | ( "balanced" | "leak" ) name
//	         | ( "holds" | "violates" ) [ "balance" | "transitions" ] name
//
//	Block    = "{" { Stmt [ ";" ] } "}"
//	Else     = "else" ( Block | Stmt )
//	Stmt     = name ":=" Expr { "," name ":=" Expr }
//	         | [ name ":=" ] name Args [ Else ]
//	         | name ":" Stmt
//	         | "if" Expr Block [ "else" ( Block | If ) ]
//	         | "either" Block "or" Block { "or" Block }
//	         | "lock" name [ "interruptible" ] [ Else ]
//	         | ( "unlock" | "stay_awake" | "relax" | "queue" | "cancel" ) name
//	         | "await" Expr | "atomic" Block | "local" name ":" Type
//	         | "log" level ( string | "one" "of" string { "," string } )
//	         | "event" name [ "(" [ Field { "," Field } ] ")" ] | "spawn" name [ Args ]
//	         | "return" [ Expr ] | "fail" [ name ] | "skip"
//	Args     = "(" [ Expr { "," Expr } ] ")"
//	Field    = string | Expr
//
//	Expr     = one of, loosest first: p ~> q [ "within" duration ]; p => q (to the right); || ; && ;
//	           [] p and <> p; == != < <= > >= and x in Set (not chained); + - (to the left); !x -x
//	Primary  = number | "true" | "false" | name [ "." name ] | "cancel" name | "(" Expr ")"
//	Set      = "{" Expr { "," Expr } "}"
//
// A duration is a number with ns, us, ms or s. The words that begin a declaration or a statement, and
// else, or, in, true and false, are reserved; all others may serve as names.
package lang
