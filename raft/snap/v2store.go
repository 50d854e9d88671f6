package snap

import (
	"maps"
	"slices"
	"strings"
)

// v2store is the store of etcd 2 as it is written to JSON, with the history that its watchers had.
type v2store struct {
	Root       *v2node
	WatcherHub struct {
		EventHistory struct {
			Queue      v2queue
			StartIndex uint64
			LastIndex  uint64
		}
	}
	CurrentIndex   uint64
	Stats          v2stats
	CurrentVersion int
}

// v2node is a directory (Children is not nil) or a key.
type v2node struct {
	Path          string
	CreatedIndex  uint64
	ModifiedIndex uint64
	ExpireTime    string
	Value         string
	Children      map[string]*v2node
}

// v2queue is the ring of the last events.
type v2queue struct {
	Events   [v2capacity]*v2event
	Size     int
	Front    int
	Back     int
	Capacity int
}

const v2capacity = 1000

type v2event struct {
	Action string `json:"action"`
	Node   v2kv   `json:"node"`
}

type v2kv struct {
	Key           string `json:"key"`
	Value         string `json:"value"`
	ModifiedIndex uint64 `json:"modifiedIndex"`
	CreatedIndex  uint64 `json:"createdIndex"`
}

// v2stats counts calls. Creates and sets are ours; the failed get is etcd's look whether the store is empty.
type v2stats struct {
	GetSuccess              uint64 `json:"getsSuccess"`
	GetFail                 uint64 `json:"getsFail"`
	SetSuccess              uint64 `json:"setsSuccess"`
	SetFail                 uint64 `json:"setsFail"`
	DeleteSuccess           uint64 `json:"deleteSuccess"`
	DeleteFail              uint64 `json:"deleteFail"`
	UpdateSuccess           uint64 `json:"updateSuccess"`
	UpdateFail              uint64 `json:"updateFail"`
	CreateSuccess           uint64 `json:"createSuccess"`
	CreateFail              uint64 `json:"createFail"`
	CompareAndSwapSuccess   uint64 `json:"compareAndSwapSuccess"`
	CompareAndSwapFail      uint64 `json:"compareAndSwapFail"`
	CompareAndDeleteSuccess uint64 `json:"compareAndDeleteSuccess"`
	CompareAndDeleteFail    uint64 `json:"compareAndDeleteFail"`
	ExpireCount             uint64 `json:"expireCount"`
	Watchers                uint64 `json:"watchers"`
}

func newStore() *v2store {
	s := &v2store{Root: newNode("/", 0), CurrentVersion: 2}
	s.Root.Children = map[string]*v2node{"0": newDir("/0", 0), "1": newDir("/1", 0)}
	s.WatcherHub.EventHistory.Queue.Capacity = v2capacity
	s.Stats.GetFail = 1
	return s
}

func newNode(path string, index uint64) *v2node {
	const never = "0001-01-01T00:00:00Z"
	return &v2node{Path: path, CreatedIndex: index, ModifiedIndex: index, ExpireTime: never}
}

func newDir(path string, index uint64) *v2node {
	n := newNode(path, index)
	n.Children = map[string]*v2node{}
	return n
}

// put writes one new key below /0, with the directories that it needs.
func (s *v2store) put(action, value string, path ...string) {
	s.CurrentIndex++
	dir := s.Root.Children["0"]
	for _, name := range path[:len(path)-1] {
		if dir.Children[name] == nil {
			dir.Children[name] = newDir(dir.Path+"/"+name, s.CurrentIndex)
		}
		dir = dir.Children[name]
	}
	n := newNode("/0/"+strings.Join(path, "/"), s.CurrentIndex)
	n.Value = value
	dir.Children[path[len(path)-1]] = n
	if action == "create" {
		s.Stats.CreateSuccess++
	} else {
		s.Stats.SetSuccess++
	}
	s.remember(&v2event{action, v2kv{n.Path, value, s.CurrentIndex, s.CurrentIndex}})
}

func (s *v2store) remember(e *v2event) {
	h := &s.WatcherHub.EventHistory
	q := &h.Queue
	q.Events[q.Back] = e
	q.Back = (q.Back + 1) % v2capacity
	if q.Size == v2capacity {
		q.Front = (q.Front + 1) % v2capacity
	} else {
		q.Size++
	}
	h.LastIndex, h.StartIndex = s.CurrentIndex, q.Events[q.Front].Node.ModifiedIndex
}

// child returns the child of a name; one that does not exist is empty.
func (n *v2node) child(name string) *v2node {
	if c := n.Children[name]; c != nil {
		return c
	}
	return &v2node{}
}

func (n *v2node) names() []string { return slices.Sorted(maps.Keys(n.Children)) }
