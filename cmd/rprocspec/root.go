package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rprocspec/rprocspec/internal/spell"
)

const rootLong = `rprocspec validates what Linux kernels recorded of remote processors that crash
against a specification of the remoteproc core.

  rprocspec validate trace.txt      does this trace follow the shipped spec?
  rprocspec capture -- COMMAND      record this device while COMMAND runs, and judge it
  rprocspec specs                   which specs are shipped?
  rprocspec vet mine.rps            has this spec mistakes?
  rprocspec check mine.rps          is it right in every interleaving?
  rprocspec translate --to html remoteproc > page.html

`

// root makes the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:               "rprocspec",
		Short:             "Specifications of the remoteproc crash handler, and traces against them",
		Long:              rootLong + exitHelp,
		Args:              a.knownVerb,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(a.stderr)
			return errors.Join(cmd.Help(), errors.New("give a verb"))
		},
	}
	root.AddCommand(a.validateVerb(), a.checkVerb(), a.compareVerb(), a.diffVerb(), a.repairVerb(), a.fmtVerb(), a.vetVerb(), a.specsVerb(), a.probesVerb(), a.captureVerb(), a.watchVerb(), a.translateVerb(), a.versionVerb(), a.completionVerb())
	root.SetHelpCommand(a.helpVerb())
	root.SetFlagErrorFunc(flagError)
	return root
}

// knownVerb refuses what is no verb, and suggests one.
func (a *app) knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("unknown verb %q%s (rprocspec help lists the verbs)", args[0], meant(args[0], verbs(cmd)))
}

func verbs(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// meant gives "; did you mean …?" if something is close.
func meant(name string, candidates []string) string {
	if near := spell.Nearest(name, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// flagError words what pflag says, and suggests a flag for one that is unknown.
func flagError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf(" (%s --help lists the flags)", cmd.CommandPath())
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) < 2 {
		return fmt.Errorf("%w%s", err, help)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	given := "--" + unknown.GetSpecifiedName()
	return fmt.Errorf("unknown flag %q%s%s", given, meant(given, names), help)
}

// oneOf is a flag that takes one of a few words.
type oneOf struct {
	value string
	words []string
}

func (o *oneOf) String() string { return o.value }
func (o *oneOf) Type() string   { return strings.Join(o.words, "|") }

func (o *oneOf) Set(s string) error {
	for _, w := range o.words {
		if s == w {
			o.value = s
			return nil
		}
	}
	return fmt.Errorf("give one of %s%s", strings.Join(o.words, ", "), meant(s, o.words))
}

// wordFlag adds a oneOf flag, the first word being its default, with shell completion.
func wordFlag(cmd *cobra.Command, name, usage string, words ...string) *oneOf {
	o := &oneOf{value: words[0], words: words}
	cmd.Flags().Var(o, name, usage)
	complete(cmd, name, words)
	return o
}

// complete lets the shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was not declared: a mistake in this package
	}
}

func (a *app) helpVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Tell how to use a verb",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			verb, _, err := root.Find(args)
			if len(args) > 0 && (err != nil || verb == root) {
				return a.knownVerb(root, args)
			}
			verb.InitDefaultHelpFlag()
			return verb.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return verbs(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

const completionLong = `Print a script that teaches a shell to complete rprocspec's verbs, flags and specs.

  bash   source <(rprocspec completion bash)
  zsh    rprocspec completion zsh > "${fpath[1]}/_rprocspec"
  fish   rprocspec completion fish > ~/.config/fish/completions/rprocspec.fish
`

func (a *app) completionVerb() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "Print a completion script for a shell",
		Long:      completionLong,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("completion: give one shell: %s", strings.Join(shells, ", "))
			}
			return a.completion(cmd.Root(), args[0], shells)
		},
	}
}

func (a *app) completion(root *cobra.Command, shell string, shells []string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(a.out, true)
	case "zsh":
		return root.GenZshCompletion(a.out)
	case "fish":
		return root.GenFishCompletion(a.out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(a.out)
	}
	return fmt.Errorf("completion: unknown shell %q: give one of %s%s", shell, strings.Join(shells, ", "), meant(shell, shells))
}
