package probes

// known is what is the same in every kernel that has this subject, so that it is right without its BTF, and
// where sysfs shows the subjects.
type known struct {
	class   string          // of sysfs, below /sys/class
	name    int             // pointers in front of the member `name` of the subject's struct
	args    map[string]Args // of functions whose first argument is not the subject
	members []string        // members that newer kernels find by name
	types   map[string]string
	state   string // variable that the file `state` of a subject shows
	wakeup  string // device constant that tells whether the parent device has a wakeup source
}

// subjects are the subjects of which something is known.
var subjects = map[string]known{
	"rproc": {
		class: "remoteproc",
		name:  3, // after a list_head and the iommu domain, since 2011
		args: map[string]Args{
			"rproc_auto_boot_callback": {Subject: 2, Name: "context"},
			"rproc_crash_handler_work": {Work: 1},
			"rproc_attach_work":        {Work: 1},
			"recovery_store":           {Device: 1},
		},
		members: []string{"state", "power"},
		types:   map[string]string{"state": "u32", "power": "s32", "power path": ".counter"},
		state:   "state",
		wakeup:  "has_wakeup",
	},
}
