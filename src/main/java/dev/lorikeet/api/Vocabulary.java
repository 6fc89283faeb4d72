package dev.lorikeet.api;

import java.util.List;

/// Token ids that a request names.
final class Vocabulary {
    private Vocabulary() {}

    static void check(int id, int size, String path) {
        if (id < 0 || id >= size) {
            throw ApiException.invalid(path,
                    "Token id " + id + " in '" + path + "' is outside the vocabulary, which has ids 0 to " + (size - 1) + ".");
        }
    }

    static void checkAll(int[] ids, int size, String path) {
        for (int i = 0; i < ids.length; i++) {
            check(ids[i], size, path + "[" + i + "]");
        }
    }

    static int[] ids(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    static List<Integer> list(int[] ids) {
        return java.util.Arrays.stream(ids).boxed().toList();
    }
}
