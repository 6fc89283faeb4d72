/// What monitoring reads: vLLM's metrics under vLLM's names, and the adapters' for the Gateway API Inference Extension. Listens to engines
/// and reads the numbers of catalog, registry and jobs; nothing below knows of it.
package dev.lorikeet.metrics;
