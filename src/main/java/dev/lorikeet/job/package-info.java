/// Fine-tuning jobs: what is wanted, where each one stands, their queue and their files. A job survives the end of the process.
package dev.lorikeet.job;
