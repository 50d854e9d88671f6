// Package auth keeps the users, roles and permissions of one member, and says who may do what.
//
// It draws no salt: the caller brings what is random.
package auth
