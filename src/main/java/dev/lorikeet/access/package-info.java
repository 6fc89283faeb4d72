/// Who may do what, and how much of it: keys, callers, limits. Nothing of HTTP.
package dev.lorikeet.access;
