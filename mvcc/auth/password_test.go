package auth

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"pgregory.net/rapid"
)

// TestHashPassword: the hash is the one that bcrypt makes with the same salt, and bcrypt knows the password again, and
// no other.
func TestHashPassword(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.SliceOfN(rapid.Byte(), 0, 72).Draw(t, "password")
		cost := rapid.IntRange(MinCost, MinCost+1).Draw(t, "cost")
		theirs, err := bcrypt.GenerateFromPassword(password, cost)
		if err != nil {
			t.Fatal(err)
		}
		var salt [SaltBytes]byte
		if _, err := alphabet.Decode(salt[:], theirs[7:29]); err != nil {
			t.Fatal(err)
		}
		ours, err := HashPassword(string(password), salt, cost)
		if err != nil || string(ours) != string(theirs) {
			t.Fatalf("the hash of %q is %s (%v), want %s", password, ours, err, theirs)
		}
		if !matches(ours, string(password)) || matches(ours, string(password)+"x") != (len(password) == 72) {
			t.Fatalf("%s is not taken for the hash of %q and of nothing else", ours, password)
		}
	})
}

func TestLongPassword(t *testing.T) {
	_, err := HashPassword(strings.Repeat("x", 73), [SaltBytes]byte{}, MinCost)
	if !errors.Is(err, bcrypt.ErrPasswordTooLong) {
		t.Errorf("73 bytes: %v", err)
	}
}
