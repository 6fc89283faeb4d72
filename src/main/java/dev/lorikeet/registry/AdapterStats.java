package dev.lorikeet.registry;

import java.util.SortedSet;

/// Numbers for monitoring.
///
/// @param swaps how often a name came to mean another version @param evictions from the device @param reloads back onto it
/// @param deviceBudget bytes that adapters may take there
/// @param running names that are loaded and ready @param waiting names that are on their way in
public record AdapterStats(long swaps, long evictions, long reloads, long deviceBytes, long hostBytes, long deviceBudget, SortedSet<String> running,
                           SortedSet<String> waiting) {}
