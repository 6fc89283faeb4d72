/// The files of a model on disk, checked as they are read.
package dev.lorikeet.store;
