/// Fine-tuning jobs: what is wanted, where each one stands, their queue and their files, and how what they make becomes callable. A job
/// survives the end of the process.
package dev.lorikeet.job;
