package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/lang"
)

const fmtLong = `Format specs. Without a file the standard input is formatted to the standard output;
with files, and neither -w, -l nor -d, all of them are printed.

With -l and -d, a file that is not formatted is a finding, unless -w mends it.

`

// fmtMode says what becomes of formatted text.
type fmtMode struct{ write, list, diff bool }

func (a *app) fmtVerb() *cobra.Command {
	var mode fmtMode
	cmd := &cobra.Command{
		Use:   "fmt [-w] [-l] [-d] [FILE...]",
		Short: "Format specs",
		Long:  fmtLong + exitHelp,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.fmtStdin(mode)
			}
			for _, name := range args {
				if err := a.fmtFile(name, mode); err != nil {
					a.fail(err)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&mode.write, "write", "w", false, "write the result back to the file")
	cmd.Flags().BoolVarP(&mode.list, "list", "l", false, "list files that are not formatted")
	cmd.Flags().BoolVarP(&mode.diff, "diff", "d", false, "show what formatting would change")
	return cmd
}

func (a *app) fmtStdin(mode fmtMode) error {
	if mode.write {
		return errors.New("fmt: -w needs a file to write to; without it the result goes to standard output")
	}
	src, err := io.ReadAll(a.stdin)
	if err != nil {
		return because("<stdin>", err)
	}
	_, err = a.format("<stdin>", src, mode)
	return err
}

func (a *app) fmtFile(name string, mode fmtMode) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return because(name, err)
	}
	out, err := a.format(name, src, mode)
	if err != nil || !mode.write || bytes.Equal(src, out) {
		return err
	}
	return because(name, replace(name, out))
}

// format formats src, and lists, compares or prints the result as mode asks.
func (a *app) format(name string, src []byte, mode fmtMode) ([]byte, error) {
	m, err := lang.Parse(name, src)
	if err != nil {
		return nil, because(name, err)
	}
	out := lang.Format(m)
	same := bytes.Equal(src, out)
	if (mode.list || mode.diff) && !mode.write && !same {
		a.findings = true
	}
	if mode.list && !same {
		fmt.Fprintln(a.out, name)
	}
	if mode.diff {
		a.out.Write(diff.Diff(name+".orig", src, name, out))
	}
	if !mode.write && !mode.list && !mode.diff {
		a.out.Write(out)
	}
	return out, nil
}

// replace writes a file by way of a new one, so that a failure leaves the old one whole.
func replace(name string, data []byte) (err error) {
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return err
	}
	st, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".rprocspec-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(st.Mode().Perm()), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
