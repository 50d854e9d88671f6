package cluster

// defragRun is a defragmentation between two steps.
type defragRun struct {
	done, total int // rows copied, and how many there are
	op          OpID
}
