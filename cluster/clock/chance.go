package clock

// Purpose says what a draw is for; two purposes never share luck.
type Purpose uint64

// The purposes of chance. Numbers are part of every recorded run: append, never renumber.
const (
	ForElection Purpose = iota + 1 // election timeouts
	ForLink                        // latency of one message
	ForLoss                        // whether a lossy link drops a message
	ForTear                        // which sectors of a torn write survive
	ForFsync                       // duration of an fsync
	ForClient                      // latency between client and member
	ForSalt                        // salt of a password
	ForToken                       // letters of a token
)

// Draw returns 64 evenly distributed bits for one use of chance: seed and purpose, who (a member, or a link's
// two ends in a and b) and the counter of that use.
func Draw(seed uint64, p Purpose, a, b, counter uint64) uint64 {
	h := mix(seed ^ 0x9e3779b97f4a7c15)
	h = mix(h ^ uint64(p)*0xbf58476d1ce4e5b9)
	h = mix(h ^ a*0x94d049bb133111eb)
	h = mix(h ^ b*0xd6e8feb86659fd93)
	return mix(h ^ counter*0xa0761d6478bd642f)
}

// Between maps a draw to lo <= x <= hi; hi below lo counts as lo.
func Between(draw uint64, lo, hi int64) int64 {
	if hi <= lo {
		return lo
	}
	return lo + int64(draw%uint64(hi-lo+1))
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
