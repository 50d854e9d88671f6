package auth

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/blowfish" //nolint:staticcheck // bcrypt, which etcd's file has, is made of it
)

// SaltBytes is how many random bytes a hash needs.
const SaltBytes = 16

// The costs of hashes, from the cheapest to what a login takes on: one more takes twice as long.
const (
	MinCost = bcrypt.MinCost
	MaxCost = 14 // a second; bcrypt goes to 31, which are days, and a file may say so
)

// LongestPassword is how many bytes a password may have.
const LongestPassword = 72

// alphabet is bcrypt's own order of the characters of base64.
var alphabet = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").
	WithPadding(base64.NoPadding)

// HashPassword is the bcrypt hash of a password, as etcd keeps it. golang.org/x/crypto/bcrypt draws the salt itself;
// here it is given, so that a run is the same every time. The error is bcrypt's for a password that is too long.
func HashPassword(password string, salt [SaltBytes]byte, cost int) ([]byte, error) {
	if len(password) > LongestPassword {
		return nil, bcrypt.ErrPasswordTooLong
	}
	key := append([]byte(password), 0) // as the first program that did so, in C
	c, err := blowfish.NewSaltedCipher(key, salt[:])
	if err != nil {
		return nil, err
	}
	for range 1 << cost {
		blowfish.ExpandKey(key, c)
		blowfish.ExpandKey(salt[:], c)
	}
	text := []byte("OrpheanBeholderScryDoubt")
	for block := text; len(block) > 0; block = block[blowfish.BlockSize:] {
		for range 64 {
			c.Encrypt(block, block)
		}
	}
	const kept = 23 // the last byte is not
	salted := alphabet.EncodeToString(salt[:])
	return fmt.Appendf(nil, "$2a$%02d$%s%s", cost, salted, alphabet.EncodeToString(text[:kept])), nil
}

// matches says whether a hash is that of a password. One that is dearer than MaxCost matches none.
func matches(hash []byte, password string) bool {
	cost, err := bcrypt.Cost(hash)
	return err == nil && cost <= MaxCost && bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
}
