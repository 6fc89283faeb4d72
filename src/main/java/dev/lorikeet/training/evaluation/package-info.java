/// How near a generated text comes to the expected one.
package dev.lorikeet.training.evaluation;
