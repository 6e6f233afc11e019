package itf_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// quint is a state as Quint's simulator writes it, and apalache one of Apalache, with integers of JSON.
const (
	quint = `{"#meta":{"format":"ITF","status":"ok"},"vars":["state","power","pc"],"states":[
{"#meta":{"index":0},"pc":{"#map":[["p_1","idle"],["w","idle"]]},"power":{"#bigint":"-1"},"state":{"tag":"RUNNING","value":{"#tup":[]}}}]}`
	apalache = `{"params":["N"],"vars":["x","seen"],"loop":1,"states":[
		{"N":3,"x":{"#set":[1,{"#bigint":"2"}]},"seen":[true]},
		{"x":{"#set":[]},"seen":[],"more":{"#unserializable":"Nat"}}]}`
)

func TestRead(t *testing.T) {
	got, err := itf.Read("q", []byte(quint))
	if err != nil {
		t.Fatal(err)
	}
	want := &itf.Trace{
		Meta: map[string]any{"format": "ITF", "status": "ok"}, Vars: []string{"state", "power", "pc"}, Loop: -1,
		States: []itf.State{{
			Line: 2, Meta: map[string]any{"index": json.Number("0")},
			Values: map[string]itf.Value{
				"pc":    itf.Map{{itf.String("p_1"), itf.String("idle")}, {itf.String("w"), itf.String("idle")}},
				"power": itf.Integer(-1),
				"state": itf.Record{"tag": itf.String("RUNNING"), "value": itf.Tuple{}},
			},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quint (-want +got):\n%s", diff)
	}
	if got, err = itf.Read("a", []byte(apalache)); err != nil {
		t.Fatal(err)
	}
	want = &itf.Trace{
		Params: []string{"N"}, Vars: []string{"x", "seen"}, Loop: 1,
		States: []itf.State{
			{Line: 2, Values: map[string]itf.Value{
				"N": itf.Int("3"), "x": itf.Set{itf.Int("1"), itf.Int("2")}, "seen": itf.List{itf.Bool(true)},
			}},
			{Line: 3, Values: map[string]itf.Value{"N": itf.Int("3"), "x": itf.Set{}, "seen": itf.List{}, "more": itf.Opaque("Nat")}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("apalache (-want +got):\n%s", diff)
	}
}

// TestErrors: what is wrong is told with its line and path.
func TestErrors(t *testing.T) {
	state := func(v string) string { return `{"vars":["x"],` + "\n" + `"states":[{"x":` + v + `}]}` }
	for _, tt := range []struct{ text, want string }{
		{``, `f:1: this is no JSON: the file is empty`},
		{"\n\n", `f:1: this is no JSON: the file is empty`},
		{`module m`, `f:1: this is no JSON: invalid character 'm'`},
		{"{\"vars\":[\"x\"],\n\"states\":[", `f:2: this is no JSON: the file ends in the middle`},
		{"{\"vars\":[\"x\"],\n\"states\":,", `f:2: this is no JSON: invalid character ','`},
		{`[]`, `f:1: $: this should be an object with vars and states`},
		{`{"states":[]}`, `f:1: $: vars is missing`},
		{`{"vars":[]}`, `f:1: $: states is missing`},
		{`{"vars":[],"states":[]}`, `f:1: $.states: there is no state`},
		{`{"vars":{},"states":[]}`, `f:1: $.vars: this should be a list of names`},
		{`{"vars":[1],"states":[]}`, `f:1: $.vars[0]: this should be a name`},
		{`{"vars":["a","a"],"states":[]}`, `f:1: $.vars[1]: a is listed twice`},
		{`{"vars":["#x"],"states":[]}`, `f:1: $.vars[0]: #x is no name`},
		{`{"vars":[],"vars":[],"states":[]}`, `f:1: $: vars stands here twice`},
		{`{"vars":[],"states":[1]}`, `f:1: $.states[0]: this should be a state`},
		{`{"vars":["x"],"states":[{"x":1},{}]}`, `f:1: $.states[1]: x has no value here`},
		{`{"params":["x"],"vars":[],"states":[{},{}]}`, `f:1: $.states[0]: x has no value here`},
		{`{"vars":["x"],"states":[{"x":1,"x":2}]}`, `f:1: $.states[0]: x stands here twice`},
		{`{"vars":[],"states":[{}],"loop":1}`, `f:1: $.loop: 1 is no state: there are 0 to 0`},
		{`{"vars":[],"states":[{}],"loop":-1}`, `f:1: $.loop: this should be the number of a state`},
		{`{"vars":[],"states":[{}],"loop":"0"}`, `f:1: $.loop: this should be the number of a state`},
		{`{"vars":[],"states":[{}],"#meta":1}`, `f:1: $.#meta: this should be an object`},
		{`{"vars":[],"states":[{}]} {}`, `f:1: $: something stands behind the behaviour`},
		{state(`null`), `f:2: $.states[0].x: null is no value of the format`},
		{state(`1.5`), `f:2: $.states[0].x: "1.5" is no integer`},
		{state(`1e3`), `f:2: $.states[0].x: "1e3" is no integer`},
		{state(`{"#bigint":"x"}`), `f:2: $.states[0].x.#bigint: "x" is no integer`},
		{state(`{"#bigint":"+1"}`), `f:2: $.states[0].x.#bigint: "+1" is no integer`},
		{state(`{"#bigint":""}`), `f:2: $.states[0].x.#bigint: "" is no integer`},
		{state(`{"#bigint":"` + strings.Repeat("1", 1001) + `"}`), `f:2: $.states[0].x.#bigint: "1111`},
		{state(`{"#bigint":1}`), `f:2: $.states[0].x.#bigint: this should be a string`},
		{state(`{"#set":1}`), `f:2: $.states[0].x.#set: this should be a list`},
		{state(`{"#set":[],"y":1}`), `f:2: $.states[0].x: a field that begins with # stands alone`},
		{state(`{"#sett":[]}`), `f:2: $.states[0].x.#sett: #sett is no word of the format`},
		{state(`{"#map":[[1,2],[3]]}`), `f:2: $.states[0].x.#map[1]: this should be a pair`},
		{state(strings.Repeat(`[`, 200) + strings.Repeat(`]`, 200)), `: values are nested deeper than 100`},
	} {
		_, err := itf.Read("f", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60s\n\tgives %v\n\twant  %s", tt.text, err, tt.want)
		}
	}
}

// slow reads a file by what encoding/json makes of it. It refuses nothing but what it cannot go on with.
func slow(text []byte) (t *itf.Trace, ok bool) {
	defer func() { ok = ok && recover() == nil }()
	var file struct {
		Params, Vars []string
		Loop         *int
		States       []map[string]any
	}
	if json.Unmarshal(text, &file) != nil || len(file.States) == 0 {
		return nil, false
	}
	t = &itf.Trace{Params: file.Params, Vars: file.Vars, Loop: -1}
	if file.Loop != nil {
		t.Loop = *file.Loop
	}
	for _, m := range file.States {
		s := itf.State{Values: map[string]itf.Value{}}
		for name, v := range m {
			if name != "#meta" {
				s.Values[name] = slowValue(v)
			}
		}
		t.States = append(t.States, s)
	}
	for _, s := range t.States {
		for _, p := range t.Params {
			if _, given := s.Values[p]; !given {
				s.Values[p] = t.States[0].Values[p]
			}
		}
	}
	return t, true
}

func slowValue(v any) itf.Value {
	list := func(v any) []itf.Value {
		all := []itf.Value{}
		for _, e := range v.([]any) {
			all = append(all, slowValue(e))
		}
		return all
	}
	switch x := v.(type) {
	case bool:
		return itf.Bool(x)
	case string:
		return itf.String(x)
	case float64:
		return itf.Int(fmt.Sprintf("%.0f", x))
	case []any:
		return itf.List(list(x))
	}
	m := v.(map[string]any)
	for name, v := range m {
		switch name {
		case "#bigint":
			return itf.Int(v.(string))
		case "#unserializable":
			return itf.Opaque(v.(string))
		case "#tup":
			return itf.Tuple(list(v))
		case "#set":
			return itf.Set(list(v))
		case "#map":
			pairs := itf.Map{}
			for _, p := range v.([]any) {
				pairs = append(pairs, [2]itf.Value{slowValue(p.([]any)[0]), slowValue(p.([]any)[1])})
			}
			return pairs
		}
	}
	rec := itf.Record{}
	for name, v := range m {
		rec[name] = slowValue(v)
	}
	return rec
}

// values forgets what slow does not read.
func values(t *itf.Trace) *itf.Trace {
	u := &itf.Trace{Params: append([]string(nil), t.Params...), Vars: append([]string(nil), t.Vars...), Loop: t.Loop}
	for _, s := range t.States {
		u.States = append(u.States, itf.State{Values: s.Values})
	}
	return u
}

// FuzzRead: no file makes the reader panic; what it reads is what the slow reader reads, and comes back when
// it is written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(quint))
	f.Add([]byte(apalache))
	f.Add([]byte(`{"vars":["x"],"states":[{"x":{"#map":[[{"#tup":[1]},{"a":"b"}]]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := itf.Read("f", text)
		if err != nil {
			return
		}
		again, err := got.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := itf.Read("f", again)
		if err != nil {
			t.Fatalf("%v in what was written:\n%s", err, again)
		}
		if diff := cmp.Diff(values(got), values(back)); diff != "" {
			t.Errorf("written and read again (-want +got):\n%s", diff)
		}
		if want, ok := slow(again); ok && plain(got) {
			if diff := cmp.Diff(values(want), values(back)); diff != "" {
				t.Errorf("the slow reader differs (-want +got):\n%s", diff)
			}
		}
	})
}

// plain tells whether the names of a file mean the same to encoding/json, which does not look at case.
func plain(t *itf.Trace) bool {
	for _, s := range t.States {
		for name := range s.Values {
			if name == "#meta" {
				return false
			}
		}
	}
	return len(t.Params) == len(slices.Compact(slices.Sorted(slices.Values(t.Params))))
}

// TestSlow: both readers agree on the examples.
func TestSlow(t *testing.T) {
	for _, text := range []string{quint, apalache} {
		got, err := itf.Read("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want, ok := slow([]byte(text))
		if !ok {
			t.Fatal("the slow reader gives up")
		}
		if diff := cmp.Diff(values(want), values(got)); diff != "" {
			t.Errorf("(-slow +reader):\n%s", diff)
		}
	}
}

// TestMarshal: all kinds of value, in the words of the format, with a line for every state.
func TestMarshal(t *testing.T) {
	tr := &itf.Trace{
		Meta: map[string]any{"source": "m"}, Vars: []string{"a"}, Loop: 0, Params: []string{"P"},
		States: []itf.State{{Meta: map[string]any{"index": 0}, Values: map[string]itf.Value{
			"P": itf.Bool(true),
			"a": itf.List{
				itf.Int("-7"), itf.String(`q"`),
				itf.Set{},
				itf.Tuple{itf.Bool(false)},
				itf.Map{{itf.Int("1"), itf.Opaque("Nat")}},
				itf.Record{"f": itf.List{}},
			},
		}}, {Values: map[string]itf.Value{"P": itf.Bool(true), "a": itf.Map{}}}},
	}
	got, err := tr.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"#meta":{"source":"m"},
"params":["P"],
"vars":["a"],
"loop":0,
"states":[
{"#meta":{"index":0},"P":true,"a":[{"#bigint":"-7"},"q\"",{"#set":[]},{"#tup":[false]},{"#map":[[{"#bigint":"1"},{"#unserializable":"Nat"}]]},{"f":[]}]},
{"P":true,"a":{"#map":[]}}
]}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := itf.Read("f", got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(values(tr), values(back)); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	tr.Meta["bad"] = func() {}
	if _, err := tr.Marshal(); err == nil {
		t.Error("a meta that is no JSON is written")
	}
}

func TestKind(t *testing.T) {
	got := map[string]string{}
	for _, v := range []itf.Value{itf.Bool(true), itf.String(""), itf.Int("0"), itf.List{}, itf.Tuple{}, itf.Set{}, itf.Map{}, itf.Record{}, itf.Opaque("")} {
		got[fmt.Sprintf("%T", v)] = itf.Kind(v)
	}
	if n := len(slices.Compact(slices.Sorted(maps.Values(got)))); n != 9 {
		t.Errorf("the kinds of 9 values have %d names: %v", n, got)
	}
}

func BenchmarkRead(b *testing.B) {
	text := []byte(quint[:strings.LastIndex(quint, "]}")] + strings.Repeat(","+quint[strings.LastIndex(quint, "\n{"):strings.LastIndex(quint, "]}")], 1000) + "]}")
	if _, err := itf.Read("b", text); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		itf.Read("b", text)
	}
}
