package cluster

// Asked is the client operations that one command began, by their numbers: one, or one for each member that was asked.
type Asked struct{ First, Last OpID }

// Asked says which operations a command began; the zero value is none.
func (e *Event) Asked() Asked {
	if e == nil || e.Kind != UserCommand || e.Op == 0 {
		return Asked{}
	}
	a := Asked{First: e.Op, Last: e.Op}
	switch e.Command.Kind {
	case Defrag, EndpointStatus, EndpointHashKV:
		a.First -= OpID(max(len(e.Command.Members), 1) - 1)
	}
	return a
}

// Answers lists the operations that somebody asked and that this moment still knows; all says that none of them waits.
func (v *View) Answers(a Asked) (ops []*Op, all bool) {
	all = true
	for _, o := range v.Ops {
		if o.ID >= a.First && o.ID <= a.Last {
			ops = append(ops, o)
			all = all && o.State != OpPending
		}
	}
	return ops, all
}
