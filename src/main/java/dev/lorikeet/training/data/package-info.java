/// What a model learns from: files of rows become token ids and labels, and a report says what was found in them.
package dev.lorikeet.training.data;
