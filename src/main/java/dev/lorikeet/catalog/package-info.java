/// Which base models this server knows, which are resident, and their way from one state to the next.
package dev.lorikeet.catalog;
